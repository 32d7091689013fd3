"""One exchange between a reviewer's screen and the desk: presses in; receipts, new items, progress out.

The screen holds the next items itself and shows them without asking. It sends what was pressed until that
is acknowledged, and names the items it holds; whatever is lost on the way is asked for again. Nothing is
kept between two exchanges but what is in the store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.domain.review import Claim
from xlam_backend.errors import InputError, NotFoundError, ReviewRefusedError, XlamError
from xlam_backend.review.desk import claim_items, queue_progress
from xlam_backend.review.desk_entries import Entry, EntryReceipt, take_entry
from xlam_backend.review.item_edit import EditCheck, check_edit
from xlam_backend.review.item_view import ItemView, Reveal, reveal, view_item, view_items
from xlam_backend.store.connection import Store
from xlam_backend.store.review_items import read_item

MOST_HELD = 20
FEWEST_HELD = (
    15  # below it the person gets items again: a few at a time are read and leased at the cost of one
)
MOST_SENT = 6  # items in one answer: the first is on the screen soon, the others follow
MOST_ENTRIES = 500


class EditQuestion(msgspec.Struct, frozen=True):
    """An edited text to be checked; `number` comes back with the answer."""

    number: int
    item_no: int
    text: str
    call: int = -1


class Message(msgspec.Struct, frozen=True):
    """What a screen says: its running number, what it holds, what was pressed, what it wants to know."""

    number: int
    have: tuple[int, ...] = ()
    entries: tuple[dict[str, Any], ...] = ()
    check: EditQuestion | None = None
    whole: int = 0  # an item that is to be shown in full
    first: int = 0  # an item that is wanted before the others


class HeldItem(msgspec.Struct, frozen=True):
    """An item on its way to the screen."""

    lease: str
    view: ItemView
    reveal: Reveal | None = None


class EditReply(msgspec.Struct, frozen=True):
    """What was found out about an edited text."""

    number: int
    check: EditCheck


class DeskProgress(msgspec.Struct, frozen=True):
    """How far the person and the queue are; nothing in it tells which items are gold or shown again."""

    my_verdict_count: int
    my_due_count: int
    my_undoable_count: int
    my_seconds_each: float | None
    verdict_count: int
    wanted_count: int


class Reply(msgspec.Struct, frozen=True):
    """What the desk says. `order` are the items the person holds with their leases, first to last.

    `problem` says why nothing can be claimed (the queue is paused, ...).
    """

    number: int
    receipts: tuple[EntryReceipt, ...] = ()
    order: tuple[Claim, ...] = ()
    items: tuple[HeldItem, ...] = ()
    progress: DeskProgress | None = None
    problem: str = ""
    check: EditReply | None = None
    whole: ItemView | None = None


def read_message(text: bytes) -> Message:
    """Return what a screen sent, as JSON.

    Raises:
        InputError: it is not what a screen of today sends.
    """
    try:
        message = msgspec.json.decode(text, type=Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"The screen sent something unknown: {error}", "Reload the page.") from error
    if len(message.entries) > MOST_ENTRIES:
        raise InputError(f"The screen sent more than {MOST_ENTRIES} entries at once.", "Reload the page.")
    return message


def exchange(store: Store, queue_no: int, message: Message, *, person: Person, now: datetime) -> Reply:
    """Take what was pressed, lease what is due, and return what the screen does not have yet.

    Raises:
        AccessDeniedError: the person may not review.
        NotFoundError: there is no such queue.
    """
    receipts = _take(store, queue_no, message, person, now)
    problem = ""
    order: list[Claim] = []
    held_count = queue_progress(store, queue_no, person=person, now=now).my_held_count
    wanted_count = MOST_HELD if held_count < FEWEST_HELD else held_count
    try:  # items that an undo has opened again come on top of those held
        order = claim_items(store, queue_no, person=person, count=wanted_count, now=now)
    except ReviewRefusedError as refusal:
        problem = str(refusal)
    wanted = {message.first, *(receipt.item_no for receipt in receipts if receipt.kind == "undo")}
    missing = [claim for claim in order if claim.item_no not in message.have]
    missing.sort(key=lambda claim: claim.item_no not in wanted)
    del missing[MOST_SENT:]
    views = view_items(store, [claim.item_no for claim in missing], person=person, now=now)
    leases = {claim.item_no: claim.lease for claim in order}
    return Reply(
        message.number,
        receipts,
        tuple(order),
        tuple(HeldItem(leases[view.item_no], view) for view in views),
        _progress(store, queue_no, person, now),
        problem,
        check=_check(store, message.check),
        whole=_whole(store, message.whole, person, now),
    )


def exchange_on_item(store: Store, item_no: int, message: Message, *, person: Person, now: datetime) -> Reply:
    """Take what was pressed on one item that was opened by its link, and return it as it stands now.

    Raises:
        AccessDeniedError: the person may not read, or not review.
        NotFoundError: there is no such item.
    """
    queue_no = read_item(store, item_no).queue_no
    receipts = _take(store, queue_no, message, person, now)
    view = view_item(store, item_no, person=person, now=now)
    shown = reveal(store, item_no, person=person, now=now)
    return Reply(
        message.number,
        receipts,
        (Claim(item_no, ""),),
        (HeldItem("", view, shown),),
        _progress(store, queue_no, person, now),
        check=_check(store, message.check),
        whole=_whole(store, message.whole, person, now),
    )


def _progress(store: Store, queue_no: int, person: Person, now: datetime) -> DeskProgress:
    made = queue_progress(store, queue_no, person=person, now=now)
    return DeskProgress(
        made.my_verdict_count,
        made.my_due_count,
        made.my_undoable_count,
        made.my_seconds_each,
        made.verdict_count,
        made.wanted_count,
    )


def _take(
    store: Store, queue_no: int, message: Message, person: Person, now: datetime
) -> tuple[EntryReceipt, ...]:
    return tuple(_take_one(store, queue_no, entry, person, now) for entry in message.entries)


def _take_one(
    store: Store, queue_no: int, value: dict[str, Any], person: Person, now: datetime
) -> EntryReceipt:
    try:
        entry = msgspec.convert(value, Entry)
    except msgspec.ValidationError as error:
        return EntryReceipt(
            str(value.get("entry_id", "")),
            str(value.get("kind", "")),
            0,
            "refused",
            f"It is no answer: {error}",
        )
    return take_entry(store, queue_no, entry, person=person, now=now)


def _check(store: Store, question: EditQuestion | None) -> EditReply | None:
    if question is None:
        return None
    try:
        found = check_edit(store, read_item(store, question.item_no), question.text, call=question.call)
    except XlamError as error:
        found = EditCheck(str(error))
    return EditReply(question.number, found)


def _whole(store: Store, item_no: int, person: Person, now: datetime) -> ItemView | None:
    if not item_no:
        return None
    try:
        return view_item(store, item_no, person=person, now=now, whole=True)
    except NotFoundError:
        return None
