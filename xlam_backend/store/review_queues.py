"""Queues as they were planned, and what happened to them since."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from xlam_backend.domain.review import STATE_AFTER, QueueAct, QueuePlan, QueueState
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store, utc_timestamp


class QueueRecord(NamedTuple):
    """A queue: its plan, its state, and where its items stand (numbers in a row from `first_item_no`)."""

    queue_no: int
    plan: QueuePlan
    state: QueueState
    created_by: str
    created_at: datetime
    first_item_no: int
    item_count: int


_QUEUES = """
SELECT q.queue_no, q.plan, e.event, q.created_by, q.created_at, i.first_item_no, i.item_count
FROM queue AS q
JOIN (
    SELECT queue_no, min(item_no) AS first_item_no, count(*) AS item_count FROM review_item
    WHERE {condition} GROUP BY queue_no
) AS i USING (queue_no)
LEFT JOIN (SELECT queue_no, last(event ORDER BY rowid) AS event FROM queue_event GROUP BY queue_no) AS e
    USING (queue_no)
ORDER BY q.queue_no
"""


def write_queue(cursor: Cursor, queue_no: int, plan: QueuePlan, *, person: str, now: datetime) -> None:
    """Add a queue; its items are written in the same transaction."""
    cursor.execute(
        "INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?)",
        [
            queue_no,
            plan.name,
            plan.kind,
            msgspec.json.encode(plan).decode(),
            person,
            utc_timestamp(now),
        ],
    )


def write_queue_event(cursor: Cursor, queue_no: int, event: QueueAct, *, person: str, now: datetime) -> None:
    """Add what a person did to a queue."""
    cursor.execute(
        "INSERT INTO queue_event VALUES (?, ?, ?, ?)", [queue_no, event, person, utc_timestamp(now)]
    )


def read_queues(store: Store) -> list[QueueRecord]:
    """Return every queue, the oldest first."""
    return _read(store, "true", [])


def read_queue(store: Store, queue_no: int) -> QueueRecord:
    """Return one queue, or raise NotFoundError."""
    found = _read(store, "queue_no = ?", [queue_no])
    if not found:
        raise _unknown_queue(queue_no)
    return found[0]


def read_plan(store: Store, queue_no: int) -> QueuePlan:
    """Return the plan of a queue alone, without a look at its items; NotFoundError for an unknown one."""
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT plan FROM queue WHERE queue_no = ?", [queue_no]).fetchall()
    if not rows:
        raise _unknown_queue(queue_no)
    return decode_plan(rows[0][0])


def _read(store: Store, condition: str, values: list[int]) -> list[QueueRecord]:
    with store.cursor() as cursor:
        rows = cursor.execute(_QUEUES.format(condition=condition), values).fetchall()
    return [
        QueueRecord(number, decode_plan(plan), STATE_AFTER.get(event, "open"), person, moment, first, count)
        for number, plan, event, person, moment, first, count in rows
    ]


def _unknown_queue(queue_no: int) -> NotFoundError:
    return NotFoundError(f"There is no review queue {queue_no}.", "The Queues page lists them all.")


def decode_plan(text: str) -> QueuePlan:
    """Return a stored plan."""
    return msgspec.json.decode(text, type=QueuePlan)
