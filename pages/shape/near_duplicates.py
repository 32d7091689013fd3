"""Near-duplicates: rows that say nearly the same, why a pair stays or goes, and what was decided."""

from __future__ import annotations

import streamlit as st

from pages.parts.counted import counted
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.near_duplicate_acts import draw_refused
from pages.parts.near_duplicate_cluster import draw_cluster
from pages.parts.near_duplicate_clusters import draw_clusters
from pages.parts.near_duplicate_decisions import draw_decisions, draw_last_decision
from pages.parts.near_duplicate_form import draw_new_search
from pages.parts.near_duplicate_map import draw_map
from pages.parts.near_duplicate_numbers import draw_classes, draw_numbers, draw_threshold
from pages.parts.near_duplicate_pairs import draw_near_pairs
from pages.parts.near_duplicate_state import SECTIONS, Section, read_near_view
from pages.parts.near_duplicate_words import search_words
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.routes import IMPORT
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_select
from xlam_backend.activities.dedupe_run import KIND
from xlam_backend.dedupe.around import ClusterPlace, find_cluster_of
from xlam_backend.dedupe.clusters import list_searches
from xlam_backend.dedupe.staleness import read_staleness
from xlam_backend.domain.near_duplicate import Search
from xlam_backend.explore.datasets import list_datasets

_SECTION = "url_show"
_SECTION_WORDS: dict[Section, str] = {
    "clusters": "Clusters",
    "map": "Map",
    "pairs": "Pairs by class",
    "decisions": "Decisions",
}


def draw_page() -> None:
    """Draw the runs at work, then the search that the address names, or the way to a first one."""
    is_working = draw_kind_runs(KIND)
    searches = read_cached("near_searches", list_searches)
    if (of := read_number("of", 0)) and (place := read_cached("near_place", find_cluster_of, of)):
        _go_to(place)
    if searches:
        draw_search(searches)
    elif is_working:
        draw_empty("The requests are being compared.", "What is alike appears here when that is done.")
    else:
        draw_empty(
            "Nothing was compared yet.",
            "Choose below which trajectories. Nothing is dropped before you say so.",
        )
        draw_new_search(is_first=True)


def draw_search(searches: list[Search]) -> None:
    """Draw one search: a cluster of it, or all of it."""
    search = _chosen(searches)
    view = read_near_view(search)
    draw_refused()
    draw_last_decision(view)
    number = read_number("cluster", -1)
    if number >= 0:
        draw_cluster(view, number)
        return
    _draw_staleness(search)
    draw_new_search(is_first=False)
    draw_numbers(view)
    draw_threshold(view)
    draw_classes(view)
    _draw_sections(view.section)
    {"clusters": draw_clusters, "map": draw_map, "pairs": draw_near_pairs, "decisions": draw_decisions}[
        view.section
    ](view)


def _go_to(place: ClusterPlace) -> None:
    """Open the cluster in which the trajectory stands that the address names."""
    params = {"search": str(place.search_no), "at": f"{place.threshold:.2f}", "cluster": str(place.number)}
    st.query_params.from_dict(params)


def _chosen(searches: list[Search]) -> Search:
    by_number = {str(search.search_no): search for search in searches}
    wanted = st.query_params.get("search", "")
    if len(searches) > 1 and "cluster" not in st.query_params:
        wanted = url_select(
            "Search",
            "search",
            list(by_number),
            show=lambda number: search_words(by_number[number]),
            only_these=True,
            placeholder=f"the newest: {search_words(searches[0])}",
        )
    return by_number.get(wanted, searches[0])


def _draw_staleness(search: Search) -> None:
    since = read_cached("near_staleness", read_staleness, search)
    if not since.is_stale:
        return
    words = []
    if since.new_count:
        words.append(f"{counted(since.new_count, 'trajectory', 'trajectories')} came or changed since")
    if since.gone_count:
        words.append(f"{since.gone_count:,} of those compared changed, went or no longer match")
    st.html(
        f'<p><span class="xs-chip xs-fix">✚ not up to date</span> {"; ".join(words)}. '
        "Compare again to take that in: only new requests are read.</p>"
    )


def _draw_sections(section: Section) -> None:
    st.session_state[_SECTION] = section
    st.segmented_control(
        "What to look at",
        SECTIONS,
        format_func=_SECTION_WORDS.__getitem__,
        key=_SECTION,
        label_visibility="collapsed",
        on_change=_take_section,
    )


def _take_section() -> None:
    put_in_url("show", st.session_state[_SECTION])


draw_head(
    "Near-duplicates",
    "Rows that say nearly the same and call the same: see them beside each other, decide what stays.",
)
if read_cached("datasets", list_datasets):
    draw_page()
else:
    draw_empty("The store is empty.", "Import a file, a folder or a public data set first.")
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
