"""The list of tools: a page of names with their error rates; a row opens one."""

from __future__ import annotations

import streamlit as st

from pages.parts.counted import counted
from pages.parts.link_table import tool_address
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import IMPORT
from pages.parts.safe_text import name_text
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_page, url_select, url_text
from xlam_backend.explore.tool_dossier import TOOL_SORTS, ToolLine, ToolPage, list_tools
from xlam_backend.statistics.intervals import show_interval, show_share

_SORT_WORDS = {
    "calls": "most calls",
    "wrong": "most wrong calls",
    "share": "highest share wrong",
    "name": "name",
    "faults": "most faults in the description",
}
_COLUMNS = (
    Column("Tool", "42%"),
    Column("Calls", "9%", "number"),
    Column("Wrong", "8%", "number"),
    Column("Share", "8%", "number"),
    Column("95 % interval", "12%", "number"),
    Column("Descriptions", "9%", "number"),
    Column("Faults of these", "12%", "marks"),
)
_LONGEST_NAME = 80


def draw_list() -> None:
    """Draw the tools that the page's URL asks for."""
    left, right = st.columns([3, 1])
    with left:
        url_text("Name contains", "q", placeholder="any tool")
    with right:
        url_select(
            "Sort by",
            "sort",
            TOOL_SORTS[1:],
            show=lambda sort: _SORT_WORDS.get(sort, sort),
            placeholder=_SORT_WORDS["calls"],
        )
    text = st.query_params.get("q", "")
    sort = next((known for known in TOOL_SORTS if known == st.query_params.get("sort")), "calls")
    found = read_cached("tools", list_tools, text=text, sort=sort, page=read_number("page", 1))
    if found.lines:
        _draw_page(found)
    elif text:
        draw_empty("No tool has this in its name.", "Try a shorter part of the name.")
    else:
        draw_empty("There are no tools yet.", "Import a file, a folder or a public data set first.")
        st.page_link(IMPORT, label="Import data", icon=":material/upload:")


def _draw_page(found: ToolPage) -> None:
    first = (found.page - 1) * found.page_size
    shown = f"{first + 1:,} to {first + len(found.lines):,} of " if found.total > len(found.lines) else ""
    draw_note(f"{shown}{counted(found.total, 'tool')}. A click on a row opens one.")
    rows = [_row(index, line) for index, line in enumerate(found.lines)]
    if opened := draw_table(_COLUMNS, rows, key="tools"):
        show_tool(found.lines[int(opened)].row.name)
    if found.total > found.page_size:
        url_page(found.page, -(-found.total // found.page_size))


def show_tool(name: str) -> None:
    """Go to what is known about a tool; an empty name is a name too."""
    st.query_params.from_dict({"tool": name})
    st.rerun()


def _row(index: int, line: ToolLine) -> Row:
    row = line.row
    faults = [("reject", f"{row.fault_count:,}")] if row.fault_count else []
    return Row(
        id=str(index),
        href=tool_address(row.name),
        cells=(
            name_text(row.name, _LONGEST_NAME),
            f"{row.call_count:,}",
            f"{row.wrong_count:,}",
            show_share(line.wrong_calls) if row.call_count else "",
            show_interval(line.wrong_calls),
            f"{row.spec_count:,}",
            faults if line.is_offered else [("warn", "never offered")],
        ),
    )
