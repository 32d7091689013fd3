"""What is still to be checked, and writing what the checks said: append-only, idempotent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from xlam_backend.store.bulk import insert_rows, query_rows
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store

Subject = Literal["versions", "tools"]


class CheckVersion(NamedTuple):
    """A check as it is today; findings are kept per version of their check."""

    name: str
    version: int


class Pending(NamedTuple):
    """Versions (or tools), by number and ascending, that all lack the same checks."""

    checks: tuple[CheckVersion, ...]
    numbers: Integers


def pending_versions(store: Store, checks: Sequence[CheckVersion]) -> list[Pending]:
    """Return which current versions lack which of these checks, grouped by what they lack."""
    with store.cursor() as cursor:
        # One bit per check: what a set of checks covered, and with it each version.
        masks = {number: _mask(covered, checks) for number, covered in _check_sets(cursor).items()}
        sets = pa.table({"check_set_no": list(masks), "mask": pa.array(list(masks.values()), pa.int64())})
        rows = query_rows(
            cursor,
            "SELECT version_no AS number, coalesce(covered.mask, 0) AS mask FROM current_trajectory "
            "LEFT JOIN (SELECT version_no, bit_or(asked.mask) AS mask FROM checked "
            "JOIN asked USING (check_set_no) GROUP BY version_no) AS covered USING (version_no) "
            "WHERE coalesce(covered.mask, 0) <> ?",
            [_mask(frozenset(checks), checks)],
            asked=sets,
        )
    return _group_by_missing(rows["number"], rows["mask"], checks)


def pending_tools(store: Store, checks: Sequence[CheckVersion]) -> list[Pending]:
    """Return which tools lack which of these checks (those about tools themselves)."""
    bits = {
        "check_name": [check.name for check in checks],
        "check_version": pa.array([check.version for check in checks], pa.int32()),
        "mask": pa.array([1 << place for place in range(len(checks))], pa.int64()),
    }
    with store.cursor() as cursor:
        rows = query_rows(
            cursor,
            "SELECT tool_no AS number, coalesce(covered.mask, 0) AS mask FROM tool LEFT JOIN ("
            "SELECT tool_no, bit_or(asked.mask) AS mask FROM tool_checked "
            "JOIN asked USING (check_name, check_version) GROUP BY tool_no) AS covered USING (tool_no) "
            "WHERE coalesce(covered.mask, 0) <> ?",
            [_mask(frozenset(checks), checks)],
            asked=pa.table(bits),
        )
    return _group_by_missing(rows["number"], rows["mask"], checks)


def save_findings(
    store: Store,
    checks: Sequence[CheckVersion],
    version_nos: Sequence[int] | Integers,
    *,
    findings: pa.Table,
    not_checked: pa.Table,
) -> None:
    """Write what these checks said about these versions, in one transaction.

    `findings` and `not_checked` are tables from finding_rows.py. What was written before (the same
    chunk after a crash, or by a second run) is not written again.
    """
    with store.write() as cursor:
        write_findings(cursor, store, checks, version_nos, findings=findings, not_checked=not_checked)


def write_findings(
    cursor: Cursor,
    store: Store,
    checks: Sequence[CheckVersion],
    version_nos: Sequence[int] | Integers,
    *,
    findings: pa.Table,
    not_checked: pa.Table,
) -> None:
    """Do the work of `save_findings` inside a transaction that is open already."""
    numbers = np.unique(np.asarray(version_nos, np.int64))
    if not len(numbers) or not checks:
        return
    sets = _check_sets(cursor)
    covered = _covered_pairs(cursor, numbers, checks, sets)
    check_set_no = _find_check_set(cursor, store, checks, sets)
    insert_rows(
        cursor,
        "INSERT INTO checked SELECT ?, version_no FROM added "
        "ANTI JOIN (SELECT version_no FROM checked WHERE check_set_no = ? AND version_no BETWEEN ? AND ?) "
        "USING (version_no)",
        pa.table({"version_no": numbers}),
        [check_set_no, check_set_no, int(numbers[0]), int(numbers[-1])],
    )
    _write_finding_rows(cursor, store, _without(findings, covered))
    insert_rows(
        cursor,
        "INSERT INTO not_checked SELECT subject_no, check_name, check_version, reason FROM added",
        _without(not_checked, covered),
    )


def save_tool_findings(
    store: Store,
    checks: Sequence[CheckVersion],
    tool_nos: Sequence[int] | Integers,
    *,
    findings: pa.Table,
    not_checked: pa.Table,
) -> None:
    """Write what these checks said about these tools, in one transaction; nothing is written twice."""
    with store.write() as cursor:
        write_tool_findings(cursor, checks, tool_nos, findings=findings, not_checked=not_checked)


def write_tool_findings(
    cursor: Cursor,
    checks: Sequence[CheckVersion],
    tool_nos: Sequence[int] | Integers,
    *,
    findings: pa.Table,
    not_checked: pa.Table,
) -> None:
    """Do the work of `save_tool_findings` inside a transaction that is open already."""
    numbers = np.unique(np.asarray(tool_nos, np.int32))
    for check in checks:
        _write_tool_check(cursor, check, numbers, findings=findings, not_checked=not_checked)


def forget_check(cursor: Cursor, check_name: str) -> int:
    """Take back what a check said of trajectories, so that it looks at all again; returns the findings gone.

    For a check whose rules stand in a file that people replace; verdicts about its findings stay.
    """
    count = cursor.execute("SELECT count(*) FROM finding WHERE check_name = ?", [check_name]).fetchall()
    for table in ("finding", "not_checked", "check_set"):
        cursor.execute(f"DELETE FROM {table} WHERE check_name = ?", [check_name])
    return int(count[0][0])


def standing_numbers(cursor: Cursor, numbers: Integers, about: Subject) -> Integers:
    """Return which of these versions (or tools) the store still holds, ascending."""
    found = query_rows(
        cursor,
        "SELECT version_no AS number FROM trajectory SEMI JOIN asked ON version_no = number"
        if about == "versions"
        else "SELECT tool_no AS number FROM tool SEMI JOIN asked ON tool_no = number",
        asked=pa.table({"number": numbers}),
    )
    return np.sort(found["number"])


def _write_tool_check(
    cursor: Cursor, check: CheckVersion, tool_nos: Integers, *, findings: pa.Table, not_checked: pa.Table
) -> None:
    of_check = "WHERE check_name = ? AND check_version = ?"
    values: list[int | str] = [check.name, check.version]
    done = query_rows(
        cursor,
        f"SELECT tool_no FROM tool_checked SEMI JOIN asked USING (tool_no) {of_check}",
        values,
        asked=pa.table({"tool_no": tool_nos}),
    )["tool_no"]
    new = np.setdiff1d(tool_nos, done)
    insert_rows(
        cursor, "INSERT INTO tool_checked SELECT tool_no, ?, ? FROM added", pa.table({"tool_no": new}), values
    )
    insert_rows(
        cursor,
        "INSERT INTO tool_finding SELECT subject_no, check_name, check_version, level, code, pointer, "
        f"message, evidence, no_fix_reason FROM added {of_check}",
        _about(findings, new),
        values,
    )
    insert_rows(
        cursor,
        "INSERT INTO tool_not_checked SELECT subject_no, check_name, check_version, reason "
        f"FROM added {of_check}",
        _about(not_checked, new),
        values,
    )


def _about(rows: pa.Table, numbers: Integers) -> pa.Table:
    return rows.filter(pa.array(np.isin(rows["subject_no"].to_numpy(), numbers)))


def _mask(covered: frozenset[CheckVersion], checks: Sequence[CheckVersion]) -> int:
    return sum(1 << place for place, check in enumerate(checks) if check in covered)


def _group_by_missing(numbers: Integers, masks: Integers, checks: Sequence[CheckVersion]) -> list[Pending]:
    pending = []
    for mask in np.unique(masks).tolist():
        missing = tuple(check for place, check in enumerate(checks) if not mask >> place & 1)
        pending.append(Pending(missing, np.sort(numbers[masks == mask])))
    return pending


def _check_sets(cursor: Cursor) -> dict[int, frozenset[CheckVersion]]:
    rows = cursor.execute("SELECT check_set_no, check_name, check_version FROM check_set").fetchall()
    sets: dict[int, set[CheckVersion]] = {}
    for number, name, version in rows:
        sets.setdefault(number, set()).add(CheckVersion(name, version))
    return {number: frozenset(covered) for number, covered in sets.items()}


def _find_check_set(
    cursor: Cursor,
    store: Store,
    checks: Sequence[CheckVersion],
    sets: dict[int, frozenset[CheckVersion]],
) -> int:
    wanted = frozenset(checks)
    for number, covered in sets.items():
        if covered == wanted:
            return number
    number = store.numbers.reserve("check_set")
    cursor.executemany(
        "INSERT INTO check_set VALUES (?, ?, ?)", [[number, check.name, check.version] for check in wanted]
    )
    return number


def _covered_pairs(
    cursor: Cursor,
    numbers: Integers,
    checks: Sequence[CheckVersion],
    sets: dict[int, frozenset[CheckVersion]],
) -> list[tuple[CheckVersion, Integers]]:
    """Return which of these versions had which of these checks before: none, unless work is repeated."""
    found = query_rows(
        cursor,
        "SELECT check_set_no, version_no FROM checked SEMI JOIN asked USING (version_no) "
        "WHERE version_no BETWEEN ? AND ?",
        [int(numbers[0]), int(numbers[-1])],
        asked=pa.table({"version_no": numbers}),
    )
    return [
        (check, found["version_no"][found["check_set_no"] == check_set_no])
        for check_set_no in np.unique(found["check_set_no"]).tolist()
        for check in sets[check_set_no] & frozenset(checks)
    ]


def _without(rows: pa.Table, covered: Sequence[tuple[CheckVersion, Integers]]) -> pa.Table:
    for check, numbers in covered:
        is_repeated = (
            np.isin(rows["subject_no"].to_numpy(), numbers)
            & np.equal(rows["check_name"].to_numpy(zero_copy_only=False), check.name)
            & (rows["check_version"].to_numpy() == check.version)
        )
        rows = rows.filter(pa.array(~is_repeated))
    return rows


def _write_finding_rows(cursor: Cursor, store: Store, rows: pa.Table) -> None:
    first_no = store.numbers.reserve("finding", len(rows))
    numbered = rows.append_column("finding_no", pa.array(np.arange(first_no, first_no + len(rows))))
    insert_rows(
        cursor,
        "INSERT INTO finding SELECT finding_no, subject_no, check_name, check_version, level, code, step, "
        "call, tool, pointer, message, evidence, fix, no_fix_reason, family FROM added",
        numbered,
    )
