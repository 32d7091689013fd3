"""Which datasets are evaluation sets: marking one, and taking a mark back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from xlam_backend.curation.evaluation_sets import EvaluationSet, mark
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store


def draw_evaluation_sets(sets: Sequence[EvaluationSet]) -> None:
    """Draw the marked datasets, each with its way back, and the choice of another one."""
    st.subheader("Evaluation sets", anchor=False)
    marked = [each for each in sets if each.is_evaluation]
    for each in marked:
        _draw_marked(each)
    if not marked:
        draw_note(
            "No dataset is marked yet. Import the set you evaluate with (BFCL, say), then mark it here."
        )
    others = {each.dataset: each for each in sets if not each.is_evaluation}
    if others and may(current_person(), "curate"):
        _draw_choice(others)


def _draw_marked(each: EvaluationSet) -> None:
    name, button = st.columns([5, 2], vertical_alignment="center")
    size = counted(each.trajectory_count, "trajectory", "trajectories")
    name.html(f'<b>{text_html(each.dataset, 200)}</b> <span class="xs-note">{size}, never trained on</span>')
    if may(current_person(), "curate"):
        button.button(
            "Take the mark back",
            key=f"unmark_{each.dataset_no}",
            icon=":material/undo:",
            help="What was found of it counts no more, until it is marked again.",
            on_click=_mark,
            args=(each.dataset_no, False),
        )


def _draw_choice(others: dict[str, EvaluationSet]) -> None:
    choice, button = st.columns([5, 2], vertical_alignment="bottom")
    chosen = choice.selectbox(
        "Another evaluation set",
        list(others),
        index=None,
        format_func=lambda name: one_line(name, 80),
        placeholder="choose a dataset",
        key="new_evaluation_set",
    )
    button.button(
        "Mark as evaluation set",
        key="mark_evaluation_set",
        icon=":material/flag:",
        disabled=chosen is None,
        on_click=_mark,
        args=(others[chosen].dataset_no if chosen in others else 0, True),
    )


def _mark(dataset_no: int, is_evaluation: bool) -> None:
    try:
        mark(
            app_store(),
            dataset_no,
            is_evaluation=is_evaluation,
            person=current_person(),
            now=datetime.now(UTC),
        )
    except XlamError as error:
        show_error(error)
