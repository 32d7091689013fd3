"""The desks of a store: one per queue, built from the tables at first use, kept in step under one lock."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime
from weakref import WeakKeyDictionary

from xlam_backend.domain.review import REPEAT_GAP, QueuePlan, QueueState
from xlam_backend.review.desk_state import DeskState, Lease
from xlam_backend.store.connection import Store
from xlam_backend.store.review_items import read_special_items
from xlam_backend.store.review_leases import LeaseEvent, count_lease_events, read_last_lease_events
from xlam_backend.store.review_queues import QueueRecord, read_queue, read_queues
from xlam_backend.store.verdicts import AnswerEvent, read_answer_events

LATEST_ANSWERS = 200  # whose median says how long an answer takes


class Desk:
    """One queue at work. Everything here is used under the room's lock.

    `entries` are all entry ids ever stored, with the answer each made; `given` the answers of each
    person in the order they came, for taking the last ones back; `pace` is what the latest answers
    took, of each person and ("") of all.
    """

    def __init__(self, record: QueueRecord, state: DeskState) -> None:
        self.queue_no = record.queue_no
        self.plan: QueuePlan = record.plan
        self.queue_state: QueueState = record.state
        self.first_item_no = record.first_item_no
        self.item_count = record.item_count
        self.state = state
        self.entries: dict[str, AnswerEvent] = {}
        self.given: dict[str, list[int]] = {}
        self.pace: dict[str, deque[float]] = {}
        self.lease_count = 0

    def place_of(self, item_no: int) -> int:
        """Return the place of an item of this queue."""
        return item_no - self.first_item_no

    def item_at(self, place: int) -> int:
        """Return the item at a place."""
        return self.first_item_no + place

    def new_lease(self, item_no: int, expires_at: datetime) -> Lease:
        """Make a lease; its token names the item, so that it can never be used for another."""
        self.lease_count += 1
        return Lease(f"{item_no}-{self.lease_count}", expires_at)

    def note_answer(self, event: AnswerEvent) -> None:
        """Bring the desk to where the row leaves it; the row is committed already."""
        place = self.place_of(event.item_no)
        if event.entry_id:
            self.entries[event.entry_id] = event
        if event.is_withdrawn:
            self.state.withdraw(event.person, place)
            return
        self.state.record(event.person, place, event.verdict_no)
        self.given.setdefault(event.person, []).append(event.verdict_no)
        if event.seconds > 0:
            for whose in (event.person, ""):
                self.pace.setdefault(whose, deque(maxlen=LATEST_ANSWERS)).append(event.seconds)


class DeskRoom:
    """All desks of one store."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._desks: dict[int, Desk] = {}
        self._items: list[tuple[int, int, int]] = []  # (first, last item_no, queue_no), rising
        self._removal_count = -1

    def desk(self, store: Store, queue_no: int, now: datetime) -> Desk:
        """Return the desk of a queue, built when it is not at hand; NotFoundError for an unknown queue."""
        self._forget_removed(store)
        found = self._desks.get(queue_no)
        if found is None:
            found = self._desks[queue_no] = build_desk(store, read_queue(store, queue_no), now)
        found.state.expire(now)
        return found

    def desk_of_item(self, store: Store, item_no: int, now: datetime) -> Desk | None:
        """Return the desk an item belongs to, None when there is no such item."""
        queue_no = self._queue_of(item_no) or self._queue_of_new(store, item_no)
        return self.desk(store, queue_no, now) if queue_no else None

    def forget(self, queue_no: int) -> None:
        """Drop a desk; it is built again from the tables when it is next asked for."""
        self._desks.pop(queue_no, None)

    def _queue_of(self, item_no: int) -> int:
        return next((number for first, last, number in self._items if first <= item_no <= last), 0)

    def _queue_of_new(self, store: Store, item_no: int) -> int:
        self._items = [
            (queue.first_item_no, queue.first_item_no + queue.item_count - 1, queue.queue_no)
            for queue in read_queues(store)
        ]
        return self._queue_of(item_no)

    def _forget_removed(self, store: Store) -> None:
        if self._removal_count != store.removal_count:
            self._desks.clear()
            self._removal_count = store.removal_count


_ROOMS: WeakKeyDictionary[Store, DeskRoom] = WeakKeyDictionary()
_ROOMS_LOCK = threading.Lock()


def room_of(store: Store) -> DeskRoom:
    """Return the one room of a store."""
    with _ROOMS_LOCK:
        return _ROOMS.setdefault(store, DeskRoom())


def build_desk(store: Store, record: QueueRecord, now: datetime) -> Desk:
    """Build the desk of a queue as the tables have it: every committed answer, every lease that runs."""
    with store.cursor() as cursor:
        special = read_special_items(cursor, record.queue_no)
        answers = read_answer_events(cursor, record.queue_no)
        leases = read_last_lease_events(cursor, record.queue_no, now)
        lease_count = count_lease_events(cursor, record.queue_no)
    first = record.first_item_no
    repeats = {repeat - first: original - first for repeat, original in special.repeats.items()}
    removed = frozenset(number - first for number in special.removed)
    state = DeskState(
        record.item_count,
        overlap=record.plan.overlap,
        gold=frozenset(number - first for number in special.gold),
        repeats=repeats,
        removed=removed,
        gap=repeat_gap(record.item_count - len(repeats)),
    )
    desk = Desk(record, state)
    desk.lease_count = lease_count
    for answer in answers:
        desk.note_answer(answer)
    for event in sorted(leases, key=_in_order_given):
        place = event.item_no - first
        if place in removed or state.verdict_of(event.person, place):  # an answer ends lease and skip
            continue
        if event.event == "skipped":
            state.skip(event.person, place)
        else:
            state.take(event.person, place, Lease(event.lease, event.expires_at))
    return desk


def _in_order_given(event: LeaseEvent) -> tuple[bool, int]:
    """Order skips as they happened, then leases as they were first given: a renewal moves none."""
    return (True, int(event.lease.rpartition("-")[2])) if event.event == "taken" else (False, 0)


def repeat_gap(other_count: int) -> int:
    """Return how many other answers lie between an item and its repeat: fewer in a small queue.

    >>> repeat_gap(1000), repeat_gap(12)
    (20, 6)
    """
    return min(REPEAT_GAP, other_count // 2)
