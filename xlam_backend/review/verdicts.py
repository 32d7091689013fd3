"""Verdicts as they are read: by the one who gave them, and by whoever may see the others'."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person, may
from xlam_backend.domain.review import ReviewItem, Verdict
from xlam_backend.review.desk_room import Desk, room_of
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.review_items import read_item, read_rating_items
from xlam_backend.store.review_queues import read_plan, read_queues
from xlam_backend.store.verdicts import read_item_verdicts


class ItemVerdicts(msgspec.Struct, frozen=True):
    """What was answered to an item, as one person may see it.

    `mine` is their verdict that counts, `history` all their rows. `others` are the verdicts of other
    people that count; until the person has voted they are hidden, and so is how many there are.
    """

    mine: Verdict | None
    history: tuple[Verdict, ...]
    others: tuple[Verdict, ...]
    is_hidden: bool


def read_verdicts(store: Store, item_no: int, *, person: Person, now: datetime) -> ItemVerdicts:
    """Return the verdicts on an item; what others said stays hidden from whoever is still to vote.

    Somebody who may adjudicate and is not asked to review the queue sees them at once, and everybody
    does when the queue is closed.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no such item.
    """
    return verdicts_of(store, read_item(store, item_no), person=person, now=now)


def verdicts_of(store: Store, item: ReviewItem, *, person: Person, now: datetime) -> ItemVerdicts:
    """Return the verdicts on an item that was read already, as `read_verdicts` does."""
    require(person, "read")
    rows = read_item_verdicts(store, item.item_no)
    mine = [row for row in rows if row.person == person.name]
    last = mine[-1] if mine and not mine[-1].is_withdrawn else None
    is_hidden = is_blind(store, item, person=person, now=now)
    return ItemVerdicts(last, tuple(mine), () if is_hidden else _others(rows, person.name), is_hidden)


def is_blind(store: Store, item: ReviewItem, *, person: Person, now: datetime) -> bool:
    """Tell whether a person is still to vote on an item, so that what others say must be hidden from them."""
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, item.queue_no, utc_timestamp(now))
        has_voted = desk.state.verdict_of(person.name, desk.place_of(item.item_no)) > 0
        is_asked, state = _is_for(desk, person), desk.queue_state
    return not (has_voted or state == "closed" or (may(person, "adjudicate") and not is_asked))


def hidden_ratings(store: Store, version_no: int, *, person: Person, now: datetime) -> frozenset[int]:
    """Return which ratings of a version a person is still asked about, with what judges say hidden.

    Whoever may adjudicate asks the judges themselves, and sees all they said.
    """
    if may(person, "adjudicate"):
        return frozenset()
    items = [
        item
        for item in read_rating_items(store, version_no)
        if not item.repeats and read_plan(store, item.queue_no).is_rationale_hidden
    ]
    return frozenset(item.rating_no for item in items if _is_still_asked(store, item, person=person, now=now))


def is_asked_about_pairs(store: Store, *, person: Person, now: datetime) -> bool:
    """Tell whether pairs wait for an answer of a person who is not to know yet which side was chosen."""
    if may(person, "adjudicate"):
        return False
    room = room_of(store)
    with room.lock:
        desks = [
            room.desk(store, queue.queue_no, utc_timestamp(now))
            for queue in read_queues(store)
            if queue.plan.kind == "pair" and queue.state != "closed"
        ]
        return any(_is_for(desk, person) and desk.state.due_count(person.name) for desk in desks)


def _is_still_asked(store: Store, item: ReviewItem, *, person: Person, now: datetime) -> bool:
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, item.queue_no, utc_timestamp(now))
        has_room = desk.state.has_room(person.name, desk.place_of(item.item_no))
        return has_room and _is_for(desk, person) and desk.queue_state != "closed"


def _is_for(desk: Desk, person: Person) -> bool:
    return not desk.plan.reviewers or person.name in desk.plan.reviewers


def _others(rows: list[Verdict], name: str) -> tuple[Verdict, ...]:
    last = {row.person: row for row in rows if row.person != name}
    return tuple(row for row in last.values() if not row.is_withdrawn)
