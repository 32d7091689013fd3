"""One disagreement: the record, everybody's answers, the last word, and what it may teach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages.parts.answer_words import (
    DISPOSITION_WORDS,
    FLAG_WORDS,
    LESSON_WORDS,
    PREFERENCE_WORDS,
    answer_chip,
)
from pages.parts.guard import show_error
from pages.parts.names import machine_title
from pages.parts.page_head import draw_note
from pages.parts.pair_view import pair_html
from pages.parts.plain_item import item_html
from pages.parts.routes import ADJUDICATION, DESK, TRAJECTORY
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.trajectory_view import trajectory_html
from pages.parts.url_view import read_number
from xlam_backend.domain.adjudication import CAUSES, LESSONS_OF_KIND, AdjudicationDraft, Answer, LessonKind
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.explore.trajectory_page import open_version_page
from xlam_backend.owner import app_store
from xlam_backend.responses.pairs import open_pair
from xlam_backend.review.adjudication import (
    AnsweredItem,
    adjudicate,
    list_disputes,
    open_answered_item,
    settled_answer,
    withdraw_adjudication,
)
from xlam_backend.review.item_view import view_item
from xlam_backend.review.lessons import list_lessons, teach


def draw_dispute(item_no: int) -> None:
    """Draw one item with everybody's answers and the form of the last word."""
    item = read_cached("answered_item", open_answered_item, item_no, person=current_person())
    place = {name: value for name, value in st.query_params.items() if name != "item"}
    with st.container(horizontal=True):
        st.page_link(ADJUDICATION, label="Back to the list", icon=":material/list:", query_params=place)
        if following := _next_waiting(item_no):
            st.page_link(
                ADJUDICATION,
                label="Next disagreement",
                icon=":material/arrow_forward:",
                query_params={**place, "item": str(following)},
            )
        st.page_link(
            DESK, label="On the desk", icon=":material/rate_review:", query_params={"item": str(item_no)}
        )
        st.page_link(
            TRAJECTORY,
            label="The trajectory",
            icon=":material/timeline:",
            query_params={"id": item.trajectory_id},
        )
    st.html(_title_html(item))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_record(item)
    with right:
        st.html(_answers_html(item))
        if may(current_person(), "adjudicate"):
            _draw_form(item)
            _draw_lessons(item)
        else:
            draw_note("A researcher gives the last word.")


def _next_waiting(item_no: int) -> int:
    """Return the item that waits for a last word after this one, from the end on the first; 0 for none."""
    disputes = read_cached("disputes", list_disputes, read_number("queue", 0), person=current_person())
    waiting = [item.item_no for item in disputes.waiting]
    if item_no in waiting:
        at = waiting.index(item_no)
        waiting = waiting[at + 1 :] + waiting[:at]
    else:
        waiting.sort(key=lambda number: (number < item_no, number))
    return waiting[0] if waiting else 0


def _title_html(item: AnsweredItem) -> str:
    place = f"step {item.step + 1}" if item.step >= 0 else "the whole trajectory"
    if item.call >= 0:
        place += f", call {item.call + 1}"
    if item.pointer:
        place += f", argument {text_html(show_pointer(item.pointer), 200)}"
    marked = "flagged" if item.is_flagged else "not flagged: drawn as a control"
    about = machine_title(item.check) if item.check else "A pair" if item.kind == "pair" else "Nothing marked"
    return (
        f"<p><b>{text_html(about, 120)}</b> · {place} "
        f'<span class="xs-chip xs-plain">{marked}</span> '
        f'<span class="xs-note">item {item.item_no} of queue {text_html(item.queue, 120)}</span></p>'
    )


def _draw_record(item: AnsweredItem) -> None:
    if item.kind == "duplicate":
        shown = view_item(app_store(), item.item_no, person=current_person(), now=_now())
        st.html(item_html(shown))
        return
    if item.pair_no:
        st.html(pair_html(read_cached("pair", open_pair, item.pair_no)))
    page = read_cached("version_page", open_version_page, item.version_no)
    st.html(trajectory_html(page))


