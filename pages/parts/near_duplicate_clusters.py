"""The list of clusters of duplicates: narrowed down, opened one by one, or decided all at once."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.near_duplicate_acts import decide_matching, is_done
from pages.parts.near_duplicate_state import ACROSS_WORDS, NearView, near_params
from pages.parts.near_duplicate_words import state_words
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.safe_text import one_line
from pages.parts.signed_in import may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_page, url_select, url_text
from xlam_backend.dedupe.clusters import list_clusters
from xlam_backend.domain.near_duplicate import KEEPER_RULE, Choice, ClusterLine, ClusterPage, ClusterQuery
from xlam_backend.errors import XlamError
from xlam_backend.explore.search import read_filter_choices

_PAGE_SIZE = 20
_MOST_TOOLS = 2
_ALL_WORDS: dict[Choice, str] = {
    "keep one": "keep one of each, the others go",
    "keep all": "keep all: they were looked at and are meant to stay",
}
_COLUMNS = (
    Column("Request of the row that would stay", "41%"),
    Column("Rows", "6%", "number"),
    Column("Tools called", "18%", "names"),
    Column("Least alike", "8%", "number"),
    Column("Datasets", "14%"),
    Column("Decided", "13%"),
)


def draw_clusters(view: NearView) -> None:
    """Draw the filters, the list, and the way to decide on all that match."""
    _draw_filters()
    first = (view.page - 1) * _PAGE_SIZE
    found = read_cached(
        "near_clusters", list_clusters, view.search.search_no, view.query, first=first, count=_PAGE_SIZE
    )
    if not found.total:
        _draw_none(view)
        return
    count, button = st.columns([4, 2], vertical_alignment="center")
    with count:
        _draw_count(found, first)
    with button:
        _draw_all_at_once(view)
    opened = draw_table(_COLUMNS, [_row(line) for line in found.clusters], key="near_clusters")
    if opened:
        st.query_params["cluster"] = opened
        st.rerun()
    if found.total > _PAGE_SIZE:
        url_page(view.page, -(-found.total // _PAGE_SIZE))


def _draw_filters() -> None:
    text, dataset, across, state = st.columns([4, 3, 3, 3])
    with text:
        url_text("Text in the request", "q", "contains …")
    with dataset:
        datasets = read_cached("choices", read_filter_choices).datasets
        url_select(
            "With a row of", "in", datasets, show=lambda name: one_line(name, 60), placeholder="any dataset"
        )
    with across:
        words: dict[str, str] = dict(ACROSS_WORDS.items())
        url_select("Which", "across", list(words), show=words.__getitem__, only_these=True, placeholder="all")
    with state:
        url_select("Decided", "state", ("undecided", "decided"), only_these=True, placeholder="either")


def _draw_none(view: NearView) -> None:
    if view.query == ClusterQuery(view.threshold):
        draw_empty(
            "No two rows are duplicates at this similarity.",
            "Lower the threshold, or look at the pairs to see why they stay.",
        )
    else:
        draw_empty("No cluster matches.", "Take a filter away.")


def _draw_count(found: ClusterPage, first: int) -> None:
    shown = f"showing {first + 1:,} to {first + len(found.clusters):,}" if found.clusters else ""
    st.html(
        f'<p class="xs-note" role="status"><b>{counted(found.total, "cluster")}</b> with '
        f"{found.row_count:,} rows · {shown}. With one kept of each, {found.going_count:,} go.</p>"
    )


def _draw_all_at_once(view: NearView) -> None:
    if st.button(
        "Decide on all that match …",
        icon=":material/done_all:",
        key="decide_all",
        help="Shows first how many rows would go",
    ):
        _open_all_at_once(view)


@st.dialog("Decide on all that match", width="large")
def _open_all_at_once(view: NearView) -> None:
    try:
        _draw_preview(view)
    except XlamError as error:
        show_error(error)


def _draw_preview(view: NearView) -> None:
    if is_done():
        st.rerun()
    undecided = msgspec.structs.replace(view.query, state="undecided")
    would = read_cached("near_undecided", list_clusters, view.search.search_no, undecided, count=1)
    if view.query.state == "decided" or not would.total:
        draw_note("Every cluster that matches was decided on already.")
        return
    choice = st.radio(
        f"In {counted(would.total, 'cluster')} that match and are not decided on yet, "
        f"at similarity {view.threshold:.2f}",
        list(_ALL_WORDS),
        format_func=_ALL_WORDS.__getitem__,
        key="all_choice",
    )
    going = would.going_count if choice == "keep one" else 0
    st.html(
        f"<p><b>{counted(going, 'row')} would go</b> and {would.row_count - going:,} would stay.</p>"
        f'<p class="xs-note">{KEEPER_RULE if going else ""} It is one act, which can be undone at once.</p>'
    )
    if may_or_say("dedupe"):
        st.button(
            f"Drop {counted(going, 'row')}" if going else f"Keep {counted(would.row_count, 'row')}",
            type="primary",
            icon=":material/done_all:",
            key="decide_all_now",
            on_click=decide_matching,
            args=(view.search.search_no, undecided, choice),
        )


def _row(line: ClusterLine) -> Row:
    tools = tuple(one_line(tool, 60) for tool in line.tools[:_MOST_TOOLS])
    more = len(line.tools) - _MOST_TOOLS
    return Row(
        id=str(line.number),
        href=f"near_duplicates?{urlencode(near_params(cluster=str(line.number)))}",
        cells=(
            one_line(line.query, 220) or "(no request)",
            f"{line.size:,}",
            tools if more <= 0 else (*tools, f"and {more} more"),
            f"{line.lowest_similarity:.2f}",
            one_line(", ".join(line.datasets), 80),
            state_words(line),
        ),
    )
