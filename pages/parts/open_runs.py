"""The runs of one kind, on the page of their results: those at work, and the last one if it failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from xlam_backend.activities.manager import list_runs, resume_run, stop_run
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus

POLL_SECONDS = 1.0

_ENDED_LOOKS = {"failed": "xs-reject", "stopped": "xs-plain", "lost": "xs-reject"}


def runs_of_kind(kind: str) -> list[RunStatus]:
    """Return the runs of a kind, the newest first."""
    return [status for status in list_runs(app_store().folder) if status.kind == kind]


def draw_open_runs(kind: str) -> None:
    """Draw what is at work, again every moment until it ends; then the rest of the page is drawn anew."""
    runs = runs_of_kind(kind)
    if open_ids := _open_ids(runs):
        _draw_live(kind, open_ids)
    elif runs and runs[0].state != "succeeded":
        _draw_unfinished(runs[0])


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(kind: str, open_ids: str) -> None:
    runs = runs_of_kind(kind)
    if _open_ids(runs) != open_ids:
        st.rerun()
    for status in runs:
        if status.is_open:
            _draw_open(status)


def _open_ids(runs: list[RunStatus]) -> str:
    return ",".join(status.run_id for status in runs if status.is_open)


def _draw_open(status: RunStatus) -> None:
    with st.container(border=True, key=f"run_{status.run_id}"):
        head, button = st.columns([6, 1], vertical_alignment="center")
        head.html(
            f'<b>{text_html(status.title, 200)}</b> <span class="xs-chip xs-warn">{status.state}</span>'
        )
        if may(current_person(), "run") and button.button(
            "Stop", key=f"stop_{status.run_id}", icon=":material/stop:", disabled=status.state == "stopping"
        ):
            _carry_out(lambda: stop_run(app_store(), status.run_id, person=current_person(), now=_now()))
        made = status.progress
        share = made.done / made.total if made is not None and made.total else 0.0
        st.progress(min(1.0, share), _progress_words(status))


def _progress_words(status: RunStatus) -> str:
    made = status.progress
    if status.state == "queued":
        return "Waits for the run before it."
    if made is None or not made.total:
        return "Starting …"
    left = status.seconds_left
    time_left = "" if left is None else f", about {left:,.0f} s left"
    return f"{made.done:,} of {made.total:,}{time_left}"


def _draw_unfinished(status: RunStatus) -> None:
    """Draw the last run where it did not end well: what happened, and going on from there."""
    with st.container(border=True, key=f"run_{status.run_id}"):
        head, button = st.columns([6, 1], vertical_alignment="center")
        head.html(
            f"<b>{text_html(status.title, 200)}</b> "
            f'<span class="xs-chip {_ENDED_LOOKS[status.state]}">{status.state}</span>'
            f'<p class="xs-note">{text_html(status.what, 500)} {text_html(status.way_out, 500)}</p>'
        )
        if may(current_person(), "run") and button.button(
            "Resume", key=f"resume_{status.run_id}", icon=":material/play_arrow:"
        ):
            _carry_out(lambda: resume_run(app_store(), status.run_id, person=current_person(), now=_now()))
            draw_note("It goes on.")


def _carry_out(change: Callable[[], object]) -> None:
    try:
        change()
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def _now() -> datetime:
    return datetime.now(UTC)
