"""The desk: items are claimed, answered, skipped, given back and taken back.

All of it goes through one state per queue in the memory of the one process that owns the store, under
one lock; every act is committed before it is acknowledged, so that a killed process loses nothing that
was acknowledged and a restarted one stands where it stood.

A verdict is about the exact version its item was drawn from. When somebody has changed the record
meanwhile, the item stays due and can be answered (it still says how far the check or judge can be
trusted, and dropping it would bend the sample); the page shows that it was changed since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import (
    MOST_UNDONE,
    Claim,
    QueueState,
    Undone,
    VerdictDraft,
    VerdictReceipt,
)
from xlam_backend.errors import ReviewRefusedError
from xlam_backend.review.desk_room import Desk, room_of
from xlam_backend.review.desk_state import Lease
from xlam_backend.review.draft_rules import clean_draft, misfit, with_what_follows
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.review_leases import LeaseAct, LeaseEvent, write_lease_events
from xlam_backend.store.verdicts import AnswerEvent, read_verdict, write_verdict

MOST_CLAIMED = 100


class QueueProgress(msgspec.Struct, frozen=True):
    """How far a queue is, for everybody and for one person.

    `verdict_count` of `wanted_count` and `done_count` of `item_count` are of the sample alone; gold
    items and repeats stand beside it. `due_count` is what is left for the person, items they hold
    included. `seconds_each` is the median time of the latest answers, None before there is one.
    """

    queue_no: int
    state: QueueState
    item_count: int
    done_count: int
    verdict_count: int
    wanted_count: int
    held_count: int
    gold_count: int
    repeat_count: int
    my_verdict_count: int
    my_due_count: int
    my_held_count: int
    my_skipped_count: int
    my_undoable_count: int
    my_seconds_each: float | None
    seconds_each: float | None
    is_reviewer: bool
    reviewer_count: int


def claim_items(
    store: Store, queue_no: int, *, person: Person, count: int = 20, now: datetime
) -> list[Claim]:
    """Lease items to a person until they hold `count`, and return what they hold, in order.

    Asking again returns the same claims with the same leases (renewed when half their time is over),
    then more: a reloaded page finds its items again. Fewer than `count` means that nothing else is
    due for this person now; skipped items come last.

    Raises:
        AccessDeniedError: the person may not review.
        NotFoundError: there is no such queue.
        ReviewRefusedError: the queue is paused or closed, or is meant for other people.
    """
    require(person, "review")
    moment = utc_timestamp(now)
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, queue_no, moment)
        if reason := _not_open(desk) or _not_a_reviewer(desk, person):
            raise ReviewRefusedError(reason, "Choose another queue on the Queues page.")
        wanted = min(max(count, 0), MOST_CLAIMED)
        held = dict(list(desk.state.held_by(person.name).items())[:wanted])
        changed = _renewals(desk, held, moment)
        for place in desk.state.choose(person.name, wanted - len(held)):
            changed[place] = desk.new_lease(desk.item_at(place), _end_of_lease(desk, moment))
        if changed:
            _write_leases(store, desk, person, changed, "taken", moment)
            for place, lease in changed.items():
                desk.state.take(person.name, place, lease)
        held |= changed
    return [Claim(desk.item_at(place), lease.token) for place, lease in held.items()]


def submit_verdict(
    store: Store, draft: VerdictDraft, *, person: Person, now: datetime, queue_no: int = 0
) -> VerdictReceipt:
    """Store an answer, or say why it is refused; `stored` and `repeated` mean that it is committed.

    An answer under a lease that runs is stored. Without one it is stored only while the item still
    has room for this person. An empty lease on an item the person has answered already changes their
    verdict (a new row); an old lease does not, so that a second tab cannot change it by accident.
    `queue_no`, when given, must be the item's queue. An answer to a paused queue is still taken: it
    was begun before the pause.

    Raises:
        AccessDeniedError: the person may not review.
    """
    require(person, "review")
    moment = utc_timestamp(now)
    draft = with_what_follows(clean_draft(draft))
    room = room_of(store)
    with room.lock:
        desk = room.desk_of_item(store, draft.item_no, moment)
        if desk is None:
            return _refused(draft, f"There is no review item {draft.item_no}.")
        if answered := _without_storing(desk, draft, person, queue_no):
            return answered
        verdict_no = store.numbers.reserve("verdict")
        with store.write() as cursor:
            write_verdict(
                cursor, draft, verdict_no=verdict_no, queue_no=desk.queue_no, person=person.name, now=moment
            )
        desk.note_answer(_event(draft, verdict_no, person, is_withdrawn=False))
    return VerdictReceipt(draft.entry_id, draft.item_no, "stored", verdict_no)


def foresee_verdict(
    store: Store, draft: VerdictDraft, *, person: Person, now: datetime, queue_no: int = 0
) -> VerdictReceipt | None:
    """Return the receipt an answer would get that is not to be stored (again); None when it would be.

    Whoever changes a record together with an answer asks first, so that an answer which is sent twice, or
    is refused, changes nothing.

    Raises:
        AccessDeniedError: the person may not review.
    """
    require(person, "review")
    draft = with_what_follows(clean_draft(draft))
    room = room_of(store)
    with room.lock:
        desk = room.desk_of_item(store, draft.item_no, utc_timestamp(now))
        if desk is None:
            return _refused(draft, f"There is no review item {draft.item_no}.")
        return _without_storing(desk, draft, person, queue_no)


def skip_item(store: Store, item_no: int, *, lease: str, person: Person, now: datetime) -> bool:
    """Put an item off: others get it, and the person again when nothing else is left for them.

    Nothing but the skip is recorded. False when the lease is not the one that runs (a skip sent
    twice, or too late): then nothing is done.

    Raises:
        AccessDeniedError: the person may not review.
    """
    require(person, "review")
    moment = utc_timestamp(now)
    room = room_of(store)
    with room.lock:
        desk = room.desk_of_item(store, item_no, moment)
        if desk is None:
            return False
        place = desk.place_of(item_no)
        held = desk.state.lease_of(person.name, place)
        if held is None or held.token != lease:
            return False
        _write_leases(store, desk, person, {place: held}, "skipped", moment)
        desk.state.skip(person.name, place)
    return True


def release_items(
    store: Store, queue_no: int, *, person: Person, now: datetime, item_nos: Sequence[int] | None = None
) -> int:
    """Give items back that a person holds, all of them by default; returns how many.

    Raises:
        AccessDeniedError: the person may not review.
        NotFoundError: there is no such queue.
    """
    require(person, "review")
    moment = utc_timestamp(now)
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, queue_no, moment)
        held = desk.state.held_by(person.name)
        chosen = held if item_nos is None else _among(desk, held, item_nos)
        if chosen:
            _write_leases(store, desk, person, chosen, "released", moment)
            for place in chosen:
                desk.state.end_lease(person.name, place)
    return len(chosen)


def undo_last(
    store: Store, queue_no: int, *, person: Person, now: datetime, entry_id: str = "", item_no: int = 0
) -> Undone:
    """Take back a person's last answer in a queue, and lease its item to them again.

    Up to MOST_UNDONE of their latest answers can be taken back, one by one. An `entry_id` makes the
    undoing itself safe to send twice. `item_no`, when given, is the item whose answer the person means:
    where that answer was never stored, no other is taken back in its place. An earlier verdict on the
    same item does not come back: the item is open again.

    Raises:
        AccessDeniedError: the person may not review.
        NotFoundError: there is no such queue.
        ReviewRefusedError: there is nothing to take back, or the queue is closed.
    """
    require(person, "review")
    moment = utc_timestamp(now)
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, queue_no, moment)
        known = desk.entries.get(entry_id) if entry_id else None
        if known is not None:
            return _undone_before(store, desk, known, person)
        if desk.queue_state == "closed":
            raise ReviewRefusedError("This queue is closed.", "A researcher can open it again.")
        verdict_no = _last_answer(desk, person, item_no)
        verdict = read_verdict(store, verdict_no) if verdict_no else None
        if verdict is None:
            of_item = f" to item {item_no}" if item_no else ""
            raise ReviewRefusedError(
                f"There is no answer{of_item} to take back.",
                f"Up to {MOST_UNDONE} of your latest answers can be.",
            )
        place = desk.place_of(verdict.item_no)
        lease = desk.new_lease(verdict.item_no, _end_of_lease(desk, moment))
        draft = VerdictDraft(entry_id, verdict.item_no, lease="")
        withdrawal_no = store.numbers.reserve("verdict")
        with store.write() as cursor:
            write_verdict(
                cursor,
                draft,
                verdict_no=withdrawal_no,
                queue_no=queue_no,
                person=person.name,
                now=moment,
                is_withdrawn=True,
            )
            write_lease_events(cursor, _events(desk, person, {place: lease}, "taken", moment))
        desk.note_answer(_event(draft, withdrawal_no, person, is_withdrawn=True))
        desk.state.take(person.name, place, lease)
    return Undone(Claim(verdict.item_no, lease.token), verdict)


def queue_progress(store: Store, queue_no: int, *, person: Person, now: datetime) -> QueueProgress:
    """Return how far a queue is, and how far this person is in it.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no such queue.
    """
    require(person, "read")
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, queue_no, utc_timestamp(now))
        return progress_of(desk, person)


def progress_of(desk: Desk, person: Person) -> QueueProgress:
    """Return how far a desk is; its room's lock is held."""
    state, counts, me = desk.state, desk.state.counts(), person.name
    is_reviewer = not _not_a_reviewer(desk, person)
    return QueueProgress(
        queue_no=desk.queue_no,
        state=desk.queue_state,
        item_count=counts.item_count,
        done_count=counts.done_count,
        verdict_count=counts.verdict_count,
        wanted_count=counts.item_count * state.overlap,
        held_count=counts.lease_count,
        gold_count=counts.gold_count,
        repeat_count=counts.repeat_count,
        my_verdict_count=len(state.answered_by(me)),
        my_due_count=state.due_count(me) if is_reviewer and desk.queue_state != "closed" else 0,
        my_held_count=len(state.held_by(me)),
        my_skipped_count=state.skipped_count(me),
        my_undoable_count=len(_undoable(desk, person)),
        my_seconds_each=_median(desk.pace.get(me, ())),
        seconds_each=_median(desk.pace.get("", ())),
        is_reviewer=is_reviewer,
        reviewer_count=len(state.people()),
    )


