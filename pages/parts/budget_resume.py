"""Lets a run that asks models go on under other limits, after its budget was spent or it was stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.signed_in import current_person
from xlam_backend.activities.manager import resume_run
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.llm.chat import Budget
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus


def budget_of(status: RunStatus) -> Budget:
    """Return the limits a run has; none for one that asks no models, or is of another version."""
    try:
        return msgspec.convert(status.params.get("budget") or {}, Budget)
    except (msgspec.ValidationError, XlamError):
        return Budget()


def draw_other_limits(status: RunStatus) -> None:
    """Draw the limits of a run, to be changed before it goes on, for whoever may."""
    if not may(current_person(), "run"):
        return
    limits, button = st.columns([5, 1], vertical_alignment="bottom")
    with limits:
        wanted = draw_budget(f"{status.run_id}_", given=budget_of(status))
    draw_note("What was used so far counts.")
    if button.button("Resume", key=f"resume_{status.run_id}", icon=":material/play_arrow:"):
        _resume(status.run_id, {"budget": msgspec.to_builtins(wanted)})


def _resume(run_id: str, changes: dict[str, Any]) -> None:
    try:
        resume_run(app_store(), run_id, person=current_person(), now=datetime.now(UTC), changes=changes)
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
