"""The runs behind the Responses page: those at work, and the last one where it did not get to its end."""

from __future__ import annotations

import streamlit as st

from pages.parts.budget_resume import budget_of, draw_other_limits
from pages.parts.run_card import POLL_SECONDS, draw_run_card
from pages.parts.safe_text import text_html
from xlam_backend.activities.manager import list_runs
from xlam_backend.activities.respond_run import KIND
from xlam_backend.llm.chat import Budget
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus


def response_runs() -> list[RunStatus]:
    """Return the runs of responses, the newest first."""
    return [status for status in list_runs(app_store().folder) if status.kind == KIND]


def draw_response_runs() -> bool:
    """Draw what is at work, again every moment until it ends, and the last run when it failed.

    Returns whether one is at work.
    """
    runs = response_runs()
    moving = _moving(runs)
    if moving:
        _draw_live(moving)
    elif runs and runs[0].state != "succeeded":
        _draw_unfinished(runs[0])
    return bool(moving)


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(known: str) -> None:
    runs = response_runs()
    if _moving(runs) != known:
        st.rerun()
    for status in runs:
        if status.is_moving:
            draw_run_card(status)


def _moving(runs: list[RunStatus]) -> str:
    return ",".join(status.run_id for status in runs if status.is_moving)


def _draw_unfinished(status: RunStatus) -> None:
    has_limits = budget_of(status) != Budget()
    draw_run_card(status, has_resume=not has_limits)
    if status.what:
        st.html(
            f'<div class="xs-error" role="alert"><b>{text_html(status.what, 600)}</b>'
            f"{text_html(status.way_out, 600)}</div>"
        )
    if has_limits:
        draw_other_limits(status)
