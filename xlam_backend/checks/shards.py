"""Checking as files: what is to be checked, and what was said of it, for any process to map over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.checks import CHECKS
from xlam_backend.checks.base import Check
from xlam_backend.checks.chunk_work import ChunkChecker, ChunkTask, outcome_rows, version_of
from xlam_backend.checks.engine import compile_checks
from xlam_backend.domain.tool import Tool
from xlam_backend.errors import InputError
from xlam_backend.settings import default_means_optional
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.findings import (
    CheckVersion,
    Subject,
    pending_tools,
    pending_versions,
    standing_numbers,
    write_findings,
    write_tool_findings,
)
from xlam_backend.store.stored_chunk import StoredChunk
from xlam_backend.store.table_file import TableFile, read_tables, tables_to_bytes
from xlam_backend.store.trajectories import iter_stored_chunks, read_tool_table

SHARD_ROWS = 5_000


class ShardFacts(msgspec.Struct, frozen=True):
    """What a shard is about: which subjects, how many, and which checks they lack."""

    about: Subject
    count: int
    checks: tuple[CheckVersion, ...]
    default_means_optional: bool
    finding_count: int = 0
    not_checked_count: int = 0


class ShardTask(msgspec.Struct, frozen=True):
    """A shard for a worker; `run` names the run, within which a number means the same tool."""

    run: str
    path: Path


def write_shards(store: Store, folder: Path, checks: Sequence[Check]) -> int:
    """Write what these checks have not seen yet as files; returns how many trajectories that are."""
    about_tools = [version_of(check) for check in checks if check.scope == "tool"]
    about_versions = [version_of(check) for check in checks if check.scope != "tool"]
    optional = default_means_optional()
    number = total = 0
    for group in pending_tools(store, about_tools):
        for tool_nos in _slices(group.numbers):
            number += 1
            facts = ShardFacts("tools", len(tool_nos), group.checks, optional)
            _write(folder / f"tools-{number:06d}.arrow", [read_tool_table(store, tool_nos)], facts)
    for group in pending_versions(store, about_versions):
        for chunk in iter_stored_chunks(store, group.numbers, chunk_rows=SHARD_ROWS):
            number += 1
            facts = ShardFacts("versions", len(chunk.trajectories), group.checks, optional)
            _write(folder / f"versions-{number:06d}.arrow", [chunk.trajectories, chunk.tools], facts)
            total += facts.count
    return total


def check_shard(task: ShardTask) -> bytes:
    """Return what the checks say about a shard, as the file that `take_in_shard` reads; any process may.

    Raises:
        InputError: the checks have changed since the shard was written.
    """
    shard = read_tables(task.path)
    facts = msgspec.convert(shard.facts, ShardFacts)
    checks = _checks_of(facts)
    numbers, findings, not_checked = (
        _check_tools(shard, checks, facts)
        if facts.about == "tools"
        else _check_versions(shard, checks, facts, task.run)
    )
    said = msgspec.structs.replace(facts, finding_count=len(findings), not_checked_count=len(not_checked))
    tables = [pa.table({"number": pa.array(numbers, pa.int64())}), findings, not_checked]
    return tables_to_bytes(tables, _plain(said))


def take_in_shard(store: Store, cursor: Cursor, path: Path) -> int:
    """Write what the checks said about a shard, inside a transaction; returns how many findings.

    What was taken out of the store meanwhile is left out.
    """
    shard = read_tables(path)
    facts = msgspec.convert(shard.facts, ShardFacts)
    numbers, findings, not_checked = shard.tables
    standing = standing_numbers(cursor, numbers["number"].to_numpy(), facts.about)
    findings, not_checked = (_about(rows, standing) for rows in (findings, not_checked))
    if facts.about == "tools":
        write_tool_findings(cursor, facts.checks, standing, findings=findings, not_checked=not_checked)
    else:
        write_findings(cursor, store, facts.checks, standing, findings=findings, not_checked=not_checked)
    return len(findings)


_checker = ChunkChecker()


def _check_versions(
    shard: TableFile, checks: tuple[Check, ...], facts: ShardFacts, run: str
) -> tuple[list[int], pa.Table, pa.Table]:
    task = ChunkTask(run, checks, facts.default_means_optional, StoredChunk(*shard.tables))
    checked = _checker.check(task)
    return checked.version_nos, checked.findings, checked.not_checked


def _check_tools(
    shard: TableFile, checks: tuple[Check, ...], facts: ShardFacts
) -> tuple[list[int], pa.Table, pa.Table]:
    engine = compile_checks(checks, default_means_optional=facts.default_means_optional)
    numbers = shard.tables[0]["tool_no"].to_pylist()
    tools = (msgspec.json.decode(spec, type=Tool) for spec in shard.tables[0]["spec"].to_pylist())
    outcomes = [(number, engine.check_tool(tool)) for number, tool in zip(numbers, tools)]
    return (numbers, *outcome_rows(outcomes))


def _checks_of(facts: ShardFacts) -> tuple[Check, ...]:
    by_version = {version_of(check): check for check in CHECKS}
    missing = [check.name for check in facts.checks if check not in by_version]
    if missing:
        raise InputError(
            f"The checks were changed since this was prepared: {', '.join(missing)}.",
            "Repeat the run: it takes the checks as they are now.",
        )
    return tuple(by_version[check] for check in facts.checks)


def _write(path: Path, tables: list[pa.Table], facts: ShardFacts) -> None:
    path.write_bytes(tables_to_bytes(tables, _plain(facts)))


def _plain(facts: ShardFacts) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(facts)
    return plain


def _about(rows: pa.Table, numbers: Integers) -> pa.Table:
    return rows.filter(pa.array(np.isin(rows["subject_no"].to_numpy(), numbers)))


def _slices(numbers: Integers) -> Iterator[Integers]:
    for start in range(0, len(numbers), SHARD_ROWS):
        yield np.asarray(numbers[start : start + SHARD_ROWS])
