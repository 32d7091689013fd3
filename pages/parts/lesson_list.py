"""The lessons taught by decided items, and the rules held against theirs."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.answer_words import LESSON_WORDS, answer_chip
from pages.parts.guard import show_error
from pages.parts.names import check_title
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.routes import ADJUDICATION
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.review.lessons import (
    Lesson,
    RuleCaseResult,
    list_lessons,
    run_rule_cases,
    take_back_lesson,
)

_MOST_SHOWN = 100


def draw_lessons() -> None:
    """Draw what was taught, newest first; each can be taken back."""
    lessons = read_cached("lessons", list_lessons, person=current_person())
    if not lessons:
        draw_empty("Nothing has been taught yet.", "A decided item offers what it can teach.")
        return
    _draw_rule_cases(read_cached("rule_cases", run_rule_cases, person=current_person()))
    for lesson in reversed(lessons[-_MOST_SHOWN:]):
        _draw_lesson(lesson)


def _draw_rule_cases(results: list[RuleCaseResult]) -> None:
    if not results:
        return
    failed = [one for one in results if not one.passes]
    if not failed:
        draw_note(f"All {len(results):,} regression cases are met by today's rules.")
        return
    items = "".join(
        f"<li><span>{text_html(check_title(one.lesson.check), 100)}, item {one.lesson.item_no}</span>"
        f"<span>{text_html(_failure(one), 300)}</span></li>"
        for one in failed
    )
    st.html(
        f'<div class="xs-error"><b>{len(failed)} of {len(results)} regression cases are not met by today\'s '
        f'rules</b><ul class="xs-list">{items}</ul></div>'
    )


def _failure(result: RuleCaseResult) -> str:
    if result.failure:
        return result.failure
    return "should be found, is not" if result.is_expected else "should be left alone, is found"


def _draw_lesson(lesson: Lesson) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"l_{lesson.lesson_no}"):
        st.html(
            f'<span class="xs-chip xs-plain">{LESSON_WORDS[lesson.kind]}</span> '
            f"<b>{text_html(check_title(lesson.check), 100)}</b> {answer_chip(lesson.content.answer)} "
            f'<span class="xs-note">{text_html(lesson.content.trajectory.query, 160)} · taught by '
            f"{text_html(lesson.person, 80)}, {lesson.taught_at:%Y-%m-%d}</span>"
        )
        st.page_link(ADJUDICATION, label="Open", query_params={"item": str(lesson.item_no)})
        if st.button("Take back", key=f"take_back_{lesson.lesson_no}", type="tertiary"):
            _take_back(lesson.lesson_no)


def _take_back(lesson_no: int) -> None:
    try:
        take_back_lesson(app_store(), lesson_no, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
