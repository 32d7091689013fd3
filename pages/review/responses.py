"""Responses: what less powerful models would have done, what became of it, and the pairs it gave."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.kind_runs import draw_kind_runs, runs_of
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.response_form import draw_new_responses
from pages.parts.response_funnel import draw_funnel
from pages.parts.response_pairs import draw_pair, draw_pairs
from pages.parts.routes import DESK
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_select
from xlam_backend.activities.respond_run import KIND
from xlam_backend.owner import app_store
from xlam_backend.responses.funnel import list_candidate_runs, read_funnel
from xlam_backend.review.verdicts import is_asked_about_pairs


def draw_overview() -> None:
    """Draw the runs at work, what became of the answers, the pairs, and the form of a new run."""
    is_working = draw_kind_runs(KIND)
    runs = read_cached("respond_runs", list_candidate_runs)
    if runs:
        draw_new_responses(is_first=False)
        funnel = read_cached("response_funnel", read_funnel, _chosen_run(runs))
        draw_funnel(funnel)
        draw_pairs(funnel)
    elif is_working:
        draw_empty("The models are at work.", "What they answer appears here, part by part.")
    else:
        draw_empty(
            "No model has answered a step yet.",
            "Choose below which trajectories, and which less powerful models are to answer their steps.",
        )
        draw_new_responses(is_first=True)


def _chosen_run(runs: list[str]) -> str:
    titles = {
        status.run_id: f"{status.created_at:%d %B %H:%M} · {one_line(status.title, 100)}"
        for status in runs_of(KIND)
    }
    chosen = url_select(
        "Run",
        "run",
        runs,
        show=lambda run_id: titles.get(run_id, run_id),
        only_these=True,
        placeholder="all runs",
    )
    return chosen if chosen in runs else ""


draw_head(
    "Responses",
    "Less powerful models answer steps of trajectories; what is worse is the rejected side of a pair.",
)
if is_asked_about_pairs(app_store(), person=current_person(), now=datetime.now(UTC)):
    draw_empty(
        "Pairs wait for your answer.",
        "Which side was chosen is shown here once you have answered those that are left for you.",
    )
    st.page_link(DESK, label="Desk", icon=":material/rate_review:")
elif wanted := read_number("pair", 0):
    draw_pair(wanted)
else:
    draw_overview()
