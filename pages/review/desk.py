"""Desk: one item after the other, answered by keyboard; each press is kept until it is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.desk_component import PAGE_STYLE, draw_desk
from pages.parts.desk_queues import draw_queue_choice
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.plain_desk import draw_plain_desk
from pages.parts.signed_in import current_person
from xlam_backend.domain.person import Person, may
from xlam_backend.owner import app_store
from xlam_backend.review.items import open_item
from xlam_backend.review.queues import QueueSummary, open_queue
from xlam_backend.review.verdicts import read_verdicts

LONGEST_NUMBER = 12


def draw_queue(queue_no: int, person: Person) -> None:
    """Draw the desk of a queue."""
    queue = open_queue(app_store(), queue_no, person=person, now=datetime.now(UTC))
    if not may(person, "review"):
        draw_empty("You may look, but not review.", "An admin gives roles on the People page.")
        return
    if not queue.progress.is_reviewer:
        draw_empty("This queue is meant for other people.", "Choose another queue.")
        return
    if st.query_params.get("plain"):
        _plain_part(queue, person)
    else:
        st.html(PAGE_STYLE)
        _desk_part(queue, person)


def draw_item(item_no: int, person: Person) -> None:
    """Draw one item alone; whoever has answered it can change their answer here."""
    store, now = app_store(), datetime.now(UTC)
    item = open_item(store, item_no)
    queue = open_queue(store, item.queue_no, person=person, now=now)
    mine = read_verdicts(store, item_no, person=person, now=now).mine
    reason = ""
    if not may(person, "review"):
        reason = "You may look, but not review."
    elif mine is None:
        reason = "You have not answered this item. Its queue gives it to you when it is your turn."
    elif queue.progress.state == "closed":
        reason = "The queue is closed: answers stand as they are."
    st.html(PAGE_STYLE)
    _item_part(queue, person, item_no, reason)


@st.fragment
def _desk_part(queue: QueueSummary, person: Person) -> None:
    draw_desk(queue, person)


@st.fragment
def _item_part(queue: QueueSummary, person: Person, item_no: int, reason: str) -> None:
    draw_desk(queue, person, item_no=item_no, read_only=reason)


@st.fragment
def _plain_part(queue: QueueSummary, person: Person) -> None:
    draw_plain_desk(queue, person)


def _number(name: str) -> int:
    """Return the number a parameter of the URL gives, 0 when it gives none."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0


with st.container(key="desk_head"):
    draw_head("Review desk", "One item after the other: what a machine says, and whether it is true.")
someone = current_person()
item_asked, queue_asked = _number("item"), _number("queue")
if item_asked:
    draw_item(item_asked, someone)
elif queue_asked:
    draw_queue(queue_asked, someone)
else:
    draw_queue_choice(someone)
