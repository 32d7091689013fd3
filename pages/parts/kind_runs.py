"""The runs behind a page: those at work, and the last one where it did not get to its end."""

from __future__ import annotations

import streamlit as st

from pages.parts.budget_resume import budget_of, draw_other_limits
from pages.parts.run_card import POLL_SECONDS, draw_run_card
from pages.parts.run_words import FAILURES
from pages.parts.safe_text import text_html
from xlam_backend.activities.manager import list_runs
from xlam_backend.llm.chat import Budget
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus


def runs_of(kind: str) -> list[RunStatus]:
    """Return the runs of a kind, the newest first."""
    return [status for status in list_runs(app_store().folder) if status.kind == kind]


def draw_kind_runs(kind: str) -> bool:
    """Draw what is at work, again every moment until it ends, and the last run when it failed or stopped.

    Returns whether one is at work.
    """
    runs = runs_of(kind)
    moving = _moving(runs)
    if moving:
        _draw_live(kind, moving)
    elif runs and runs[0].state != "succeeded":
        _draw_unfinished(runs[0])
    return bool(moving)


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(kind: str, known: str) -> None:
    runs = runs_of(kind)
    if _moving(runs) != known:
        st.rerun()  # something ended or began: the rest of the page has changed with it
    for status in runs:
        if status.is_moving:
            draw_run_card(status)


def _moving(runs: list[RunStatus]) -> str:
    return ",".join(status.run_id for status in runs if status.is_moving)


def _draw_unfinished(status: RunStatus) -> None:
    has_limits = budget_of(status) != Budget()
    draw_run_card(status, has_resume=not has_limits)
    if status.what:
        name = FAILURES[status.failure_class]
        st.html(
            f'<div class="xs-error" role="alert"><b>{name}: {text_html(status.what, 600)}</b>'
            f"{text_html(status.way_out, 600)}</div>"
        )
    if has_limits:
        draw_other_limits(status)
