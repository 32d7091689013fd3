"""Which records a form is about: the filters of the address, and the way to choose others in Explore."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.parts.names import filter_title
from pages.parts.routes import EXPLORE
from pages.parts.safe_text import text_html
from pages.parts.url_view import View, view_params
from xlam_backend.domain.filters import Filters


def draw_chosen_records(filters: Filters) -> None:
    """Draw the filters on one line, with the link to choose others."""
    given = view_params(View(filters))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html("Records: " + (filter_chips(given) or "all trajectories"), width="content")
        st.page_link(EXPLORE, label="Choose others in Explore", icon=":material/search:", query_params=given)


def filter_chips(given: Mapping[str, str]) -> str:
    """Return filters as chips, by the names they have in an address."""
    return " ".join(
        f'<span class="xs-chip xs-plain">{text_html(name.replace("_", " "))}: '
        f"{text_html(filter_title(name, value), 80)}</span>"
        for name, value in given.items()
    )