def _without_storing(desk: Desk, draft: VerdictDraft, person: Person, queue_no: int) -> VerdictReceipt | None:
    known = desk.entries.get(draft.entry_id)
    if known is not None:
        return _receipt_of_known(draft, known, person)
    reason = _refusal(desk, draft, person, queue_no)
    return _refused(draft, reason) if reason else None


def _refusal(desk: Desk, draft: VerdictDraft, person: Person, queue_no: int) -> str:
    """Say why an answer cannot be stored, "" when it can."""
    if queue_no and queue_no != desk.queue_no:
        return f"Item {draft.item_no} belongs to another queue."
    if desk.queue_state == "closed":
        return "This queue is closed."
    return (
        _not_a_reviewer(desk, person)
        or misfit(draft, desk.plan.kind)
        or _lease_refusal(desk, draft, person.name)
    )


def _lease_refusal(desk: Desk, draft: VerdictDraft, person: str) -> str:
    place = desk.place_of(draft.item_no)
    if desk.state.is_removed(place):
        return "The record behind this item was removed from the store."
    if draft.lease and draft.lease.partition("-")[0] != str(draft.item_no):
        return "The lease belongs to another item than the one that was answered."
    held = desk.state.lease_of(person, place)
    if held is not None and held.token == draft.lease:
        return ""
    if desk.state.verdict_of(person, place):
        return "You have answered this item already; open it again to change your verdict." * bool(
            draft.lease
        )
    if desk.state.has_room(person, place):
        return ""
    return "Your time for this item ran out and it was given to others; nothing was stored."


