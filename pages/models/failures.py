"""Failures: what a model gets wrong, beside another model, and the training data behind it."""

from __future__ import annotations

import streamlit as st

from pages.parts.failure_choice import Look, choose_evaluation, draw_slice, read_look
from pages.parts.failure_compare import draw_comparison
from pages.parts.failure_data import draw_data
from pages.parts.failure_items import draw_items
from pages.parts.failure_map import draw_map
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.rating_words import scripted_chip
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_choice
from xlam_backend.feedback.failures import FailureStatistics, count_failures, list_evaluations
from xlam_backend.statistics.intervals import show_interval, show_share

_SHOWN = {
    "items": "The failed answers",
    "data": "The training data behind them",
    "compare": "Beside another model",
}


def draw_numbers(found: FailureStatistics) -> None:
    """Draw the page's few numbers."""
    wrong = found.wrong
    patterns = {one.code for one in found.counts} - {"other"}
    draw_facts(
        [
            Fact(
                f"{wrong.hits:,}", "wrong answers", f"{show_share(wrong)} of {wrong.total:,} that were scored"
            ),
            Fact(show_interval(wrong) or "none", "95 % interval"),
            Fact(f"{len(patterns)}", "of SpecTool's seven patterns", ", ".join(sorted(patterns))),
            Fact(
                f"{found.not_answered_count:,}",
                "without an answer",
                "never scored",
                "alarm" if found.not_answered_count else "",
            ),
        ]
    )
    if found.evaluation.is_scripted:
        st.html(scripted_chip())


def draw_evaluation(look: Look) -> None:
    """Draw what failed in one evaluation."""
    found = read_cached("failures", count_failures, look.evaluation_no)
    draw_numbers(found)
    if not found.wrong.total:
        draw_empty("Nothing was scored.", "The endpoint gave no answer; the evaluation can be asked again.")
        return
    draw_map(found)
    draw_slice(found, look.wanted)
    choice, _ = st.columns([2, 5])
    with choice:
        shown = url_choice("Show", "show", _SHOWN, usual="items")
    if shown == "compare":
        draw_comparison(look)
    elif shown == "data":
        draw_data(look, found)
    else:
        draw_items(look)


def draw_page() -> None:
    """Draw the page."""
    draw_head(
        "Failures",
        "What a model gets wrong, in the words of the checks: down to one answer, beside another model, and "
        "back to the training samples that stand behind it.",
    )
    known = read_cached("evaluations", list_evaluations)
    if not known:
        draw_empty(
            "No model was evaluated yet.",
            "Evaluate one, or read in the result files of another tool; what fails is shown here.",
        )
        return
    draw_evaluation(read_look(choose_evaluation(known)))


draw_page()
