"""Review queues for tests: written as they are to be, without a draw."""

from __future__ import annotations

from datetime import UTC, datetime

from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan, ReviewItem, VerdictDraft
from xlam_backend.store.review_queues import write_queue

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RESEARCHER = Person("rita", "researcher")


def annotator(name):
    """Somebody who may review and nothing else."""
    return Person(name, "annotator")


def make_queue(store, count, *, gold=(), repeats=None, removed=(), version_no=1, **plan):
    """Write a queue of `count` items; `repeats` says which places repeat which; returns its number."""
    queue_no = store.numbers.reserve("queue")
    first = store.numbers.reserve("item", count)
    made = QueuePlan(**{"name": f"queue {queue_no}", "kind": "finding", **plan})
    rows = [
        ReviewItem(
            first + place,
            queue_no,
            place,
            made.kind,
            version_no,
            version_no,
            check="argument_type",
            stratum="all",
            gold='{"flag":"agree"}' if place in gold else "",
            repeats=first + (repeats or {})[place] if place in (repeats or {}) else 0,
            is_removed=place in removed,
        )
        for place in range(count)
    ]
    with store.write() as cursor:
        write_queue(cursor, queue_no, made, person=RESEARCHER.name, now=NOW)
        marks = ", ".join("?" * len(ReviewItem.__struct_fields__))
        cursor.executemany(
            f"INSERT INTO review_item VALUES ({marks})",
            [[getattr(row, name) for name in row.__struct_fields__] for row in rows],
        )
    return queue_no


def an_answer(entry_id, item_no, lease="", flag="agree", **fields):
    """A draft that agrees."""
    return VerdictDraft(entry_id, item_no, lease, flag=flag, **fields)