def _answers_html(item: AnsweredItem) -> str:
    rows = "".join(
        f'<tr><th scope="row">{text_html(given.person, 80)}</th><td>{answer_chip(given.answer)}'
        f"{_reason(given.reason)}{_note(given.note)}</td><td>{given.seconds:.0f} s</td></tr>"
        for given in item.verdicts
    )
    last = ""
    if item.decision is not None:
        last = (
            f"<p><b>Last word</b> of {text_html(item.decision.person, 80)}: "
            f"{answer_chip(item.decision.answer)} {text_html(item.decision.cause, 80)}"
            f"{_note(item.decision.note)}</p>"
        )
    return (
        '<table class="xs-table"><thead><tr><th scope="col">reviewer</th><th scope="col">answer</th>'
        f'<th scope="col">took</th></tr></thead><tbody>{rows}</tbody></table>{last}'
    )


def _reason(reason: str) -> str:
    return f'<br><span class="xs-note">because: {text_html(reason, 80)}</span>' if reason else ""


def _note(note: str) -> str:
    return f'<br><span class="xs-note">{text_html(note, 2000)}</span>' if note else ""


def _draw_form(item: AnsweredItem) -> None:
    number = item.item_no
    with st.form(f"last_word_{number}", border=True):
        flag = preference = rating = None
        if item.kind == "pair":
            preference = st.radio(
                "Which side is better?",
                list(PREFERENCE_WORDS),
                format_func=PREFERENCE_WORDS.__getitem__,
                index=None,
                key=f"preference_{number}",
            )
        else:
            flag = st.radio(
                "Are they the same sample?" if item.kind == "duplicate" else "Is the machine right?",
                list(FLAG_WORDS),
                format_func=FLAG_WORDS.__getitem__,
                index=None,
                horizontal=True,
                key=f"flag_{number}",
            )
        if item.kind == "rating":
            rating = st.segmented_control("The right rating", [1, 2, 3, 4, 5], key=f"rating_{number}")
        disposition = None
        if item.kind != "duplicate":  # which of two goes is decided with their cluster
            disposition = st.radio(
                "What happens to the data?",
                [word for word in DISPOSITION_WORDS if word != "flip" or item.kind == "pair"],
                format_func=DISPOSITION_WORDS.__getitem__,
                index=None,
                horizontal=True,
                key=f"disposition_{number}",
            )
        cause = st.selectbox("Why did the reviewers come apart?", CAUSES, index=None, key=f"cause_{number}")
        note = st.text_area("A word for those who read it later", key=f"note_{number}", height=68)
        if st.form_submit_button("Decide", type="primary", icon=":material/gavel:"):
            answer = Answer(flag or "", disposition or "", rating, preference or "")
            _decide(item, answer, cause, note)
    if item.decision is not None and st.button("Take the last word back", key=f"withdraw_{number}"):
        _carry_out(lambda: withdraw_adjudication(app_store(), number, person=current_person(), now=_now()))


def _decide(item: AnsweredItem, answer: Answer, cause: str | None, note: str) -> None:
    if cause is None:
        st.html('<p class="xs-error">Say why the reviewers came apart: that is what the numbers teach.</p>')
        return
    draft = AdjudicationDraft(item.item_no, answer, cause, note)  # type: ignore[arg-type] # one of CAUSES
    _carry_out(lambda: adjudicate(app_store(), draft, person=current_person(), now=_now()))


def _draw_lessons(item: AnsweredItem) -> None:
    if settled_answer(item) is None:
        return
    lessons = read_cached("lessons", list_lessons, person=current_person())
    taught = {one.kind for one in lessons if one.item_no == item.item_no}
    draw_note("Teach once: what is decided here need not be decided again.")
    with st.container(horizontal=True):
        for kind in LESSONS_OF_KIND[item.kind]:
            label = f"{LESSON_WORDS[kind]} ✔" if kind in taught else f"Use as {LESSON_WORDS[kind]}"
            if st.button(label, key=f"teach_{kind}_{item.item_no}", disabled=kind in taught):
                _teach(item.item_no, kind)


def _teach(item_no: int, kind: LessonKind) -> None:
    _carry_out(lambda: teach(app_store(), item_no, kind, person=current_person(), now=_now()))


def _carry_out(change: Callable[[], object]) -> None:
    try:
        change()
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def _now() -> datetime:
    return datetime.now(UTC)
