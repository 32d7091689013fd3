"""One queue as a card: its progress, the link to it, and what a lead may do with it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import streamlit as st

from pages.parts.answer_words import KIND_WORDS
from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.routes import ADJUDICATION, AGREEMENT, CALIBRATION, DESK
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from xlam_backend.domain.person import may
from xlam_backend.domain.review import QueueState
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.review.queues import QueueAct, QueueSummary, set_queue_state

_STATES: dict[QueueState, tuple[str, str]] = {
    "open": ("xs-good", "▶ open"),
    "paused": ("xs-warn", "‖ paused"),
    "closed": ("xs-plain", "■ closed"),
}
_ACTS: dict[QueueState, tuple[tuple[QueueAct, str, str], ...]] = {
    "open": (("paused", "Pause", ":material/pause:"), ("closed", "Close", ":material/stop:")),
    "paused": (("opened", "Open again", ":material/play_arrow:"), ("closed", "Close", ":material/stop:")),
    "closed": (("opened", "Open again", ":material/play_arrow:"),),
}


def draw_queue(queue: QueueSummary) -> None:
    """Draw a queue with its progress and its ways on."""
    progress = queue.progress
    with st.container(border=True, key=f"queue_{queue.queue_no}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(_title_html(queue))
            _draw_review_link(queue)
        st.progress(
            progress.verdict_count / progress.wanted_count if progress.wanted_count else 1.0,
            f"{progress.verdict_count:,} of {progress.wanted_count:,} verdicts, "
            f"{progress.done_count:,} of {progress.item_count:,} items done",
        )
        st.html(_details_html(queue))
        _draw_ways(queue)


def _title_html(queue: QueueSummary) -> str:
    look, word = _STATES[queue.progress.state]
    return (
        f"<b>{text_html(queue.plan.name, 120)}</b> "
        f'<span class="xs-chip {look}">{word}</span> '
        f'<span class="xs-chip xs-plain">{KIND_WORDS[queue.plan.kind]}</span>'
    )


def _details_html(queue: QueueSummary) -> str:
    progress, plan = queue.progress, queue.plan
    people = counted(plan.overlap, "person", "people")
    parts = [f"{people} for each item", f"{progress.reviewer_count:,} at work so far"]
    if progress.seconds_each is not None:
        parts.append(f"{progress.seconds_each:.0f} s an item")
    if progress.gold_count:
        parts.append(f"{progress.gold_count:,} gold items")
    if progress.repeat_count:
        parts.append(f"{progress.repeat_count:,} shown twice")
    made = f"made by {text_html(queue.created_by, 80)}, {queue.created_at:%Y-%m-%d}"
    return f'<p class="xs-note">{" · ".join(parts)} · {made}</p>'


def _draw_review_link(queue: QueueSummary) -> None:
    progress = queue.progress
    if progress.state != "open" or not progress.is_reviewer:
        return
    st.page_link(
        DESK,
        label=f"Review {progress.my_due_count:,}" if progress.my_due_count else "Nothing due for you",
        icon=":material/rate_review:",
        query_params={"queue": str(queue.queue_no)},
        disabled=not progress.my_due_count,
    )


def _draw_ways(queue: QueueSummary) -> None:
    of_queue = {"queue": str(queue.queue_no)}
    with st.container(horizontal=True, vertical_alignment="center"):
        for page, label, icon in (
            (ADJUDICATION, "Disagreements", ":material/gavel:"),
            (AGREEMENT, "Agreement", ":material/handshake:"),
            (CALIBRATION, "Calibration", ":material/target:"),
        ):
            st.page_link(page, label=label, icon=icon, query_params=of_queue)
        if may(current_person(), "manage queue"):
            _draw_acts(queue)


def _draw_acts(queue: QueueSummary) -> None:
    with st.popover("Link to send", icon=":material/link:", type="tertiary"):
        st.code(queue_link(queue.queue_no), language=None)
    for act, label, icon in _ACTS[queue.progress.state]:
        if st.button(label, key=f"{act}_{queue.queue_no}", icon=icon, type="tertiary"):
            _set_state(queue.queue_no, act)


def _set_state(queue_no: int, act: QueueAct) -> None:
    try:
        set_queue_state(app_store(), queue_no, act, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def queue_link(queue_no: int) -> str:
    """Return the desk's address as the person's browser reaches it."""
    here = urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}/desk?queue={queue_no}"
