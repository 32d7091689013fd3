"""Which parts of which runs the store has taken in, and which store this is."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.store.connection import Cursor, Store, utc_timestamp


def read_store_id(store: Store) -> str:
    """Return what names this store among all others."""
    with store.cursor() as cursor:
        return str(cursor.execute("SELECT store_id FROM store_identity").fetchall()[0][0])


def read_taken_parts(store: Store, run_id: str) -> dict[str, int]:
    """Return the parts of a run that were taken in, each with its number of rows."""
    with store.cursor() as cursor:
        return taken_parts(cursor, run_id)


def taken_parts(cursor: Cursor, run_id: str) -> dict[str, int]:
    """Do the work of `read_taken_parts` inside a transaction that is open already."""
    rows = cursor.execute(
        "SELECT part, row_count FROM run_part WHERE run_id = ? ORDER BY part", [run_id]
    ).fetchall()
    return {part: int(count) for part, count in rows}


def mark_taken(cursor: Cursor, run_id: str, part: str, row_count: int, *, now: datetime) -> None:
    """Note that a part was taken in; inside the transaction of its rows."""
    cursor.execute("INSERT INTO run_part VALUES (?, ?, ?, ?)", [run_id, part, row_count, utc_timestamp(now)])
