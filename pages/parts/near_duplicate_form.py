"""A new search for near-duplicates: which trajectories, which evaluation sets, how alike, which model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.chosen_records import filter_chips
from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.routes import EXPLORE
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, read_view, view_params
from pages.parts.url_widgets import url_select
from xlam_backend.activities.dedupe_run import start_search
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.near_duplicate import LOWEST_THRESHOLD, SearchSettings
from xlam_backend.errors import XlamError
from xlam_backend.explore.search import find_trajectories, read_filter_choices
from xlam_backend.owner import app_store

_KEY = "near_"


def draw_new_search(*, is_first: bool) -> None:
    """Draw the form of a new search; folded away it costs nothing."""
    is_wanted = is_first or "new" in st.query_params
    box = st.expander(
        "Compare trajectories",
        icon=":material/add:",
        expanded=is_wanted,
        key=f"new_search_{is_wanted}",
        on_change="rerun",
    )
    if box.open:
        with box:
            if may_or_say("dedupe"):
                _draw_form()


def _draw_form() -> None:
    datasets = read_cached("choices", read_filter_choices).datasets
    left, right = st.columns([3, 2], gap="large")
    with left:
        filters = _draw_data(datasets)
        evaluation_sets = st.multiselect(
            "Compare with these evaluation sets too",
            datasets,
            format_func=lambda name: one_line(name, 60),
            key=f"{_KEY}evaluation",
            placeholder="none",
            help="Their rows are never dropped: what says the same elsewhere goes before them.",
        )
    with right:
        threshold = st.slider(
            "How alike words must be to count as the same",
            LOWEST_THRESHOLD,
            1.0,
            0.8,
            0.01,
            key=f"{_KEY}threshold",
            help="It can be moved afterwards, without comparing anew.",
        )
        model, seed = _draw_rare()
    settings = SearchSettings(
        filters=filters,
        evaluation_sets=tuple(name for name in evaluation_sets if name != filters.dataset),
        model=model,
        threshold=float(threshold),
        seed=seed,
    )
    total = read_cached("near_total", _count, filters)
    draw_note(
        "A language model turns each request into numbers on this machine; a request it has met before "
        "is not read again. Two rows are duplicates only when the words are alike and the same tools are "
        "called with the same values."
    )
    if st.button(
        f"Compare {counted(total, 'trajectory', 'trajectories')}",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not total,
        key="start_near_search",
    ):
        _start(settings)


def _count(store: object, filters: Filters) -> int:
    del store
    return find_trajectories(app_store(), filters, page_size=1).total


def _draw_data(datasets: Sequence[str]) -> Filters:
    view = read_view()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        url_select("Dataset", "dataset", datasets, placeholder="all of them")
    given = view_params(View(view.filters))
    with right:
        st.page_link(
            EXPLORE, label="Choose more closely in Explore", icon=":material/search:", query_params=given
        )
    if more := filter_chips({name: value for name, value in given.items() if name != "dataset"}):
        st.html(more)
    return view.filters


def _draw_rare() -> tuple[str, int]:
    """Draw settings that are seldom touched: the model, and the seed."""
    with st.popover("More settings", icon=":material/tune:"):
        model = st.text_input(
            "Embedding model",
            key=f"{_KEY}model",
            placeholder="the one that comes with the studio",
            help="A name or a folder that sentence-transformers can load. The one that comes with the "
            "studio needs no network.",
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            0,
            key=f"{_KEY}seed",
            help="Decides which of several equally good rows is kept.",
        )
    return model.strip(), int(seed)


def _start(settings: SearchSettings) -> None:
    try:
        start_search(app_store(), settings, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
