"""Published tables of the leaderboard: written once, listed, removed and put back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import pyarrow as pa

from xlam_backend.domain.published import PublishedRow, PublishedTable
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.columns import json_column
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_TABLE_COLUMNS = ", ".join(PublishedTable.__struct_fields__)
_ROW_FIELDS: tuple[str, ...] = PublishedRow.__struct_fields__


def write_published(cursor: Cursor, store: Store, table: PublishedTable, rows: Sequence[PublishedRow]) -> int:
    """Write a table with its rows under a new number, inside a transaction that is open already."""
    number = store.numbers.reserve("published_table")
    values = msgspec.structs.asdict(table) | {
        "table_no": number,
        "faults": msgspec.json.encode(table.faults).decode(),
        "read_at": utc_timestamp(table.read_at),
    }
    marks = ", ".join("?" for _ in values)
    cursor.execute(f"INSERT INTO published_table ({_TABLE_COLUMNS}) VALUES ({marks})", list(values.values()))
    columns: dict[str, Any] = {name: [getattr(row, name) for row in rows] for name in _ROW_FIELDS}
    columns |= {"table_no": [number] * len(rows), "scores": json_column(columns["scores"])}
    names = ", ".join(_ROW_FIELDS)
    added = pa.table(columns)
    insert_rows(cursor, f"INSERT INTO published_row ({names}) SELECT {names} FROM added", added)
    return number


def write_published_change(
    cursor: Cursor,
    store: Store,
    table_no: int,
    change: Literal["removed", "put back"],
    *,
    person: str,
    now: datetime,
) -> None:
    """Note that a table was removed or put back."""
    number = store.numbers.reserve("published_change")
    cursor.execute(
        "INSERT INTO published_change VALUES (?, ?, ?, ?, ?)",
        [number, table_no, change, person, utc_timestamp(now)],
    )


def list_published_tables(store: Store, *, removed: bool = False) -> list[PublishedTable]:
    """Return the tables that were read in, in order; with `removed`, those that were removed instead."""
    source = (
        "published_table ANTI JOIN current_published_table USING (table_no)"
        if removed
        else "current_published_table"
    )
    with store.cursor() as cursor:
        rows = cursor.execute(f"SELECT {_TABLE_COLUMNS} FROM {source} ORDER BY table_no").fetchall()
    return [_table(row) for row in rows]


def read_published_table(store: Store, table_no: int) -> PublishedTable:
    """Return one table, also where it was removed.

    Raises:
        NotFoundError: there is none of this number.
    """
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_TABLE_COLUMNS} FROM published_table WHERE table_no = ?", [table_no]
        ).fetchall()
    if not rows:
        raise NotFoundError(
            f"No published table has the number {table_no}.", "The Leaderboard page lists what was read in."
        )
    return _table(rows[0])


def read_published_rows(store: Store, version: str) -> list[PublishedRow]:
    """Return the rows of every table of a version that was not removed, in the order of their tables."""
    names = ", ".join(f"r.{name}" for name in _ROW_FIELDS)
    query = f"""
        SELECT {names} FROM published_row AS r JOIN current_published_table AS t USING (table_no)
        WHERE t.version = ? ORDER BY table_no, line
    """
    with store.cursor() as cursor:
        found = cursor.execute(query, [version]).fetchall()
    rows = (dict(zip(_ROW_FIELDS, row, strict=True)) for row in found)
    return [
        msgspec.convert(row | {"scores": msgspec.json.decode(row["scores"])}, PublishedRow) for row in rows
    ]


def _table(row: tuple[Any, ...]) -> PublishedTable:
    values = dict(zip(PublishedTable.__struct_fields__, row, strict=True))
    return msgspec.convert(values | {"faults": msgspec.json.decode(values["faults"])}, PublishedTable)
