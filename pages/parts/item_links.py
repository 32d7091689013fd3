"""The items behind a number, each with its link to the desk."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_page

_ROWS = 25


def desk_address(item_no: int) -> str:
    """Return the address of one item at the review desk."""
    return "desk?" + urlencode({"item": item_no})


def draw_item_links(heads: tuple[str, ...], rows: list[LinkRow], *, total: int, withheld: int = 0) -> None:
    """Draw items as a table of links, a page at a time; say how many this person may not see yet."""
    pages = -(-len(rows) // _ROWS)
    page = max(1, min(read_number("page", 1), pages))
    if rows:
        shown = rows[(page - 1) * _ROWS : page * _ROWS]
        st.html(f'<div class="xs-scroll xs-words">{table_html(heads, shown)}</div>')
    if pages > 1:
        url_page(page, pages)
    if total > len(rows) + withheld:
        draw_note(f"The first {len(rows):,} of {total:,}.")
    if withheld:
        draw_note(
            f"{withheld:,} are not shown: you, or others, may still be asked about them, or your role does "
            "not see other people's answers."
        )
