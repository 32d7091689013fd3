"""The events of leases, append-only: what a restarted desk knows from them who holds what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from xlam_backend.store.connection import Cursor

LeaseAct = Literal["taken", "released", "skipped"]


class LeaseEvent(NamedTuple):
    """What happened to a person's lease on an item."""

    item_no: int
    queue_no: int
    person: str
    lease: str
    event: LeaseAct
    at_time: datetime
    expires_at: datetime


def write_lease_events(cursor: Cursor, events: Sequence[LeaseEvent]) -> None:
    """Add events in their order."""
    if events:
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(events))
        cursor.execute(
            f"INSERT INTO lease_event VALUES {marks}", [value for event in events for value in event]
        )


def read_last_lease_events(cursor: Cursor, queue_no: int, now: datetime) -> list[LeaseEvent]:
    """Return for each item and person the last event, if it is a lease that runs or a skip; in order."""
    rows = cursor.execute(
        "SELECT item_no, queue_no, person, lease, event, at_time, expires_at FROM lease_event "
        "WHERE queue_no = ? QUALIFY row_number() OVER (PARTITION BY item_no, person ORDER BY rowid DESC) = 1 "
        "AND (event = 'skipped' OR (event = 'taken' AND expires_at > ?)) ORDER BY rowid",
        [queue_no, now],
    ).fetchall()
    return [LeaseEvent._make(row) for row in rows]


def count_lease_events(cursor: Cursor, queue_no: int) -> int:
    """Return how many events a queue has had: no lease made after that many is like one before."""
    rows = cursor.execute("SELECT count(*) FROM lease_event WHERE queue_no = ?", [queue_no]).fetchall()
    return int(rows[0][0])
