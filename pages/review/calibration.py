"""Calibration: how far each check and judge can be trusted, measured against what people settled on."""

from __future__ import annotations

import streamlit as st

from pages.parts.calibration_compare import draw_comparison
from pages.parts.calibration_detail import draw_detail
from pages.parts.calibration_items import draw_items
from pages.parts.calibration_list import draw_list, open_voice, voice_key, voice_title
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.routes import QUEUES
from pages.parts.safe_text import show_hidden
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_select
from xlam_backend.review.agreement import read_agreement_choices
from xlam_backend.review.calibration import (
    LENGTHS,
    Calibration,
    CalibrationDetail,
    Voice,
    read_calibration,
    read_calibration_detail,
)
from xlam_backend.review.statistics_csv import write_calibration_csv

LONGEST_VERSION = 6


def wanted_voice() -> Voice:
    """Return the check or judge that the URL names."""
    params = st.query_params
    version = params.get("prompt", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < LONGEST_VERSION else 0
    return Voice(params.get("check", ""), params.get("model", ""), number)


def draw_filters(calibrations: tuple[Calibration, ...], voice: Voice | None) -> None:
    """Draw the choice of a queue and of a check or judge."""
    queues = read_cached("agreement_choices", read_agreement_choices).queues
    names = {str(queue.queue_no): f"{show_hidden(queue.name)} ({queue.verdict_count:,})" for queue in queues}
    left, middle, right = st.columns([3, 5, 2], vertical_alignment="bottom")
    with left:
        url_select(
            "Queue", "queue", list(names), show=lambda key: names.get(key, key), placeholder="all queues"
        )
    with middle:
        _draw_voices(calibrations, voice)
    with right:
        detail = None if voice is None else _detail(voice)
        st.download_button(
            "Download CSV",
            data=lambda: write_calibration_csv(calibrations, detail),
            file_name="xlam-studio-calibration.csv",
            mime="text/csv",
            icon=":material/download:",
        )


def _draw_voices(calibrations: tuple[Calibration, ...], voice: Voice | None) -> None:
    by_key = {voice_key(each.voice): each.voice for each in calibrations}
    # Set before the widget is made, so that a link or Back wins over old widget state.
    st.session_state["voice"] = None if voice is None or voice_key(voice) not in by_key else voice_key(voice)

    def take_over() -> None:
        chosen = st.session_state["voice"]
        open_voice(by_key[chosen] if chosen else None)

    st.selectbox(
        "Check or judge, model and version of its prompt",
        list(by_key),
        key="voice",
        format_func=lambda key: voice_title(by_key[key]),
        placeholder="all of them",
        index=None,
        on_change=take_over,
    )


def _detail(voice: Voice) -> CalibrationDetail | None:
    length = st.query_params.get("length", "")
    return read_cached(
        "calibration_detail",
        read_calibration_detail,
        voice,
        read_number("queue", 0),
        length=length if length in LENGTHS else "steps",
    )


def draw_page(calibrations: tuple[Calibration, ...]) -> None:
    """Draw the list of all, or one of them in detail."""
    voice = wanted_voice() if "check" in st.query_params else None
    draw_filters(calibrations, voice)
    if voice is None:
        draw_list(calibrations)
        return
    detail = _detail(voice)
    if detail is None:
        draw_empty(
            "Nobody has answered an item of this check or judge.", "Choose another one, or all queues."
        )
        return
    draw_detail(detail)
    if detail.calibration.kind == "rating":
        draw_comparison(voice, read_number("queue", 0))
    draw_items(voice, current_person(), read_number("queue", 0), has_scores=bool(detail.histogram))


draw_head(
    "Calibration",
    "How far each check and judge can be trusted, measured against what people settled on.",
)
found = read_cached("calibration", read_calibration, read_number("queue", 0))
if found or "queue" in st.query_params:
    draw_page(found)
else:
    draw_empty(
        "Nobody has answered anything yet.",
        "Draw a queue of findings or ratings, with some unflagged items for the recall, and review it.",
    )
    st.page_link(QUEUES, label="Queues", icon=":material/inbox:")
