"""The answers that count, narrow enough to read a hundred thousand: what agreement is counted from."""

from __future__ import annotations

from typing import NamedTuple

from xlam_backend.store.connection import Store


class AnswerRow(NamedTuple):
    """One person's current answer to one item.

    `rating` is text like the other answers, "" where there is none. `gold` is the JSON of the known answer
    ("" where there is none), `repeats` the item that this one shows a second time (0: none).
    """

    item_no: int
    queue_no: int
    kind: str
    check: str
    person: str
    flag: str
    disposition: str
    rating: str
    preference: str
    seconds: float
    gold: str
    repeats: int


_ANSWERS = """
SELECT v.item_no, v.queue_no, i.kind, i.check_name, v.person, v.flag, v.disposition,
    coalesce(v.rating::VARCHAR, ''), v.preference, v.seconds, i.gold, i.repeats
FROM current_verdict AS v JOIN review_item AS i ON v.item_no = i.item_no
WHERE NOT i.is_removed AND ($queue_no = 0 OR v.queue_no = $queue_no)
ORDER BY v.item_no, v.verdict_no
"""

_COUNTS = """
SELECT i.queue_no, i.check_name, count(*)
FROM current_verdict AS v JOIN review_item AS i ON v.item_no = i.item_no WHERE NOT i.is_removed
GROUP BY ALL ORDER BY ALL
"""


class AnswerCount(NamedTuple):
    """How many answers a queue has about a check or judge."""

    queue_no: int
    check: str
    answer_count: int


def read_answers(store: Store, queue_no: int = 0) -> list[AnswerRow]:
    """Return the answers that count, of one queue or (0) of all, item by item in the order given."""
    with store.cursor() as cursor:
        rows = cursor.execute(_ANSWERS, {"queue_no": queue_no}).fetchall()
    return [AnswerRow._make(row) for row in rows]


def count_answers(store: Store) -> list[AnswerCount]:
    """Return how many answers that count there are, by queue and check."""
    with store.cursor() as cursor:
        rows = cursor.execute(_COUNTS).fetchall()
    return [AnswerCount._make(row) for row in rows]
