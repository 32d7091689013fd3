"""General instruction: conversations without tools, what filters take out of them, licences, categories."""

from __future__ import annotations

import streamlit as st

from pages.parts.category_list import draw_categories
from pages.parts.general_filters import draw_filters, draw_words
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.licence_table import draw_licences, draw_saved
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.routes import IMPORT, link_to_explore
from pages.parts.store_cache import read_cached
from xlam_backend.activities.category_run import KIND
from xlam_backend.curation.categories import Scheme, read_scheme
from xlam_backend.curation.overview import GeneralData, read_general_data
from xlam_backend.explore.datasets import list_datasets
from xlam_backend.statistics.intervals import rate, show_rate


def draw_numbers(found: GeneralData, scheme: Scheme | None) -> None:
    """Draw the page's few numbers."""
    clean = show_rate(rate(found.clean_count, found.count))
    categories = len(scheme.categories) if scheme else 0
    draw_facts(
        [
            Fact(f"{found.count:,}", "general-instruction records", "no tools, no calls"),
            Fact(f"{found.clean_count:,}", "pass every filter", clean, "fine" if found.clean_count else ""),
            Fact(f"{categories:,}", "categories", "" if categories else "not sorted yet"),
        ]
    )


def draw_page() -> None:
    """Draw the filters, the licences, the categories."""
    found = read_cached("general_data", read_general_data)
    scheme = read_cached("category_scheme", read_scheme)
    draw_numbers(found, scheme)
    draw_kind_runs(KIND)
    if found.count:
        draw_filters(found)
        link_to_explore("All of it in Explore", ":material/search:", offers="no_tools")
    else:
        draw_empty(
            "There is no general-instruction data.",
            "Import conversations or questions with answers; what holds tools or calls is not meant here.",
        )
    draw_words()
    draw_saved()
    draw_licences()
    draw_categories(scheme)


draw_head(
    "General instruction",
    "Conversations that teach a model to answer: what is noise, what may be used, and what they are about.",
)
if read_cached("datasets", list_datasets):
    draw_page()
else:
    draw_empty("The store is empty.", "Import a file, a folder or a public data set first.")
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
