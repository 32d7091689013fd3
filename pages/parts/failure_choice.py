"""Which evaluation, and which of its failures: all of it stands in the address."""

from __future__ import annotations

import msgspec
import streamlit as st

from pages.parts.counted import counted
from pages.parts.safe_text import one_line
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_select
from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.feedback.error_codes import error_words
from xlam_backend.feedback.failures import FailureStatistics, Slice

_SLICE = ("category", "code", "error")


class Look(msgspec.Struct, frozen=True):
    """What the address asks for: an evaluation, a slice of its failures, and the page of its list."""

    evaluation_no: int
    wanted: Slice
    page: int = 1


def evaluation_words(one: Evaluation) -> str:
    """Return an evaluation on one line."""
    return one_line(
        f"{one.model} · {one.question_set}, {one.version}, {one.mode} · {one.made_at:%Y-%m-%d %H:%M}"
        f" · number {one.evaluation_no}",
        160,
    )


def choose_evaluation(known: list[Evaluation]) -> Evaluation:
    """Draw the choice of evaluation; the newest one where the address names none."""
    by_number = {str(one.evaluation_no): one for one in known}
    chosen = url_select(
        "Evaluation",
        "evaluation",
        list(by_number),
        show=lambda number: evaluation_words(by_number[number]) if number in by_number else number,
        placeholder=evaluation_words(known[0]),
        only_these=True,
    )
    return by_number.get(chosen, known[0])


def read_look(evaluation: Evaluation) -> Look:
    """Return what the address asks for."""
    given = st.query_params
    wanted = Slice(
        category=given.get("category", ""),
        code=code if (code := given.get("code", "")) in SPECTOOL_CODES else "",
        error_type=given.get("error", ""),
        item=given.get("item", ""),
    )
    return Look(evaluation.evaluation_no, wanted, max(1, read_number("page", 1)))


def draw_slice(found: FailureStatistics, wanted: Slice) -> None:
    """Draw the choice of category, pattern and error, and how many failures that leaves."""
    first, second, third, last = st.columns([3, 3, 4, 3], vertical_alignment="bottom")
    with first:
        url_select("Category", "category", [line.category for line in found.categories])
    with second:
        url_select(
            "SpecTool pattern",
            "code",
            [code for code in SPECTOOL_CODES if found.count(code=code)],
            show=lambda code: f"{code}: {SPECTOOL_CODES.get(code, code)}",
            only_these=True,
        )
    with third:
        types = dict.fromkeys(one.error_type for one in found.counts)
        url_select("What is wrong", "error", list(types), show=error_title)
    with last.container(horizontal=True, vertical_alignment="center"):
        count = found.count(category=wanted.category, code=wanted.code, error_type=wanted.error_type)
        st.html(f"<b>{counted(count, 'failure')}</b>", width="content")
        st.button(
            "Clear",
            icon=":material/close:",
            on_click=_clear,
            disabled=not any(st.query_params.get(name) for name in _SLICE),
        )


def error_title(error_type: str) -> str:
    """Return an error type in words with its official name."""
    words = error_words(error_type)
    return one_line(words if words == error_type else f"{words} ({error_type})", 120)


def _clear() -> None:
    for name in (*_SLICE, "item"):
        put_in_url(name, "")
