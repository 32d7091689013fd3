"""Ablations: the same training with several sets of data and seeds, launched as one study, and compared."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import draw_empty, draw_head
from pages.parts.routes import IMPORT
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.study_form import draw_form
from pages.parts.study_view import draw_paper, draw_study
from pages.parts.url_widgets import url_select
from xlam_backend.activities.studies import list_studies
from xlam_backend.domain.study import Study
from xlam_backend.explore.search import read_filter_choices


def choose_study(studies: list[Study]) -> Study:
    """Draw the choice of study; the latest one where the address names none."""
    by_number = {str(one.study_no): one for one in studies}
    latest = studies[0]
    chosen = url_select(
        "Study",
        "study",
        list(by_number),
        show=lambda each: f"{each}: {one_line(by_number[each].plan.name, 80)}" if each in by_number else each,
        placeholder=one_line(f"{latest.study_no}: {latest.plan.name}", 90),
        only_these=True,
    )
    return by_number.get(chosen, latest)


def draw_page() -> None:
    """Draw the page."""
    draw_head(
        "Ablations",
        "What a step of the data is worth: the same training with it and without it, with several seeds, "
        "launched as one study and shown with intervals.",
    )
    studies = read_cached("studies", list_studies)
    if not studies and not read_cached("choices", read_filter_choices).datasets:
        draw_empty("There is nothing to learn yet.", "Import trajectories first.")
        st.page_link(IMPORT, label="Import data", icon=":material/upload:")
        draw_paper()
        return
    with st.expander("New study", icon=":material/add:", expanded=not studies):
        draw_form()
    if studies:
        draw_study(choose_study(studies))
    else:
        draw_paper()


draw_page()
