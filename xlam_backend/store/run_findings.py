"""Findings that follow from runs and from what people say about sources: brought to what holds now."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from xlam_backend.domain.finding import Finding
from xlam_backend.store.bulk import insert_rows, query_table
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.finding_rows import FINDING_SCHEMA, finding_rows
from xlam_backend.store.findings import CheckVersion

# What a finding says decides whether it is the same: one that still holds keeps its number.
_SAME = (
    "f.version_no = w.subject_no AND f.check_name = w.check_name AND f.check_version = w.check_version "
    "AND f.level = w.level AND f.message = w.message AND f.evidence = w.evidence"
)
_COLUMNS = (
    "check_name, check_version, level, code, step, call, tool, pointer, message, evidence, fix, "
    "no_fix_reason, family"
)
_TYPES = {pa.int64(): "BIGINT", pa.int32(): "INTEGER", pa.string(): "VARCHAR"}


class WantedFindings:
    """The findings a check is to have: put into a table of the transaction, then made to be all there are."""

    def __init__(self, cursor: Cursor, store: Store, check: CheckVersion) -> None:
        self._cursor, self._store, self._check = cursor, store, check
        columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in FINDING_SCHEMA)
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE wanted_finding ({columns})")

    def add(self, found: Iterable[tuple[int, Finding]]) -> None:
        """Add findings, each given with its version."""
        insert_rows(self._cursor, "INSERT INTO wanted_finding SELECT * FROM added", finding_rows(found))

    def add_to_many(self, found: Iterable[tuple[int, Finding]], versions: str) -> None:
        """Add findings, each given with a key, for the (key, version_no) that a query gives."""
        insert_rows(
            self._cursor,
            f"INSERT INTO wanted_finding SELECT v.version_no, {_COLUMNS} FROM ({versions}) AS v "
            "JOIN added AS a ON v.key = a.subject_no ORDER BY v.version_no",
            finding_rows(found),
        )

    def replace_all(self) -> int:
        """Make them all the findings there are of the check; returns how many are new."""
        cursor, check = self._cursor, self._check
        known = cursor.execute(
            "SELECT 1 FROM run_check WHERE check_name = ? AND check_version = ?", list(check)
        ).fetchall()
        if not known:
            cursor.execute("INSERT INTO run_check VALUES (?, ?)", list(check))
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE new_finding AS SELECT * FROM wanted_finding AS w "
            f"WHERE NOT EXISTS (SELECT 1 FROM finding AS f WHERE {_SAME})"
        )
        cursor.execute(
            "DELETE FROM finding AS f WHERE f.check_name = ? "
            f"AND NOT EXISTS (SELECT 1 FROM wanted_finding AS w WHERE {_SAME})",
            [check.name],
        )
        count = int(cursor.execute("SELECT count(*) FROM new_finding").fetchall()[0][0])
        first_no = self._store.numbers.reserve("finding", count)
        cursor.execute(
            "INSERT INTO finding SELECT ? + row_number() OVER (ORDER BY subject_no, message) - 1, "
            f"subject_no, {_COLUMNS} FROM new_finding ORDER BY subject_no, message",
            [first_no],
        )
        for table in ("wanted_finding", "new_finding"):
            cursor.execute(f"DROP TABLE {table}")
        return count


def carry_over_run_findings(cursor: Cursor, store: Store, versions: pa.Table) -> None:
    """Give new versions what such checks say of those they were made from (from_version_no, to_version_no).

    A fix changes calls: neither the licence nor what the user asked.
    """
    kept = query_table(
        cursor,
        f"SELECT asked.to_version_no AS subject_no, {_COLUMNS} FROM finding "
        "SEMI JOIN run_check USING (check_name, check_version) "
        "JOIN asked ON finding.version_no = asked.from_version_no ORDER BY ALL",
        asked=versions,
    )
    first_no = store.numbers.reserve("finding", len(kept))
    numbered = kept.append_column("finding_no", pa.array(np.arange(first_no, first_no + len(kept))))
    insert_rows(cursor, f"INSERT INTO finding SELECT finding_no, subject_no, {_COLUMNS} FROM added", numbered)
