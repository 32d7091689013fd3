"""What was done with releases: frozen, put away. The releases themselves are folders."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from xlam_backend.store.connection import Cursor, Store

ReleaseAct = Literal["frozen", "archived"]


class ReleaseEvent(msgspec.Struct, frozen=True):
    """One thing that was done with a release."""

    release_id: str
    event: ReleaseAct
    name: str
    recipe_name: str
    recipe_version: int
    run_id: str
    row_count: int
    person: str
    note: str
    at_time: datetime


def write_release_event(cursor: Cursor, event: ReleaseEvent) -> None:
    """Note what was done with a release."""
    cursor.execute(
        "INSERT INTO release_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*msgspec.structs.astuple(event)]
    )


def read_release_events(store: Store, release_id: str) -> list[ReleaseEvent]:
    """Return what was done with a release, the first act first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT * FROM release_event WHERE release_id = ? ORDER BY at_time, event DESC", [release_id]
        ).fetchall()
    return [ReleaseEvent(*row) for row in rows]
