"""The evaluations: a row each that leads to it, and those that were removed."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.domain.person import may
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.errors import XlamError
from xlam_backend.evaluation.overview import ListedEvaluation
from xlam_backend.evaluation.removing import put_back_evaluation
from xlam_backend.evaluation.shown import percent
from xlam_backend.owner import app_store
from xlam_backend.statistics.intervals import show_interval, show_share

HEADS = (
    "Model",
    "Questions",
    "Edition",
    "How",
    "Overall",
    "Of what was run",
    "Right",
    "Share",
    "95 % interval",
    "When",
)
_MOST_ROWS = 200


def evaluation_address(evaluation_no: int, **more: str) -> str:
    """Return the address of an evaluation, as seen from any page."""
    return "evaluation?" + urlencode({"evaluation": evaluation_no, **more})


def draw_evaluations(listed: list[ListedEvaluation]) -> None:
    """Draw every evaluation as a row that leads to it, the newest first."""
    st.html(table_html(HEADS, [_row(one) for one in listed[:_MOST_ROWS]]))
    if len(listed) > _MOST_ROWS:
        draw_note(f"The newest {_MOST_ROWS:,} of {len(listed):,}; the Leaderboard sorts and filters all.")
    if any(one.overall.value is None for one in listed):
        draw_note(
            "N/A: categories of the edition were not run, so the overall accuracy is withheld. Beside it "
            "stands the same sum over what was run."
        )


def set_title(name: str) -> str:
    """Return a question set's name; of a folder that was pointed at, its last part."""
    return one_line(name.rstrip("/").rpartition("/")[2] or name, 60)


def source_words(one: Evaluation) -> str:
    """Say who answered, or where the answers came from."""
    if one.source == "read in":
        words = f"read in from {one_line(one.origin, 60)}"
    elif one.kept_model:
        words = "kept here"
    else:
        words = f"at {one_line(one.endpoint, 60)}"
    return words


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _row(listed: ListedEvaluation) -> LinkRow:
    one, overall = listed.evaluation, listed.overall
    label = f" · {SCRIPTED_LABEL}" if one.is_scripted else ""
    missing = f" · {listed.not_answered:,} not answered" if listed.not_answered else ""
    return LinkRow(
        one.model,
        (
            set_title(one.question_set),
            one.version,
            one.mode,
            _unbroken(percent(overall.value)),
            _unbroken(percent(overall.mean_of_run)),
            _unbroken(f"{listed.right.hits:,} of {listed.right.total:,}"),
            _unbroken(show_share(listed.right)),
            _unbroken(show_interval(listed.right)),
            _unbroken(one.made_at.replace(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M")),
        ),
        evaluation_address(one.evaluation_no),
        f"number {one.evaluation_no} · {source_words(one)}{label}{missing}",
    )


def draw_removed(listed: list[ListedEvaluation]) -> None:
    """Draw the evaluations that were removed: each can be put back."""
    if not listed:
        return
    with st.expander(f"Removed ({len(listed):,})"):
        draw_note("Their answers are kept; nothing counts them.")
        for one in listed[:_MOST_ROWS]:
            number = one.evaluation.evaluation_no
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f"<b>{text_html(one.evaluation.model, 80)}</b> number {number}")
                if may(current_person(), "evaluate"):
                    st.button(
                        "Put back",
                        key=f"put_back_{number}",
                        icon=":material/undo:",
                        on_click=_back,
                        args=(number,),
                    )


def _back(evaluation_no: int) -> None:
    try:
        put_back_evaluation(app_store(), evaluation_no, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
