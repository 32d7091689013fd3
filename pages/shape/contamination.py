"""Contamination: which datasets are for evaluation, and what of them stands in training data."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.contamination_form import draw_search_form
from pages.parts.contamination_results import draw_pairs, draw_results
from pages.parts.evaluation_sets import draw_evaluation_sets
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.routes import IMPORT, link_to_explore
from pages.parts.store_cache import read_cached
from xlam_backend.activities.contamination_run import KIND
from xlam_backend.curation.evaluation_sets import (
    EvaluationSet,
    SearchResult,
    count_contaminated,
    list_evaluation_sets,
    read_results,
)


def draw_numbers(sets: Sequence[EvaluationSet], results: Sequence[SearchResult]) -> None:
    """Draw the page's few numbers."""
    marked = sum(each.is_evaluation for each in sets)
    found = read_cached("contaminated", count_contaminated)
    newer = max((result.newer_count for result in results), default=0)
    draw_facts(
        [
            Fact(
                f"{marked:,}",
                "evaluation set" if marked == 1 else "evaluation sets",
                "nothing of it may be trained on" if marked == 1 else "nothing of them may be trained on",
            ),
            Fact(
                f"{found:,}",
                "training trajectories match one",
                "each has a finding, and the mixture leaves it out" if found else "",
                "alarm" if found else "fine" if results else "",
            ),
            Fact(f"{newer:,}", "came in since the search", "not looked at yet" if newer else ""),
        ]
    )


def draw_page(sets: Sequence[EvaluationSet]) -> None:
    """Draw the evaluation sets, then the search, then what it found."""
    results = read_cached("contamination_results", read_results)
    draw_numbers(sets, results)
    draw_kind_runs(KIND)
    draw_evaluation_sets(sets)
    if any(each.is_evaluation for each in sets):
        draw_search_form(sets, is_first=not results)
    if results:
        draw_results(results)
        link_to_explore("The flagged trajectories in Explore", ":material/search:", check="contamination")
        draw_pairs(results)
    elif any(each.is_evaluation for each in sets):
        draw_empty("Nothing was searched yet.", "Start a search above: by words it takes moments.")


draw_head(
    "Contamination",
    "Keeps the questions of evaluation sets out of training: a model that has seen them scores too well.",
)
known = read_cached("evaluation_sets", list_evaluation_sets)
if known:
    draw_page(known)
else:
    draw_empty("The store is empty.", "Import training data, and the set you evaluate with.")
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
