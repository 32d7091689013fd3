"""Preference pairs: where they come from, which count, why the others do not, and errors planted for more."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.kind_runs import draw_kind_runs
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.preference_choice import draw_choice, read_selection
from pages.parts.preference_figures import draw_margins_and_reasons, draw_numbers, draw_ways
from pages.parts.preference_form import draw_new_errors, draw_planted_runs
from pages.parts.preference_list import draw_alarms, draw_list, draw_pair
from pages.parts.routes import DESK, RESPONSES
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from xlam_backend.activities.corrupt_run import KIND
from xlam_backend.owner import app_store
from xlam_backend.preference.figures import has_pairs, read_figures
from xlam_backend.review.verdicts import is_asked_about_pairs


def draw_overview() -> None:
    """Draw the runs at work, the figures of the pairs, the pairs, and the form that plants errors."""
    is_working = draw_kind_runs(KIND)
    if read_cached("has_pairs", has_pairs):
        _draw_pairs()
    elif is_working:
        draw_empty("Errors are being planted.", "The pairs appear here, part by part.")
    else:
        draw_empty(
            "There are no pairs yet.",
            "Plant errors in correct steps below, or have less powerful models answer steps.",
        )
        st.page_link(RESPONSES, label="Have steps answered", icon=":material/compare_arrows:")
        draw_new_errors(is_first=True)


def _draw_pairs() -> None:
    draw_new_errors(is_first=False)
    selection = draw_choice()
    figures = read_cached("preference_figures", read_figures, selection)
    draw_numbers(figures)
    draw_alarms(selection, figures.alarms)
    if figures.total:
        draw_ways(figures)
        draw_margins_and_reasons(figures)
    draw_list(selection)
    draw_planted_runs()


draw_head(
    "Preference pairs",
    "A better and a worse way to take the same step: which pairs there are, which of them count, and why.",
)
if is_asked_about_pairs(app_store(), person=current_person(), now=datetime.now(UTC)):
    draw_empty(
        "Pairs wait for your answer.",
        "Which side was chosen is shown here once you have answered those that are left for you.",
    )
    st.page_link(DESK, label="Desk", icon=":material/rate_review:")
elif wanted := read_number("pair", 0):
    draw_pair(wanted, read_selection())
else:
    draw_overview()
