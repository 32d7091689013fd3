"""What the buttons of the page of near-duplicates do; what was refused is said at the next drawing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from xlam_backend.dedupe.decisions import decide, decide_all, undo
from xlam_backend.domain.near_duplicate import Choice, ClusterQuery
from xlam_backend.domain.review import QueuePlan
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.review.queues import create_queue

_REFUSED = "near_refused"
_DONE = "near_all_done"
_MADE = "near_queue_made"


def decide_one(search_no: int, number: int, choice: Choice, threshold: float, keep: list[int]) -> bool:
    """Decide on one cluster; tells whether that was possible."""
    return _carry_out(
        lambda: decide(
            app_store(),
            search_no,
            number,
            choice,
            threshold=threshold,
            keep=keep,
            person=current_person(),
            now=datetime.now(UTC),
        )
    )


def decide_matching(search_no: int, query: ClusterQuery, choice: Choice) -> None:
    """Decide the same on every cluster that matches and is not decided on."""
    _carry_out(
        lambda: decide_all(
            app_store(), search_no, query, choice=choice, person=current_person(), now=datetime.now(UTC)
        )
    )
    st.session_state[_DONE] = True


def is_done() -> bool:
    """Tell once, to the dialog that asked for it, that everything was decided: it closes."""
    return bool(st.session_state.pop(_DONE, False))


def take_back(decision_no: int) -> None:
    """Take a decision back."""
    _carry_out(lambda: undo(app_store(), decision_no, person=current_person(), now=datetime.now(UTC)))


def draw_sample(plan: QueuePlan) -> None:
    """Draw a queue of pairs near the threshold."""

    def draw() -> None:
        number = create_queue(app_store(), plan, person=current_person(), now=datetime.now(UTC))
        st.session_state[_MADE] = number

    _carry_out(draw)


def take_made_queue() -> int:
    """Return once the number of the queue that was just drawn, 0 for none."""
    return int(st.session_state.pop(_MADE, 0))


def draw_refused() -> None:
    """Say once what was refused."""
    st.session_state.pop(_DONE, None)
    if refused := st.session_state.pop(_REFUSED, ""):
        st.html(f'<div class="xs-error" role="alert">{text_html(str(refused))}</div>')


def _carry_out(act: Callable[[], object]) -> bool:
    try:
        act()
    except XlamError as error:  # a callback draws nothing of its own
        st.session_state[_REFUSED] = str(error)
        return False
    return True
