"""Disagreements: found, decided with their cause, and taken back where a decision was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.adjudication import AdjudicationDraft, Answer, is_disputed
from xlam_backend.domain.person import Person, may
from xlam_backend.domain.review import VerdictDraft
from xlam_backend.errors import ReviewRefusedError
from xlam_backend.review.draft_rules import clean_draft, misfit, with_what_follows
from xlam_backend.store.adjudications import AnsweredItem as AnsweredItem
from xlam_backend.store.adjudications import read_answered_item, read_answered_items, write_adjudication
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.review_queues import QueueRecord, read_queue, read_queues


class Disputes(msgspec.Struct, frozen=True):
    """The complete items of a queue (or of all): still open, decided, and agreed on by their reviewers."""

    waiting: tuple[AnsweredItem, ...]
    decided: tuple[AnsweredItem, ...]
    agreed_count: int


def list_disputes(store: Store, queue_no: int = 0, *, person: Person) -> Disputes:
    """Return what needs a last word and what has one; an item counts once all its verdicts are in.

    Whoever may not adjudicate is shown the items they answered themselves, and those of closed queues.

    Raises:
        AccessDeniedError: the person may not read.
    """
    require(person, "read")
    queues = {queue.queue_no: queue for queue in read_queues(store)}
    waiting, decided, agreed = [], [], 0
    for item in read_answered_items(store, queue_no):
        if not _may_see(item, queues[item.queue_no], person):
            continue
        if item.decision is not None:
            decided.append(item)
        elif is_disputed([given.answer for given in item.verdicts]):
            waiting.append(item)
        else:
            agreed += 1
    decided.sort(key=lambda item: -item.decision.adjudication_no if item.decision else 0)
    return Disputes(tuple(waiting), tuple(decided), agreed)


def open_answered_item(store: Store, item_no: int, *, person: Person) -> AnsweredItem:
    """Return one item with everybody's answers.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no item of this number.
        ReviewRefusedError: the person may still be asked about it, or is not to see it before the queue
            is closed.
    """
    require(person, "read")
    item = read_answered_item(store, item_no)
    if not _may_see(item, read_queue(store, item.queue_no), person):
        raise ReviewRefusedError(
            f"What others answered to item {item_no} is not shown to you now.",
            "It is once you have answered it yourself, or when its queue is closed.",
        )
    return item


def adjudicate(store: Store, draft: AdjudicationDraft, *, person: Person, now: datetime) -> int:
    """Give the last word on an item and return its number; a later one replaces it.

    Raises:
        AccessDeniedError: the person may not adjudicate.
        ReviewRefusedError: nobody has voted yet, or the answer does not fit the kind of item.
    """
    require(person, "adjudicate")
    item = read_answered_item(store, draft.item_no)
    if not item.verdicts:
        raise ReviewRefusedError(
            f"Nobody has answered item {item.item_no} yet.",
            "The last word comes after the reviewers' verdicts.",
        )
    draft = _fitting(item, draft)
    with store.write() as cursor:
        number = write_adjudication(cursor, store, item, draft, person=person.name, now=now)
        write_audit(
            cursor, store, person, "adjudicate", f"item {item.item_no}", {"cause": draft.cause}, now=now
        )
    return number


def withdraw_adjudication(store: Store, item_no: int, *, person: Person, now: datetime) -> None:
    """Take the last word on an item back: its disagreement is open again.

    Raises:
        AccessDeniedError: the person may not adjudicate.
        ReviewRefusedError: there is no last word on it.
    """
    require(person, "adjudicate")
    item = read_answered_item(store, item_no)
    if item.decision is None:
        raise ReviewRefusedError(f"There is no last word on item {item_no}.")
    draft = AdjudicationDraft(item_no, item.decision.answer, "other")
    with store.write() as cursor:
        write_adjudication(cursor, store, item, draft, person=person.name, now=now, is_withdrawn=True)
        write_audit(cursor, store, person, "adjudicate", f"item {item_no}", {"withdrawn": True}, now=now)


def settled_answer(item: AnsweredItem) -> Answer | None:
    """Return an item's answer: the last word, else what all its reviewers agree on; None while open."""
    if item.decision is not None:
        return item.decision.answer
    answers = [given.answer for given in item.verdicts]
    return None if not item.is_complete or is_disputed(answers) else _middle(answers)


def _may_see(item: AnsweredItem, queue: QueueRecord, person: Person) -> bool:
    """Tell whether a person may see what others answered: nobody does who may still be asked."""
    if queue.state == "closed" or any(given.person == person.name for given in item.verdicts):
        return True
    is_asked = not queue.plan.reviewers or person.name in queue.plan.reviewers
    return may(person, "adjudicate") and (item.is_complete or not is_asked)


def _middle(answers: Sequence[Answer]) -> Answer:
    """Return the answer of the median rating: agreed ratings may lie one point apart."""
    ranked = sorted(answers, key=lambda answer: answer.rating or 0)
    return ranked[len(ranked) // 2]


def _fitting(item: AnsweredItem, draft: AdjudicationDraft) -> AdjudicationDraft:
    """Return a last word as it is stored; of a pair with what follows from the better side.

    Raises:
        ReviewRefusedError: it does not fit the kind of item.
    """
    _refuse_misfit(item, draft.answer)
    answer = draft.answer
    said = with_what_follows(
        clean_draft(
            VerdictDraft(
                "last word",
                item.item_no,
                "",
                answer.flag,
                answer.disposition,
                answer.rating,
                answer.preference,
                note=draft.note,
            )
        )
    )
    if reason := misfit(said, item.kind):
        raise ReviewRefusedError(reason, "Give another last word.")
    answer = Answer(said.flag, said.disposition, said.rating, said.preference)
    return msgspec.structs.replace(draft, answer=answer, note=said.note)


def _refuse_misfit(item: AnsweredItem, answer: Answer) -> None:
    if item.kind == "pair" and not answer.preference:
        raise ReviewRefusedError(
            "A pair is decided by naming the better side.", "Choose one: chosen, rejected, equal or both bad."
        )
    if item.kind == "finding" and not answer.flag:
        raise ReviewRefusedError(
            "A finding is decided by agreeing or disagreeing with it.", "Choose agree, disagree or unsure."
        )
    if item.kind == "duplicate" and not answer.flag:
        raise ReviewRefusedError(
            "Two near-duplicates are decided by saying whether they are the same sample.",
            "Choose agree (the same), disagree (different) or unsure.",
        )
    if item.kind == "rating" and not answer.flag and answer.rating is None:
        raise ReviewRefusedError(
            "A rating is decided by agreeing, disagreeing, or giving one from 1 to 5.", "Choose one."
        )
