"""Failures: what a model gets wrong, beside another model, and the training data behind it."""

from __future__ import annotations

import streamlit as st

from pages.parts.failure_choice import Look, choose_evaluation, draw_slice, read_look
from pages.parts.failure_compare import draw_comparison
from pages.parts.failure_data import draw_data
from pages.parts.failure_item import draw_item
from pages.parts.failure_items import draw_items
from pages.parts.failure_map import draw_map
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import EVALUATE
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_choice
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.feedback.failures import FailureStatistics, count_failures, list_evaluations
from xlam_backend.statistics.intervals import show_rate

_MOST_CODES = 3
_SHOWN = {
    "items": "The failed answers",
    "data": "The training data behind them",
    "compare": "Beside another model",
}


def draw_numbers(found: FailureStatistics) -> None:
    """Draw the page's few numbers."""
    wrong = found.wrong
    codes = sorted({one.code for one in found.counts}, key=lambda code: -found.count(code=code))
    draw_facts(
        [
            Fact(f"{wrong.hits:,}", "wrong answers", show_rate(wrong)),
            *(
                Fact(f"{found.count(code=code):,}", SPECTOOL_CODES[code], code if code != "other" else "")
                for code in codes[:_MOST_CODES]
            ),
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


def draw_evaluation(look: Look, shown: str) -> None:
    """Draw what failed in one evaluation."""
    found = read_cached("failures", count_failures, look.evaluation_no)
    draw_numbers(found)
    if not found.wrong.total:
        draw_empty("Nothing was scored.", "The endpoint gave no answer; the evaluation can be asked again.")
    elif shown == "compare":
        draw_comparison(look, found)
    elif shown == "data":
        draw_slice(found, look.wanted)
        draw_data(look, found)
    elif look.wanted.item:
        draw_item(look)
    else:
        draw_map(found)
        draw_slice(found, look.wanted)
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
        st.page_link(EVALUATE, label="Evaluate a model", icon=":material/quiz:")
        return
    left, right = st.columns([5, 2])
    with left:
        chosen = choose_evaluation(known)
    with right:
        shown = url_choice("Show", "show", _SHOWN, usual="items")
    draw_evaluation(read_look(chosen), shown)


draw_page()
