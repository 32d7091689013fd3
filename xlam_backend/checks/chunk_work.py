"""The part of checking that needs no store: a chunk of trajectories in, tables of findings out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from xlam_backend.checks.base import Check
from xlam_backend.checks.engine import CheckEngine, CheckOutcome, compile_checks
from xlam_backend.domain.finding import Finding, NotChecked
from xlam_backend.domain.tool import Tool
from xlam_backend.processes import without_cycle_collection
from xlam_backend.store.finding_rows import finding_rows, not_checked_rows
from xlam_backend.store.findings import CheckVersion
from xlam_backend.store.stored_chunk import StoredChunk, decode_chunk

MAX_KNOWN_TOOLS = 50_000


class ChunkTask(msgspec.Struct, frozen=True):
    """A chunk for a worker. `run` names the run: within it a tool_no means the same tool."""

    run: str
    checks: tuple[Check, ...]
    default_means_optional: bool
    chunk: StoredChunk


class CheckedChunk(msgspec.Struct, frozen=True):
    """What the checks said about a chunk, as tables for the store."""

    version_nos: list[int]
    findings: pa.Table
    not_checked: pa.Table


class ChunkChecker:
    """Checks chunk after chunk of one run; keeps the engine and the tools it has seen."""

    def __init__(self) -> None:
        self._key: tuple[str, tuple[CheckVersion, ...]] = ("", ())
        self._engine: CheckEngine | None = None
        self._tools: dict[int, Tool] = {}

    def check(self, task: ChunkTask) -> CheckedChunk:
        """Check a chunk."""
        engine = self._engine_for(task)
        if len(self._tools) > MAX_KNOWN_TOOLS:
            self._tools.clear()
        stored = decode_chunk(task.chunk, self._tools)
        with without_cycle_collection():
            outcomes = [
                (each.version_no, engine.check_trajectory(each.trajectory, each.tool_nos)) for each in stored
            ]
        findings, not_checked = outcome_rows(outcomes)
        return CheckedChunk([each.version_no for each in stored], findings, not_checked)

    def _engine_for(self, task: ChunkTask) -> CheckEngine:
        key = (task.run, tuple(version_of(check) for check in task.checks))
        if self._engine is None or key != self._key:
            if self._key[0] != task.run:
                self._tools.clear()
            self._engine = compile_checks(task.checks, default_means_optional=task.default_means_optional)
            self._key = key
        return self._engine


_checker = ChunkChecker()


def check_in_worker(task: ChunkTask) -> CheckedChunk:
    """Check a chunk in a worker process, which does one thing at a time."""
    return _checker.check(task)


def version_of(check: Check) -> CheckVersion:
    """Return the name and version under which a check's findings are stored."""
    return CheckVersion(check.name, check.version)


def outcome_rows(outcomes: Sequence[tuple[int, CheckOutcome]]) -> tuple[pa.Table, pa.Table]:
    """Return the findings and the unanswered checks of many outcomes as tables."""
    findings: list[tuple[int, Finding]] = []
    not_checked: list[tuple[int, NotChecked]] = []
    for number, outcome in outcomes:
        findings += [(number, finding) for finding in outcome.findings]
        not_checked += [(number, reason) for reason in outcome.not_checked]
    return finding_rows(findings), not_checked_rows(not_checked)
