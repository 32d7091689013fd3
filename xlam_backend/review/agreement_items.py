"""The items behind a number of an agreement: who answered what, withheld from whoever may still be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from xlam_backend.domain.person import Person, may
from xlam_backend.review.questions import (
    QuestionName,
    answer_to,
    choose_question,
    count_asked,
    is_known_answer,
    known_answer,
)
from xlam_backend.store.connection import Store
from xlam_backend.store.review_answers import AnswerRow, read_answers
from xlam_backend.store.review_queues import QueueRecord, read_queues

MOST_ITEMS = 500
ItemChoice = Literal["differ", "same", "all", "repeats", "gold"]
ITEM_CHOICES: dict[ItemChoice, str] = {
    "differ": "the answers differ",
    "same": "the answers are the same",
    "all": "answered by two or more",
    "repeats": "answered differently the second time",
    "gold": "answered against the known answer",
}


class AnsweredBy(msgspec.Struct, frozen=True):
    """One person's answer in a list of items; `is_first` marks the earlier of two to the same place."""

    person: str
    answer: str
    is_first: bool = False


class AgreementItem(msgspec.Struct, frozen=True):
    """An item with its answers; they are withheld from whoever may still be asked about it."""

    item_no: int
    queue_no: int
    queue: str
    check: str
    answers: tuple[AnsweredBy, ...]
    is_withheld: bool = False
    known: str = ""


class AgreementItems(msgspec.Struct, frozen=True):
    """The items behind a number: how many there are, and the first of them."""

    total: int
    shown: tuple[AgreementItem, ...]


def read_agreement_items(
    store: Store,
    queue_no: int = 0,
    check: str = "",
    question: str = "",
    *,
    which: ItemChoice = "differ",
    people: tuple[str, ...] = (),
    viewer: Person,
) -> AgreementItems:
    """Return the items behind a number; with `people` only their answers count.

    Whoever may still be asked about an item does not see what others answered: somebody who has
    answered it does, and whoever may adjudicate does once all its answers are in. Which items are gold or
    repeats, and what the known answers are, is shown to whoever may not adjudicate when the queue is closed.
    """
    rows = [row for row in read_answers(store, queue_no) if not check or row.check == check]
    chosen = choose_question(count_asked(rows), question).name
    by_item: dict[int, list[AnswerRow]] = defaultdict(list)
    for row in rows:
        if answer_to(chosen, row):
            by_item[row.item_no].append(row)
    found = _items_where(which, by_item, chosen, frozenset(people))
    queues = {queue.queue_no: queue for queue in read_queues(store)}
    shown = [
        _item(by_item[item_no], by_item, chosen, which, queues, viewer) for item_no in found[:MOST_ITEMS]
    ]
    return AgreementItems(len(found), tuple(shown))


def _items_where(
    which: ItemChoice,
    by_item: Mapping[int, Sequence[AnswerRow]],
    question: QuestionName,
    people: frozenset[str],
) -> list[int]:
    if which == "gold":
        return [
            number
            for number, rows in by_item.items()
            if any(is_known_answer(row) is False and (not people or row.person in people) for row in rows)
        ]
    if which == "repeats":
        return [
            number
            for number, rows in by_item.items()
            if any(
                (not people or row.person in people) and _has_changed(row, by_item, question) for row in rows
            )
        ]
    found = []
    for number, rows in by_item.items():
        given = [answer_to(question, row) for row in rows if not people or row.person in people]
        is_sample = not rows[0].gold and not rows[0].repeats
        if is_sample and len(given) > 1 and (which == "all" or (len(set(given)) > 1) == (which == "differ")):
            found.append(number)
    return found


def _has_changed(row: AnswerRow, by_item: Mapping[int, Sequence[AnswerRow]], question: QuestionName) -> bool:
    if not row.repeats:
        return False
    before = [other for other in by_item.get(row.repeats, ()) if other.person == row.person]
    return bool(before) and answer_to(question, before[0]) != answer_to(question, row)


def _may_see(rows: Sequence[AnswerRow], queue: QueueRecord | None, viewer: Person) -> bool:
    if queue is not None and queue.state == "closed":
        return True
    has_answered = any(row.person == viewer.name for row in rows)
    if may(viewer, "adjudicate"):
        return has_answered or len(rows) >= (queue.plan.overlap if queue else 1)
    return has_answered and not rows[0].gold and not rows[0].repeats


def _item(
    rows: Sequence[AnswerRow],
    by_item: Mapping[int, Sequence[AnswerRow]],
    question: QuestionName,
    which: ItemChoice,
    queues: Mapping[int, QueueRecord],
    viewer: Person,
) -> AgreementItem:
    first = rows[0]
    queue = queues.get(first.queue_no)
    is_withheld = not _may_see(rows, queue, viewer)
    name = queue.plan.name if queue else ""
    answers = [AnsweredBy(row.person, answer_to(question, row)) for row in rows]
    if which == "repeats":
        answers += [
            AnsweredBy(row.person, answer_to(question, row), is_first=True)
            for row in by_item.get(first.repeats, ())
            if row.person in {given.person for given in rows}
        ]
    known = known_answer(first)
    return AgreementItem(
        first.item_no,
        first.queue_no,
        name,
        first.check,
        () if is_withheld else tuple(answers),
        is_withheld,
        "" if known is None or is_withheld else answer_to(question, known),
    )
