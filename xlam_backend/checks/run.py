"""Checks what the store holds and has not been checked yet, chunk by chunk, on both cores if it pays."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
import numpy as np

from xlam_backend.access import require
from xlam_backend.checks import CHECKS
from xlam_backend.checks.base import Check
from xlam_backend.checks.chunk_work import (
    CheckedChunk,
    ChunkChecker,
    ChunkTask,
    check_in_worker,
    outcome_rows,
    version_of,
)
from xlam_backend.checks.engine import compile_checks
from xlam_backend.domain.person import Person
from xlam_backend.processes import map_in_processes
from xlam_backend.settings import default_means_optional
from xlam_backend.store.audit import write_audit
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.findings import (
    Pending,
    pending_tools,
    pending_versions,
    save_findings,
    save_tool_findings,
)
from xlam_backend.store.licences import sync_licence_findings
from xlam_backend.store.trajectories import iter_stored_chunks, read_tools

# Starting worker processes takes about as long as checking this many trajectories here.
WORTH_PROCESSES = 20_000
CHUNK_ROWS = 5_000
TOOL_ROWS = 5_000

_runs = itertools.count()


class CheckProgress(msgspec.Struct, frozen=True):
    """How far a run is, in versions of trajectories."""

    checked_count: int
    total_count: int
    finding_count: int
    seconds: float

    @property
    def done_share(self) -> float:
        """The share that is checked, 0..1."""
        return self.checked_count / self.total_count if self.total_count else 1.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at the pace so far; None before there is a pace."""
        if not self.checked_count or not self.seconds:
            return None
        return self.seconds * (self.total_count - self.checked_count) / self.checked_count


class CheckReport(msgspec.Struct, frozen=True):
    """What one run did. What was checked before by the same check versions is not counted.

    not_checked_count  pairs of trajectory (or tool) and check that gave no answer, each kept with its reason
    is_stopped         the run was asked to stop; what it wrote until then stays, the rest is still pending
    """

    version_count: int
    tool_count: int
    finding_count: int
    tool_finding_count: int
    not_checked_count: int
    seconds: float
    is_stopped: bool = False


def run_checks(
    store: Store,
    *,
    person: Person,
    now: datetime,
    checks: Sequence[Check] | None = None,
    processes: int | None = None,
    progress: Callable[[CheckProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> CheckReport:
    """Run the checks on every tool and current version that has not seen them in their present version.

    Args:
        store: what to check, and where the findings go, one transaction per chunk.
        person: who has it checked.
        now: the time to record.
        checks: the rules; all registered ones by default.
        processes: worker processes; 0 checks here, None decides by how much there is to do.
        progress: called after each chunk.
        should_stop: asked after each chunk; True ends the run and keeps what is written.

    Raises:
        AccessDeniedError: the person may not have it checked.
    """
    require(person, "check")
    run = _Run(store, tuple(CHECKS if checks is None else checks), progress, should_stop)
    run.note_start(person, now=now)
    return run.carry_out(processes)


def count_pending(store: Store) -> int:
    """Return how many current versions lack a check."""
    about_trajectories = [version_of(check) for check in CHECKS if check.scope != "tool"]
    return sum(len(group.numbers) for group in pending_versions(store, about_trajectories))


def note_licences(store: Store) -> None:
    """Bring the findings about licences to what came in."""
    with store.write() as cursor:
        sync_licence_findings(cursor, store)


class _Run:
    """One run: what it checks with, whom it tells how far it is, and what it has counted."""

    def __init__(
        self,
        store: Store,
        checks: tuple[Check, ...],
        progress: Callable[[CheckProgress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._store = store
        self._about_tools = {version_of(check): check for check in checks if check.scope == "tool"}
        self._about_trajectories = {version_of(check): check for check in checks if check.scope != "tool"}
        self._progress = progress
        self._should_stop = should_stop
        self._name = f"{os.getpid()}/{next(_runs)}"
        self._optional = default_means_optional()
        self._started = time.perf_counter()
        self._version_count = self._tool_count = 0
        self._finding_count = self._tool_finding_count = self._not_checked_count = 0
        self._is_stopped = False
        self._pending = pending_versions(store, list(self._about_trajectories))
        self._pending_tools = pending_tools(store, list(self._about_tools))
        self._total = sum(len(group.numbers) for group in self._pending)

    def note_start(self, person: Person, *, now: datetime) -> None:
        """Log who has it checked, if there is anything to check, before the first finding is written."""
        tool_count = sum(len(group.numbers) for group in self._pending_tools)
        if self._total or tool_count:
            with self._store.write() as cursor:
                subject = f"{self._total} trajectories, {tool_count} tools"
                detail = {"checks": len(self._about_tools) + len(self._about_trajectories)}
                write_audit(cursor, self._store, person, "check", subject, detail, now=now)

    def carry_out(self, processes: int | None) -> CheckReport:
        for group in self._pending_tools:
            self._check_tools(group)
        if processes is None:
            processes = (os.cpu_count() or 1) if self._total >= WORTH_PROCESSES else 0
        for group in self._pending:
            if not self._is_stopped:
                self._check_versions(group, processes)
        if self._version_count:
            note_licences(self._store)
        return CheckReport(
            self._version_count,
            self._tool_count,
            self._finding_count,
            self._tool_finding_count,
            self._not_checked_count,
            time.perf_counter() - self._started,
            self._is_stopped,
        )

    def _check_tools(self, group: Pending) -> None:
        engine = compile_checks(
            (self._about_tools[check] for check in group.checks), default_means_optional=self._optional
        )
        for numbers in _slices(group.numbers, TOOL_ROWS):
            outcomes = [
                (number, engine.check_tool(tool))
                for number, tool in read_tools(self._store, numbers.tolist()).items()
            ]
            findings, not_checked = outcome_rows(outcomes)
            save_tool_findings(self._store, group.checks, numbers, findings=findings, not_checked=not_checked)
            self._tool_count += len(numbers)
            self._tool_finding_count += len(findings)
            self._not_checked_count += len(not_checked)

    def _check_versions(self, group: Pending, processes: int) -> None:
        checks = tuple(self._about_trajectories[check] for check in group.checks)
        chunks = iter_stored_chunks(self._store, group.numbers, chunk_rows=CHUNK_ROWS)
        tasks = (ChunkTask(self._name, checks, self._optional, chunk) for chunk in chunks)
        results = map_in_processes(check_in_worker if processes else ChunkChecker().check, tasks, processes)
        try:
            for checked in results:
                save_findings(
                    self._store,
                    group.checks,
                    checked.version_nos,
                    findings=checked.findings,
                    not_checked=checked.not_checked,
                )
                self._count(checked)
                if self._should_stop is not None and self._should_stop():
                    self._is_stopped = True
                    break
        finally:
            results.close()

    def _count(self, checked: CheckedChunk) -> None:
        self._version_count += len(checked.version_nos)
        self._finding_count += len(checked.findings)
        self._not_checked_count += len(checked.not_checked)
        if self._progress is not None:
            seconds = time.perf_counter() - self._started
            self._progress(CheckProgress(self._version_count, self._total, self._finding_count, seconds))


def _slices(numbers: Integers, size: int) -> Iterator[Integers]:
    for start in range(0, len(numbers), size):
        yield np.asarray(numbers[start : start + size])
