"""Findings that have a fix: one by its number, and all current ones of a family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from xlam_backend.domain.finding import Finding, Fix
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import query_rows
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store

_COLUMNS = (
    "f.finding_no, f.version_no, f.family, f.check_name, f.check_version, f.level, f.code, f.message, "
    "f.step, f.call, f.tool, f.pointer, f.evidence, f.fix, f.no_fix_reason"
)


class FixableFinding(msgspec.Struct, frozen=True):
    """A finding with its number, its family and the version it is about."""

    finding_no: int
    version_no: int
    family: str
    finding: Finding


def read_finding(store: Store, finding_no: int) -> FixableFinding:
    """Return one finding, of whichever version, or raise NotFoundError."""
    found = next(
        _read(store, f"SELECT {_COLUMNS} FROM finding AS f WHERE f.finding_no = ?", [finding_no]), None
    )
    if found is None:
        raise NotFoundError(f"There is no finding {finding_no}.", "Open the trajectory again.")
    return found


def read_findings(store: Store, finding_nos: Sequence[int]) -> dict[int, FixableFinding]:
    """Return these findings, of whichever version, by number; one that is not there is left out."""
    if not finding_nos:
        return {}
    query = (
        f"SELECT {_COLUMNS} FROM finding AS f WHERE f.finding_no BETWEEN ? AND ? "
        "AND f.finding_no IN (SELECT unnest(?::BIGINT[]))"
    )
    values: list[int | str | list[int]] = [min(finding_nos), max(finding_nos), list(finding_nos)]
    return {found.finding_no: found for found in _read(store, query, values)}


def is_current_finding(store: Store, finding_no: int) -> bool:
    """Tell whether a finding is about a version that counts today, by a check of today."""
    with store.cursor() as cursor:
        found = cursor.execute("SELECT 1 FROM current_finding WHERE finding_no = ?", [finding_no]).fetchall()
    return bool(found)


def family_versions(store: Store, family: str) -> Integers:
    """Return the current versions that have a finding of this family, ascending."""
    with store.cursor() as cursor:
        rows = query_rows(
            cursor, "SELECT DISTINCT version_no FROM current_finding WHERE family = ?", [family]
        )
    return np.sort(np.asarray(rows["version_no"], np.int64))


def versions_offering(store: Store, tool_no: int) -> Integers:
    """Return the current versions that offer a tool, ascending."""
    with store.cursor() as cursor:
        rows = query_rows(
            cursor, "SELECT version_no FROM current_trajectory WHERE list_contains(tools, ?)", [tool_no]
        )
    return np.sort(np.asarray(rows["version_no"], np.int64))


def count_family_findings(store: Store, family: str) -> int:
    """Return how many findings a family has now."""
    with store.cursor() as cursor:
        found = cursor.execute("SELECT count(*) FROM current_finding WHERE family = ?", [family]).fetchall()
    return int(found[0][0])


def family_findings(
    store: Store, family: str, *, first_version: int, last_version: int
) -> dict[int, list[FixableFinding]]:
    """Return a family's current findings of a range of versions, by version."""
    by_version: dict[int, list[FixableFinding]] = {}
    query = f"SELECT {_COLUMNS} FROM current_finding AS f WHERE f.family = ? AND f.version_no BETWEEN ? AND ?"
    for found in _read(store, query, [family, first_version, last_version]):
        by_version.setdefault(found.version_no, []).append(found)
    return by_version


def _read(store: Store, query: str, values: Sequence[int | str | list[int]]) -> Iterator[FixableFinding]:
    with store.cursor() as cursor:
        rows = cursor.execute(f"{query} ORDER BY f.finding_no", list(values)).fetchall()
    for row in rows:
        number, version_no, family, *said, evidence, fix, reason = row
        check, version, level, code, message, step, call, tool, pointer = said
        yield FixableFinding(
            number,
            version_no,
            family,
            Finding(
                check,
                version,
                level,
                code,
                message,
                step=step,
                call=call,
                tool=tool,
                pointer=pointer,
                evidence=msgspec.json.decode(evidence),
                fix=msgspec.json.decode(fix, type=Fix) if fix else None,
                no_fix_reason=reason,
            ),
        )
