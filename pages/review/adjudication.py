"""Adjudication: the items whose reviewers disagree, the last word on them, and what they teach."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.parts.answer_words import answer_words
from pages.parts.dispute_view import draw_dispute
from pages.parts.lesson_list import draw_lessons
from pages.parts.names import machine_title
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import QUEUES
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_page
from xlam_backend.domain.person import may
from xlam_backend.review.adjudication import AnsweredItem, Disputes, list_disputes
from xlam_backend.review.lessons import Lesson, list_lessons

_COLUMNS = (
    Column("Request", "34%"),
    Column("About", "18%"),
    Column("Queue", "14%"),
    Column("Answers", "34%", "names"),
)
_SHOWS = {"waiting": "Waiting", "decided": "Decided", "lessons": "What they teach"}
_ROWS = 25


def draw_page(disputes: Disputes, lessons: Sequence[Lesson] | None) -> None:
    """Draw the numbers, then the list that the URL asks for; `lessons` None: they are not for this person."""
    taught = [] if lessons is None else [Fact(f"{len(lessons):,}", "lessons taught")]
    draw_facts(
        [
            Fact(
                f"{len(disputes.waiting):,}",
                "wait for a last word",
                look="alarm" if disputes.waiting else "fine",
            ),
            Fact(f"{len(disputes.decided):,}", "decided"),
            Fact(f"{disputes.agreed_count:,}", "agreed on by their reviewers", "nothing to decide"),
            *taught,
        ]
    )
    if lessons is None:
        draw_note("You see the items you answered yourself, and those of closed queues.")
    shown = _draw_choice([name for name in _SHOWS if name != "lessons" or lessons is not None])
    if shown == "lessons":
        draw_lessons()
        return
    items = disputes.decided if shown == "decided" else disputes.waiting
    if items:
        _draw_items(items)
    elif shown == "decided":
        draw_empty(
            "Nothing has been decided yet.", "Open a disagreement under Waiting and give the last word."
        )
    else:
        draw_empty(
            "No disagreement waits for a last word.",
            "Disagreements appear here once every reviewer that a queue asks for has answered.",
        )
        st.page_link(QUEUES, label="Queues", icon=":material/inbox:")


def _draw_choice(choices: Sequence[str]) -> str:
    wanted = st.query_params.get("show", "waiting")
    st.session_state["adjudication_show"] = wanted if wanted in choices else "waiting"
    st.segmented_control(
        "Show",
        choices,
        format_func=_SHOWS.__getitem__,
        key="adjudication_show",
        label_visibility="collapsed",
        on_change=lambda: put_in_url("show", st.session_state["adjudication_show"]),
    )
    return str(st.session_state["adjudication_show"] or "waiting")


def _draw_items(items: tuple[AnsweredItem, ...]) -> None:
    pages = -(-len(items) // _ROWS)
    page = max(1, min(read_number("page", 1), pages))
    shown = items[(page - 1) * _ROWS : page * _ROWS]
    opened = draw_table(_COLUMNS, [_row(item) for item in shown], key="disputes")
    if opened:
        st.query_params["item"] = opened  # the page of the list stays, for the way back
        st.rerun()
    if pages > 1:
        url_page(page, pages)


def _row(item: AnsweredItem) -> Row:
    answers = [f"{one_line(given.person, 40)}: {answer_words(given.answer)}" for given in item.verdicts[:4]]
    if item.decision is not None:
        answers = [f"last word: {answer_words(item.decision.answer)}", *answers]
    return Row(
        id=str(item.item_no),
        href="adjudication?" + urlencode({"item": item.item_no}),
        cells=(
            one_line(item.query, 160) or "(no request)",
            _about(item),
            one_line(item.queue, 60),
            tuple(answers),
        ),
    )


def _about(item: AnsweredItem) -> str:
    if item.check:
        return one_line(machine_title(item.check), 60)
    return "a pair" if item.kind == "pair" else "nothing marked"


draw_head(
    "Adjudication",
    "Give the last word where reviewers disagree, say why they came apart, let it teach.",
)
wanted_item = read_number("item", 0)
if wanted_item:
    draw_dispute(wanted_item)
else:
    someone = current_person()
    draw_page(
        read_cached("disputes", list_disputes, read_number("queue", 0), person=someone),
        read_cached("lessons", list_lessons, person=someone) if may(someone, "adjudicate") else None,
    )
