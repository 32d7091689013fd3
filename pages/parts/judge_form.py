"""Asking the judges: whom, about what, with which budget; what that means is shown before the start."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.chosen_records import draw_chosen_records
from pages.parts.counted import counted
from pages.parts.endpoint_panel import draw_endpoint
from pages.parts.guard import show_error
from pages.parts.judge_estimate import draw_estimate
from pages.parts.judge_settings import draw_examples, draw_rare
from pages.parts.page_head import draw_note
from pages.parts.routes import RUNS
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.url_view import read_view
from xlam_backend.activities.judge_run import start_judging
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import XlamError
from xlam_backend.judges import JUDGES
from xlam_backend.judges.base import Judge
from xlam_backend.judges.explanation import explain
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.owner import app_store

_KEY = "judge_"


def draw_form(*, is_first: bool) -> None:
    """Draw the form of a new run; unfolded while nothing is judged, or where the URL asks for it."""
    is_open = is_first or "new" in st.query_params
    with st.expander("Ask the judges", icon=":material/balance:", expanded=is_open, key="ask_judges"):
        if may_or_say("judge"):
            _draw_form()


def _draw_form() -> None:
    filters = read_view().filters
    draw_chosen_records(filters)
    left, right = st.columns(2, gap="large")
    with left:
        chosen = _draw_judges()
        st.html('<h4 class="xs-part">Which model?</h4>')
        endpoint, models = draw_endpoint(_KEY)
        settings = _settings(chosen, endpoint.name if endpoint else "", models)
    with right:
        st.html('<h4 class="xs-part">Before anything is asked</h4>')
        asked = draw_estimate(settings, filters, endpoint) if settings else 0
    is_ready = settings is not None and bool(settings.models) and bool(asked)
    label = f"Ask about {counted(asked, 'place')}" if is_ready else "Ask the judges"
    if st.button(label, type="primary", icon=":material/balance:", disabled=not is_ready) and settings:
        _start(settings, filters)


def _draw_judges() -> list[str]:
    st.html('<h4 class="xs-part">Which judges?</h4>')
    chosen = []
    for at, judge in enumerate(JUDGES):
        box, why = st.columns([8, 2], vertical_alignment="center")
        if box.checkbox(
            _label(judge), value=at == 0, key=f"{_KEY}on_{judge.name}", help=f"By default: {judge.selects}."
        ):
            chosen.append(judge.name)
        with why:
            _draw_explanation(judge)
    return chosen


def _label(judge: Judge) -> str:
    rule = f"{judge.rule_id} " if judge.rule_id else ""
    kind = "score" if judge.is_scored else "verdict"
    return f"{rule}{judge.title} · a {kind} per {judge.subject}"


def _draw_explanation(judge: Judge) -> None:
    words = explain(judge)
    parts = (
        (judge.title, words.summary),
        ("What it sees", words.sees),
        ("Why it hurts", words.hurts),
        ("Bad", words.bad),
        ("Good", words.good),
        ("Way out", words.way_out),
    )
    with st.popover("Why?", type="tertiary", icon=":material/help:", key=f"{_KEY}why_{judge.name}"):
        st.html("".join(f"<p><b>{title}</b><br>{text_html(text)}</p>" for title, text in parts if text))


def _settings(judges: list[str], endpoint: str, models: tuple[str, ...]) -> JudgeSettings | None:
    """Return the settings as they stand on the page; None, with the reason drawn, when they cannot be."""
    st.html('<h4 class="xs-part">Budget</h4>')
    given: dict[str, Any] = {"budget": draw_budget(_KEY), **draw_rare(_KEY)}
    if not judges:
        draw_note("Choose at least one judge.")
        return None
    try:
        lessons = draw_examples(_KEY, tuple(judges))
        return JudgeSettings(judges=tuple(judges), endpoint=endpoint, models=models, lessons=lessons, **given)
    except XlamError as error:
        show_error(error)
        return None


def _start(settings: JudgeSettings, filters: Filters) -> None:
    try:
        run_id = start_judging(app_store(), settings, filters, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    st.switch_page(RUNS, query_params={"run": run_id})
