"""Which trajectories something is to be made of: the filters of the address."""

from __future__ import annotations

import streamlit as st

from pages.parts.chosen_records import filter_chips
from pages.parts.routes import EXPLORE
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, read_view, view_params
from pages.parts.url_widgets import url_select
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import read_filter_choices


def draw_chosen_data() -> Filters:
    """Draw the choice of data, and the way to choose more closely."""
    view = read_view()
    left, right, _ = st.columns([3, 3, 4], vertical_alignment="bottom")
    with left:
        url_select(
            "Dataset",
            "dataset",
            read_cached("choices", read_filter_choices).datasets,
            placeholder="all of them",
        )
    given = view_params(View(view.filters))
    with right:
        st.page_link(
            EXPLORE, label="Choose more closely in Explore", icon=":material/search:", query_params=given
        )
    if more := filter_chips({name: value for name, value in given.items() if name != "dataset"}):
        st.html(more)
    return view.filters