def _receipt_of_known(draft: VerdictDraft, known: AnswerEvent, person: Person) -> VerdictReceipt:
    if (known.item_no, known.person) == (draft.item_no, person.name) and not known.is_withdrawn:
        return VerdictReceipt(draft.entry_id, draft.item_no, "repeated", known.verdict_no)
    return _refused(draft, "This entry was used for another answer.")


def _refused(draft: VerdictDraft, reason: str) -> VerdictReceipt:
    return VerdictReceipt(draft.entry_id, draft.item_no, "refused", reason=reason)


def _undone_before(store: Store, desk: Desk, known: AnswerEvent, person: Person) -> Undone:
    """Return what an undoing that is sent again did the first time."""
    lease = desk.state.lease_of(person.name, desk.place_of(known.item_no))
    earlier = [number for number in desk.given.get(person.name, ()) if number < known.verdict_no]
    verdicts = (read_verdict(store, number) for number in reversed(earlier))
    verdict = next((each for each in verdicts if each and each.item_no == known.item_no), None)
    if not known.is_withdrawn or known.person != person.name or lease is None or verdict is None:
        raise ReviewRefusedError("This answer was taken back already.", "Go on with the next item.")
    return Undone(Claim(known.item_no, lease.token), verdict)


def _last_answer(desk: Desk, person: Person, item_no: int) -> int:
    """Return the number of the answer that an undo takes back, 0 when there is none."""
    undoable = _undoable(desk, person)
    if item_no:
        return undoable.get(desk.place_of(item_no), 0)
    return next(reversed(undoable.values()), 0)


