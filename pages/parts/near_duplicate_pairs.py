"""Pairs of one class beside each other: what makes them alike, and why they stay or go."""

from __future__ import annotations

import streamlit as st

from pages.parts.near_duplicate_numbers import class_counts
from pages.parts.near_duplicate_sides import near_pair_html
from pages.parts.near_duplicate_state import NearView
from pages.parts.near_duplicate_words import CLASS_REASONS
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.routes import TRAJECTORY
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_choice, url_page
from xlam_backend.dedupe.clusters import list_pairs
from xlam_backend.domain.near_duplicate import CLASS_TITLES, PAIR_CLASSES, NearPair

_PAGE_SIZE = 5


def draw_near_pairs(view: NearView) -> None:
    """Draw what the classes mean, and the pairs of the one that the address names, a few at a time."""
    st.html(_classes_html(view))
    draw_note(
        "Rows that say exactly the same and call the same stand in the clusters, not among the pairs. The "
        "nearest pairs of each request are kept to look at; the numbers count all of them."
    )
    choice, _ = st.columns([2, 5])
    with choice:
        url_choice("Look at", "class", CLASS_TITLES, usual="duplicate")
    found = read_cached(
        "near_pairs",
        list_pairs,
        view.search.search_no,
        view.pair_class,
        threshold=view.threshold,
        first=(view.page - 1) * _PAGE_SIZE,
        count=_PAGE_SIZE,
    )
    if not found.pairs:
        draw_empty("No pair of this class at this threshold.", "Choose another class, or move the threshold.")
        return
    for pair in found.pairs:
        _draw_pair(pair)
    if found.total > _PAGE_SIZE:
        url_page(view.page, -(-found.total // _PAGE_SIZE))


def _classes_html(view: NearView) -> str:
    counts = class_counts(view)
    rows = "".join(
        f'<tr><th scope="row">{CLASS_TITLES[name]}</th><td>{counts[name]:,}</td>'
        f"<td>{CLASS_REASONS[name]}</td></tr>"
        for name in PAIR_CLASSES
    )
    return (
        '<table class="xs-table xs-words"><thead><tr><th scope="col">Class</th><th scope="col">Pairs</th>'
        f'<th scope="col">What becomes of them, and why</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _draw_pair(pair: NearPair) -> None:
    with st.container(border=True, key=f"near_pair_{pair.near_pair_no}"):
        st.html(
            f'<span class="xs-chip xs-plain">similarity {pair.similarity:.3f}</span>{near_pair_html(pair)}'
        )
        with st.container(horizontal=True):
            for name, side in (("Open the left one", pair.left), ("Open the right one", pair.right)):
                st.page_link(
                    TRAJECTORY,
                    label=name,
                    icon=":material/timeline:",
                    query_params={"id": side.trajectory_id},
                )
