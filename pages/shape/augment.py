"""Augmentation: the same task told in another way, as datasets of their own that name their parents."""

from __future__ import annotations

import streamlit as st

from pages.parts.augment_form import draw_telling_form
from pages.parts.augment_made import draw_made_sets
from pages.parts.chosen_data import draw_chosen_data
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.rephrase_form import draw_rephrase_form
from pages.parts.store_cache import read_cached
from xlam_backend.activities import augment_run, rephrase_run
from xlam_backend.augment.made_sets import list_made_sets
from xlam_backend.explore.search import read_filter_choices

draw_head(
    "Augmentation",
    "The same task told in another way: another order, other marks, other formats, other words. What is made "
    "names what it was made from, is shown to mean the same, and can be taken out again.",
)
is_working = draw_kind_runs(augment_run.KIND)
is_working = draw_kind_runs(rephrase_run.KIND) or is_working
made = read_cached("made_sets", list_made_sets)
if not read_cached("choices", read_filter_choices).datasets:
    draw_empty("There is nothing to augment yet.", "Import trajectories first.")
    st.stop()
if not made and not is_working:
    draw_empty(
        "Nothing was made yet.",
        "Choose the data and the ways below; real rows show what would become of them.",
    )
draw_made_sets(made)
st.subheader("Make from", anchor=False)
filters = draw_chosen_data()
draw_telling_form(filters, is_first=not made)
draw_rephrase_form(filters)