def _undoable(desk: Desk, person: Person) -> dict[int, int]:
    """Return the places whose answers can be taken back with the answers' numbers, the latest last."""
    recent = set(desk.given.get(person.name, [])[-MOST_UNDONE:])
    return {
        place: number
        for place, number in desk.state.answered_by(person.name).items()
        if number in recent and not desk.state.is_removed(place)
    }


def _not_open(desk: Desk) -> str:
    return "" if desk.queue_state == "open" else f"The queue {desk.plan.name!r} is {desk.queue_state}."


def _not_a_reviewer(desk: Desk, person: Person) -> str:
    if not desk.plan.reviewers or person.name in desk.plan.reviewers:
        return ""
    return f"The queue {desk.plan.name!r} is meant for other people."


def _end_of_lease(desk: Desk, moment: datetime) -> datetime:
    return moment + timedelta(seconds=desk.plan.lease_seconds)


def _renewals(desk: Desk, held: dict[int, Lease], moment: datetime) -> dict[int, Lease]:
    """Return the leases of these that are more than half over, as they are after being renewed."""
    half = timedelta(seconds=desk.plan.lease_seconds / 2)
    return {
        place: Lease(lease.token, _end_of_lease(desk, moment))
        for place, lease in held.items()
        if lease.expires_at - moment < half
    }


def _among(desk: Desk, held: dict[int, Lease], item_nos: Iterable[int]) -> dict[int, Lease]:
    wanted = {desk.place_of(number) for number in item_nos}
    return {place: lease for place, lease in held.items() if place in wanted}


def _write_leases(
    store: Store, desk: Desk, person: Person, leases: dict[int, Lease], act: LeaseAct, moment: datetime
) -> None:
    with store.write() as cursor:
        write_lease_events(cursor, _events(desk, person, leases, act, moment))


def _events(
    desk: Desk, person: Person, leases: dict[int, Lease], act: LeaseAct, moment: datetime
) -> list[LeaseEvent]:
    return [
        LeaseEvent(
            desk.item_at(place), desk.queue_no, person.name, lease.token, act, moment, lease.expires_at
        )
        for place, lease in leases.items()
    ]


def _event(draft: VerdictDraft, verdict_no: int, person: Person, *, is_withdrawn: bool) -> AnswerEvent:
    return AnswerEvent(
        verdict_no, draft.entry_id, draft.item_no, person.name, draft.lease, is_withdrawn, draft.seconds
    )


def _median(values: Collection[float]) -> float | None:
    return median(values) if values else None
