"""Explore: narrow down the trajectories, sort and page through them, open one."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.parts.family_entry import draw_families
from pages.parts.filter_bar import draw_filters, draw_sort
from pages.parts.levels import level_counts
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import AUGMENT, EXPORTS, IMPORT, JUDGES, QUEUES, RESPONSES, open_trajectory
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, read_view, view_params
from pages.parts.url_widgets import url_page
from xlam_backend.domain.person import may
from xlam_backend.explore.search import FoundRow, Page, find_trajectories, read_filter_choices

_MOST_TOOLS = 2
_PAGE_SIZE = 25
_COLUMNS = (
    Column("Request", "35%"),
    Column("Findings", "13%", "marks"),
    Column("Tools called", "16%", "names"),
    Column("Steps", "6%", "number"),
    Column("Calls", "6%", "number"),
    Column("Dataset", "16%"),
    Column("State", "8%"),
)


def draw_page(found: Page, view: View) -> None:
    """Draw the count, the table and the page numbers."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        _draw_count(found)
    with right:
        draw_sort()
    if not found.rows:
        draw_empty("No trajectory matches.", "Take a filter away, or clear them all.")
        return
    opened = draw_table(_COLUMNS, [_row(row, view) for row in found.rows], key="found")
    if opened:
        open_trajectory(opened, view)
    if found.page_count > 1:
        url_page(found.page, found.page_count)


def draw_ways_on(view: View) -> None:
    """Draw the links that take this view to the judges, to other models, to a new review queue, and out."""
    with st.container(horizontal=True):
        st.page_link(
            JUDGES,
            label="Ask the judges about these",
            icon=":material/balance:",
            query_params=view_params(View(view.filters), new="run"),
        )
        st.page_link(
            RESPONSES,
            label="Have other models answer these",
            icon=":material/compare_arrows:",
            query_params=view_params(View(view.filters), new="run"),
        )
        st.page_link(
            AUGMENT,
            label="Augment these",
            icon=":material/shuffle:",
            query_params=view_params(View(view.filters), new="1"),
        )
        st.page_link(
            QUEUES,
            label="Send these to a queue",
            icon=":material/rate_review:",
            query_params=view_params(View(view.filters), new="finding"),
        )
        if may(current_person(), "export"):
            st.page_link(
                EXPORTS,
                label="Export these",
                icon=":material/ios_share:",
                query_params=view_params(View(view.filters), new="view"),
            )


def _draw_count(found: Page) -> None:
    share = (
        f" ({found.total / found.store_total:.1%})"
        if found.store_total and found.total != found.store_total
        else ""
    )
    first = (found.page - 1) * found.page_size
    shown = f" · showing {first + 1:,} to {first + len(found.rows):,}" if found.rows else ""
    st.html(
        f'<p class="xs-note" role="status"><b>{found.total:,}</b> of {found.store_total:,} trajectories'
        f"{share}{shown}. "
        "A click on a row opens it; the address of this page is a link to this view.</p>"
    )


def _shown_tools(tools: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(one_line(tool, 60) for tool in tools[:_MOST_TOOLS])
    return shown if len(tools) <= _MOST_TOOLS else (*shown, f"and {len(tools) - _MOST_TOOLS} more")


def _row(row: FoundRow, view: View) -> Row:
    return Row(
        id=row.trajectory_id,
        href=f"trajectory?{urlencode(view_params(view, id=row.trajectory_id))}",
        cells=(
            one_line(row.query, 220) or "(no request)",
            level_counts(row.finding_counts),
            _shown_tools(row.tools),
            row.step_count,
            row.call_count,
            one_line(row.dataset, 60),
            f"fixed (v{row.version})" if row.version else "",
        ),
    )


draw_head("Explore", "Find trajectories by what they say and by what the checks say about them.")
current = read_view()
draw_filters(read_cached("choices", read_filter_choices), current.filters)
result = read_cached(
    "find", find_trajectories, current.filters, sort=current.sort, page=current.page, page_size=_PAGE_SIZE
)
if result.store_total:
    draw_families(current.filters)
    draw_ways_on(current)
    draw_page(result, current)
else:
    draw_empty("The store is empty.", "Import a file, a folder or a public data set first.")
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
