"""The items behind a number, each with its link to the desk."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note


def desk_address(item_no: int) -> str:
    """Return the address of one item at the review desk."""
    return "desk?" + urlencode({"item": item_no})


def draw_item_links(heads: tuple[str, ...], rows: list[LinkRow], *, total: int, withheld: int = 0) -> None:
    """Draw items as a table of links, say how many there are, and how many this person may not see yet."""
    if rows:
        st.html(f'<div class="xs-scroll">{table_html(heads, rows)}</div>')
    if total > len(rows) + withheld:
        draw_note(f"The first {len(rows):,} of {total:,}.")
    if withheld:
        draw_note(
            f"{withheld:,} are not shown: you, or others, may still be asked about them, or your role does "
            "not see other people's answers."
        )
