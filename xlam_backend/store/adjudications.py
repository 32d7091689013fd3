"""Items whose verdicts are complete, with every answer given, and the last words on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from xlam_backend.domain.adjudication import AdjudicationDraft, Answer
from xlam_backend.domain.review import ItemKind, PairReason
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store, utc_timestamp


class GivenVerdict(msgspec.Struct, frozen=True):
    """What one person answered."""

    person: str
    answer: Answer
    reason: PairReason
    note: str
    seconds: float
    decided_at: datetime


class Decision(msgspec.Struct, frozen=True):
    """The last word on an item."""

    adjudication_no: int
    person: str
    answer: Answer
    cause: str
    note: str
    decided_at: datetime


class AnsweredItem(msgspec.Struct, frozen=True):
    """An item with the verdicts it has, of the `overlap` its queue asks for, and the last word if any."""

    item_no: int
    queue_no: int
    queue: str
    kind: ItemKind
    check: str
    version_no: int
    trajectory_no: int
    trajectory_id: str
    pair_no: int
    step: int
    call: int
    pointer: str
    is_flagged: bool
    query: str
    overlap: int
    verdicts: tuple[GivenVerdict, ...]
    decision: Decision | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everybody whom its queue asks for has answered."""
        return len(self.verdicts) >= self.overlap


_ITEMS = """
SELECT i.item_no, i.queue_no, q.name, i.kind, i.check_name, i.version_no, i.trajectory_no, t.trajectory_id,
    i.pair_no, i.step, i.call, i.pointer, i.is_flagged, left(t.query, 300),
    (q.plan::JSON ->> 'overlap')::INTEGER
FROM review_item AS i JOIN queue AS q USING (queue_no) JOIN trajectory AS t ON t.version_no = i.version_no
"""

_COMPLETE = """
SEMI JOIN (
    SELECT v.item_no FROM current_verdict AS v JOIN queue AS q USING (queue_no)
    GROUP BY v.item_no, q.plan HAVING count(*) >= (q.plan::JSON ->> 'overlap')::INTEGER
) AS complete ON i.item_no = complete.item_no
WHERE i.gold = '' AND i.repeats = 0 AND NOT i.is_removed AND ($queue_no = 0 OR i.queue_no = $queue_no)
ORDER BY i.item_no
"""

_VERDICTS = """
SELECT item_no, person, flag, disposition, rating, preference, reason, note, seconds, decided_at
FROM current_verdict WHERE item_no IN (SELECT unnest($items)) ORDER BY verdict_no
"""

_DECISIONS = """
SELECT item_no, adjudication_no, person, flag, disposition, rating, preference, cause, note, decided_at
FROM adjudication WHERE item_no IN (SELECT unnest($items))
QUALIFY row_number() OVER (PARTITION BY item_no ORDER BY adjudication_no DESC) = 1 AND NOT is_withdrawn
"""


def read_answered_items(store: Store, queue_no: int = 0) -> list[AnsweredItem]:
    """Return the items with all their verdicts, of one queue or (0) of all; gold items have their answer."""
    with store.cursor() as cursor:
        rows = cursor.execute(_ITEMS + _COMPLETE, {"queue_no": queue_no}).fetchall()
        return _with_answers(cursor, rows)


def read_answered_item(store: Store, item_no: int) -> AnsweredItem:
    """Return one item with the verdicts it has so far, or raise NotFoundError."""
    with store.cursor() as cursor:
        rows = cursor.execute(f"{_ITEMS} WHERE i.item_no = $item_no", {"item_no": item_no}).fetchall()
        if not rows:
            raise NotFoundError(f"There is no review item {item_no}.", "It may belong to another store.")
        return _with_answers(cursor, rows)[0]


def write_adjudication(
    cursor: Cursor,
    store: Store,
    item: AnsweredItem,
    draft: AdjudicationDraft,
    *,
    person: str,
    now: datetime,
    is_withdrawn: bool = False,
) -> int:
    """Add a last word (or its withdrawal) and return its number."""
    number = store.numbers.reserve("adjudication")
    answer = draft.answer
    cursor.execute(
        "INSERT INTO adjudication VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number,
            item.item_no,
            item.queue_no,
            person,
            answer.flag,
            answer.disposition,
            answer.rating,
            answer.preference,
            draft.cause,
            draft.note,
            is_withdrawn,
            utc_timestamp(now),
        ],
    )
    return number


def _with_answers(cursor: Cursor, rows: Iterable[tuple[Any, ...]]) -> list[AnsweredItem]:
    found = list(rows)
    asked = {"items": [row[0] for row in found]}
    verdicts: dict[int, list[GivenVerdict]] = {}
    for number, person, flag, disposition, rating, preference, *rest in cursor.execute(
        _VERDICTS, asked
    ).fetchall():
        answer = Answer(flag, disposition, rating, preference)
        verdicts.setdefault(number, []).append(GivenVerdict(person, answer, *rest))
    decisions = {
        number: Decision(decided, person, Answer(*answer), cause, note, moment)
        for number, decided, person, *answer, cause, note, moment in cursor.execute(
            _DECISIONS, asked
        ).fetchall()
    }
    return [AnsweredItem(*(*row, tuple(verdicts.get(row[0], ())), decisions.get(row[0]))) for row in found]
