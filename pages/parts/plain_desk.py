"""The desk without its component: plain buttons, for whoever cannot use it, and for tests without a browser.

The buttons are drawn last and named after the item, and each carries the lease it was drawn with: a click
that comes late finds another item and is dropped, never put down to the wrong one.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import msgspec
import streamlit as st

from pages.parts.page_head import draw_empty, draw_note
from pages.parts.plain_item import item_html
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import PAIR_REASONS, Flag
from xlam_backend.owner import app_store
from xlam_backend.review.desk_entries import Entry, EntryReceipt, take_entry
from xlam_backend.review.desk_exchange import HeldItem, Message, Reply, exchange
from xlam_backend.review.queues import QueueSummary

_WORDS = "plain_desk_words"
_NEXT = "plain_desk_next"  # the item that an undo has opened again


def draw_plain_desk(queue: QueueSummary, person: Person) -> None:
    """Draw the first item that is due, and below it the buttons that answer it."""
    message = Message(0, first=int(st.session_state.get(_NEXT, 0)))
    reply = exchange(app_store(), queue.queue_no, message, person=person, now=datetime.now(UTC))
    _draw_progress(reply)
    if not reply.items:
        draw_empty("Nothing is due for you here.", reply.problem or "You have answered all that was left.")
        _button("Undo the last answer", "undo", queue, person, Entry("undo", ""))
        return
    held = reply.items[0]
    st.html(item_html(held.view))
    draw_note(f"You are answering item {held.view.item_no}.")
    _draw_buttons(queue, person, held)


def _draw_progress(reply: Reply) -> None:
    made = reply.progress
    if made is not None:
        draw_note(
            f"{made.my_verdict_count:,} answered by you, {made.my_due_count:,} left for you, "
            f"{made.verdict_count:,} of {made.wanted_count:,} of the queue."
        )
    if words := st.session_state.get(_WORDS):
        st.text(str(words))


def _draw_buttons(queue: QueueSummary, person: Person, held: HeldItem) -> None:
    view = held.view
    if view.answer == "pair":
        st.segmented_control("What is wrong with the other side?", PAIR_REASONS, key=f"reason-{view.item_no}")
    with st.container(horizontal=True):
        for label, verb, entry in _answers(held):
            _button(label, verb, queue, person, entry)


def _answers(held: HeldItem) -> list[tuple[str, str, Entry]]:
    """Return (label, verb, entry) of every answer to an item, the entry without its id."""
    view = held.view
    blank = Entry("answer", "", view.item_no, held.lease)
    skip = ("Skip", "skip", Entry("skip", "", view.item_no, held.lease))
    undo = ("Undo", "undo", Entry("undo", ""))
    if view.answer == "pair":
        sides = (("Left is better", "left"), ("Right is better", "right"), ("Equal", "equal"))
        pairs = [(label, pressed, _with(blank, pressed=pressed)) for label, pressed in sides]
        return [*pairs, ("Both bad", "both_bad", _with(blank, pressed="both_bad")), skip, undo]
    usual, wrong = view.guideline.usual, view.guideline.wrong_flag
    words: tuple[tuple[str, Flag], ...] = (("Agree", "agree"), ("Disagree", "disagree"), ("Unsure", "unsure"))
    flags = [(label, flag, _with(blank, flag=flag, disposition=usual.get(flag, ""))) for label, flag in words]
    if view.answer == "same":
        return [*flags, skip, undo]
    drop = ("Drop", "drop", _with(blank, flag=wrong, disposition="drop"))
    if view.answer == "rating":
        rates = [(str(value), f"rate{value}", _with(blank, rating=value)) for value in range(1, 6)]
        return [*rates, flags[2], drop, skip, undo]
    fixes = [
        (
            f"Repair {place + 1}",
            f"repair{place + 1}",
            _with(blank, repair=repair.key, flag=wrong),
        )
        for place, repair in enumerate(view.repairs)
    ]
    return [*flags, *fixes, drop, skip, undo]


def _with(entry: Entry, **fields: object) -> Entry:
    return msgspec.structs.replace(entry, **fields)


def _button(label: str, verb: str, queue: QueueSummary, person: Person, entry: Entry) -> None:
    st.button(
        label,
        key=f"{verb}-{entry.item_no}",
        on_click=_take,
        args=(queue.queue_no, person, entry),
        width="content",
    )


def _take(queue_no: int, person: Person, entry: Entry) -> None:
    """Carry out what was clicked, for the item and the lease that stood beside the button."""
    reason = st.session_state.get(f"reason-{entry.item_no}") or ""
    named = _with(entry, entry_id=f"plain-{uuid.uuid4().hex}", reason=reason)
    receipt = take_entry(app_store(), queue_no, named, person=person, now=datetime.now(UTC))
    st.session_state[_WORDS] = _words(receipt)
    st.session_state[_NEXT] = receipt.item_no if receipt.kind == "undo" else 0


def _words(receipt: EntryReceipt) -> str:
    if receipt.state == "refused":
        return f"Item {receipt.item_no} was not stored: {receipt.reason}"
    done = {"answer": "is stored", "skip": "is put off", "undo": "is open again"}[receipt.kind]
    return f"Item {receipt.item_no} {done}. {receipt.reason}".strip()
