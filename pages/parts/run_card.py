"""A run on a card: what it is, how far it is, how to stop it, the way to all there is to see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.routes import RUNS
from pages.parts.run_words import chip_html, device_words, duration_words, progress_share, progress_words
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.url_view import put_in_url
from xlam_backend.activities.manager import repeat_run, resume_run, stop_run
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus

POLL_SECONDS = 1.0
STOPPED_WORDS = "It was stopped. What it had finished is kept; resume it to go on from there."


def draw_run_card(
    status: RunStatus, *, dismiss: Callable[[str], None] | None = None, has_resume: bool = True
) -> DeltaGenerator:
    """Draw a run; call it inside a fragment that is drawn again while the run is open.

    What can be done after its end is not drawn before it is taken in: the fragment goes then, and a press
    of a button in a fragment that is gone is lost.
    A run that has ended can be dismissed from a list where `dismiss` is given. Without `has_resume` the
    page draws its own button. Returns the card, for more to be drawn on it.
    """
    card = st.container(border=True, key=f"run_{status.run_id}")
    with card:
        head, buttons = st.columns([5, 2], vertical_alignment="center")
        devices = text_html(device_words(status), 400)
        head.html(
            f"<b>{text_html(status.title, 200)}</b> {chip_html(status)} "
            f'<span class="xs-note">{devices}</span>'
        )
        with (
            buttons,
            st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"),
        ):
            if status.is_open:
                draw_stop_button(status)
            elif has_resume and status.state != "succeeded" and not status.is_moving:
                draw_resume_button(status, key=f"resume_{status.run_id}")
            if not status.is_moving and dismiss is not None:
                key = f"dismiss_{status.run_id}"
                st.button("Dismiss", key=key, type="tertiary", on_click=dismiss, args=(status.run_id,))
            st.page_link(
                RUNS, label="Details", icon=":material/open_in_full:", query_params={"run": status.run_id}
            )
        if status.is_moving:
            draw_progress(status)
        elif status.state == "stopped":
            draw_note(STOPPED_WORDS)
    return card


def draw_progress(status: RunStatus) -> None:
    """Draw how far a run is that is open, or is being taken in."""
    st.progress(progress_share(status))
    going = f" · {duration_words(status.seconds)} so far" if status.started_at else ""
    # The words are the worker's: they are drawn as text, never as a label.
    st.html(f'<p class="xs-note" role="status">{text_html(progress_words(status), 300)}{going}</p>')


def draw_stop_button(status: RunStatus) -> None:
    """Draw the button that asks a run to stop, for whoever may."""
    if not may(current_person(), "run"):
        return
    st.button(
        "Stop",
        key=f"stop_{status.run_id}",
        icon=":material/stop:",
        disabled=status.state == "stopping",
        on_click=_stop,
        args=(status.run_id,),
    )


def draw_resume_button(status: RunStatus, *, key: str) -> None:
    """Draw the button that lets a run that stopped or failed go on, for whoever may."""
    if not may(current_person(), "run"):
        return
    st.button(
        "Resume",
        type="primary",
        icon=":material/play_arrow:",
        key=key,
        on_click=_resume,
        args=(status.run_id,),
    )


def draw_repeat_button(run_id: str, *, key: str, label: str, what: str) -> None:
    """Draw the button that starts the same work as a new run, and leads to it; `what` is its help."""
    st.button(label, icon=":material/replay:", key=key, help=what, on_click=_repeat, args=(run_id,))


# Done before the page is drawn: a page that begins anew before it comes to the button would lose the press.
def _stop(run_id: str) -> None:
    try:
        stop_run(app_store(), run_id, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)


def _resume(run_id: str) -> None:
    try:
        resume_run(app_store(), run_id, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)


def _repeat(run_id: str) -> None:
    try:
        new_id = repeat_run(app_store(), run_id, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        put_in_url("run", new_id)
