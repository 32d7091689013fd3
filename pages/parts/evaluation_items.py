"""The items of an evaluation: chosen by category, outcome, error and words; a row each that opens it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from pages.parts.counted import counted
from pages.parts.json_html import json_text
from pages.parts.page_head import draw_empty
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_choice, url_page, url_select, url_text
from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.evaluation.items import ItemSelection, list_items
from xlam_backend.evaluation.overview import EvaluationView
from xlam_backend.feedback.error_codes import error_words

_PAGE_SIZE = 50
_COLUMNS = (
    Column("Question", "18%"),
    Column("Outcome", "12%", "marks"),
    Column("Why", "26%"),
    Column("Answer", "44%"),
)
_OUTCOMES: dict[Literal["all", "right", "wrong", "not answered"], str] = {
    "all": "any outcome",
    "right": "right",
    "wrong": "wrong",
    "not answered": "not answered",
}
_FILTERS = ("category", "outcome", "error", "words")


def read_selection() -> ItemSelection:
    """Return the choice of items that the address holds."""
    given = st.query_params
    outcome = given.get("outcome", "")
    return ItemSelection(
        category=given.get("category", ""),
        outcome=outcome if outcome in _OUTCOMES and outcome != "all" else "",
        error_type=given.get("error", ""),
        words=given.get("words", ""),
    )


def draw_items(view: EvaluationView) -> None:
    """Draw the choice of items, and a page of them."""
    st.subheader("Answers", anchor=False)
    number = view.evaluation.evaluation_no
    _draw_choice(view)
    selection = read_selection()
    page = max(1, read_number("page", 1))
    found = read_cached(
        "evaluation_items",
        list_items,
        number,
        selection,
        offset=(page - 1) * _PAGE_SIZE,
        limit=_PAGE_SIZE,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"<b>{counted(found.total, 'answer')}</b>", width="content")
        st.button(
            "Clear",
            icon=":material/close:",
            on_click=_clear,
            disabled=not any(st.query_params.get(name) for name in _FILTERS),
        )
    if not found.items:
        draw_empty("No answer matches.", "Take a filter away.")
        return
    opened = draw_table(_COLUMNS, [_row(item) for item in found.items], key="evaluation_items")
    if opened:
        put_in_url("item", opened)
        st.rerun()
    if found.total > _PAGE_SIZE:
        url_page(page, -(-found.total // _PAGE_SIZE))


def _draw_choice(view: EvaluationView) -> None:
    first, second, third, fourth = st.columns([3, 2, 4, 3])
    with first:
        url_select("Category", "category", [one.category.name for one in view.categories], only_these=True)
    with second:
        url_choice("Outcome", "outcome", _OUTCOMES, usual="all")
    with third:
        types = dict.fromkeys(one.error_type for one in view.errors if one.error_type)
        url_select("What is wrong", "error", list(types), show=error_title, only_these=True)
    with fourth:
        url_text("Words", "words", "in the id or the answer")


def error_title(error_type: str) -> str:
    """Return an error type in words, with its official name."""
    words = error_words(error_type)
    return one_line(words if words == error_type else f"{words} ({error_type})", 120)


def outcome_mark(item: EvaluationItem) -> tuple[str, str]:
    """Return an outcome as a mark of the table: a level's look, and words."""
    if item.is_valid is None:
        return ("plain", "not answered")
    return ("good", "right") if item.is_valid else ("reject", "wrong")


def _row(item: EvaluationItem) -> Row:
    given = {**st.query_params.to_dict(), "item": item.item_id}
    answer = item.output if isinstance(item.output, str) else json_text(item.output)
    why = error_words(item.error_type) if item.error_type else item.reason
    return Row(
        id=item.item_id,
        href=f"evaluation?{urlencode(given)}",
        cells=(
            one_line(item.item_id, 60),
            [outcome_mark(item)],
            one_line(why, 120),
            one_line(answer, 160) or ("" if item.is_valid is None else "(nothing)"),
        ),
    )


def _clear() -> None:
    for name in _FILTERS:
        put_in_url(name, "")
