"""The runs behind the Responses page: those at work, and the last one where it did not get to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.run_card import POLL_SECONDS, draw_run_card
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from xlam_backend.activities.manager import list_runs, resume_run
from xlam_backend.activities.respond_run import KIND, params_with_budget, read_params
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
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
    budget = _budget_of(status)
    has_limits = budget != Budget()
    draw_run_card(status, has_resume=not has_limits)
    if status.what:
        st.html(
            f'<div class="xs-error" role="alert"><b>{text_html(status.what, 600)}</b>'
            f"{text_html(status.way_out, 600)}</div>"
        )
    if has_limits and may(current_person(), "run"):
        _draw_other_limits(status.run_id, budget)


def _draw_other_limits(run_id: str, budget: Budget) -> None:
    """Draw the limits of a run, to be changed before it goes on."""
    limits, button = st.columns([5, 1], vertical_alignment="bottom")
    with limits:
        wanted = draw_budget(f"{run_id}_", given=budget)
    draw_note("What was used so far counts.")
    if button.button("Resume", key=f"resume_{run_id}", icon=":material/play_arrow:"):
        _resume(run_id, params_with_budget(wanted))


def _budget_of(status: RunStatus) -> Budget:
    try:
        return read_params(status.params).budget
    except XlamError:  # a run of another version of the program
        return Budget()


def _resume(run_id: str, changes: dict[str, Any]) -> None:
    try:
        resume_run(app_store(), run_id, person=current_person(), now=datetime.now(UTC), changes=changes)
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
