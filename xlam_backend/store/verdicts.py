"""What people answered: rows that are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from xlam_backend.domain.review import Verdict, VerdictDraft
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_COLUMNS = (
    "verdict_no, entry_id, item_no, queue_no, person, flag, disposition, rating, preference, reason, "
    "evidence, note, act_no, seconds, is_withdrawn, decided_at"
)


class AnswerEvent(NamedTuple):
    """What a desk has to know of a stored answer to stand where it stood before."""

    verdict_no: int
    entry_id: str
    item_no: int
    person: str
    lease: str
    is_withdrawn: bool
    seconds: float


def write_verdict(
    cursor: Cursor,
    draft: VerdictDraft,
    *,
    verdict_no: int,
    queue_no: int,
    person: str,
    now: datetime,
    is_withdrawn: bool = False,
) -> None:
    """Add one answer (or the row that takes it back)."""
    cursor.execute(
        "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            verdict_no,
            draft.entry_id,
            draft.item_no,
            queue_no,
            person,
            draft.lease,
            draft.flag,
            draft.disposition,
            draft.rating,
            draft.preference,
            draft.reason,
            msgspec.json.encode(draft.evidence).decode(),
            draft.note,
            draft.act_no,
            draft.seconds,
            is_withdrawn,
            utc_timestamp(now),
        ],
    )


def read_answer_events(cursor: Cursor, queue_no: int) -> list[AnswerEvent]:
    """Return every row of a queue's verdicts in the order they came."""
    rows = cursor.execute(
        "SELECT verdict_no, entry_id, item_no, person, lease, is_withdrawn, seconds FROM verdict "
        "WHERE queue_no = ? ORDER BY verdict_no",
        [queue_no],
    ).fetchall()
    return [AnswerEvent._make(row) for row in rows]


def read_item_verdicts(store: Store, item_no: int) -> list[Verdict]:
    """Return every row about an item, changed and withdrawn ones too, the oldest first."""
    return _read(store, "item_no = ?", [item_no])


def read_verdict(store: Store, verdict_no: int) -> Verdict | None:
    """Return one row, None when there is none of this number."""
    return next(iter(_read(store, "verdict_no = ?", [verdict_no])), None)


def read_all_verdicts(store: Store, queue_no: int = 0) -> list[Verdict]:
    """Return every row of a queue, or of all (0): the log as it was written, changed and withdrawn too."""
    return _read(store, "(? = 0 OR queue_no = ?)", [queue_no, queue_no])


def _read(store: Store, condition: str, values: Sequence[int]) -> list[Verdict]:
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM verdict WHERE {condition} ORDER BY verdict_no", list(values)
        ).fetchall()
    return [_verdict(row) for row in rows]


def _verdict(row: tuple[Any, ...]) -> Verdict:
    named = dict(zip(_COLUMNS.split(", "), row))
    return Verdict(**{**named, "evidence": msgspec.json.decode(named["evidence"])})
