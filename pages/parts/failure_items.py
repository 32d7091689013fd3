"""The failed answers of a slice: a list whose rows open one."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.failure_choice import Look
from pages.parts.failure_item import output_line
from pages.parts.page_head import draw_empty
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from pages.parts.url_widgets import url_page
from xlam_backend.feedback.error_codes import error_words
from xlam_backend.feedback.failures import Failure, list_failures

_PAGE_SIZE = 25
_COLUMNS = (
    Column("Question", "18%"),
    Column("Category", "14%"),
    Column("What is wrong", "22%"),
    Column("Pattern", "7%"),
    Column("Answer", "39%"),
)


def draw_items(look: Look) -> None:
    """Draw the failures of the slice."""
    found = read_cached(
        "failure_list",
        list_failures,
        look.evaluation_no,
        look.wanted,
        page=look.page,
        page_size=_PAGE_SIZE,
    )
    if not found.failures:
        draw_empty("No answer failed so.", "Choose another category or pattern.")
        return
    opened = draw_table(_COLUMNS, [_row(look, one) for one in found.failures], key="failed_items")
    if opened:
        put_in_url("item", opened)
        st.rerun()
    if found.total > _PAGE_SIZE:
        url_page(look.page, -(-found.total // _PAGE_SIZE))


def _row(look: Look, failure: Failure) -> Row:
    item = failure.item
    given = {**st.query_params.to_dict(), "evaluation": str(look.evaluation_no), "item": item.item_id}
    return Row(
        id=item.item_id,
        href=f"failures?{urlencode(given)}",
        cells=(
            one_line(item.item_id, 60),
            one_line(item.category, 40),
            one_line(error_words(item.error_type), 80),
            failure.code,
            output_line(item) or "(nothing)",
        ),
    )
