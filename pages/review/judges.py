"""Judges: language models look at what rules cannot settle; what they said so far."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.judge_form import draw_form
from pages.parts.judge_results import draw_results
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.routes import IMPORT
from pages.parts.store_cache import read_cached
from xlam_backend.explore.datasets import list_datasets
from xlam_backend.judges.overview import RatingCount, count_ratings
from xlam_backend.statistics.intervals import rate, show_rate


def draw_numbers(counts: Sequence[RatingCount]) -> None:
    """Draw the page's few numbers."""
    judged = sum(count.judged_count for count in counts)
    flagged = sum(count.flagged_count for count in counts)
    not_judged = sum(count.not_judged_count for count in counts)
    scripted = sum(count.judged_count for count in counts if count.is_scripted)
    draw_facts(
        [
            Fact(f"{judged:,}", "places judged", f"{scripted:,} by the scripted model" if scripted else ""),
            Fact(f"{flagged:,}", "flagged", show_rate(rate(flagged, judged)), "alarm" if flagged else ""),
            Fact(f"{not_judged:,}", "not judged", "each with its reason; neither a pass nor a flag"),
        ]
    )


draw_head("Judges", "Language models look at what rules cannot settle; you see beforehand what that costs.")
found = read_cached("rating_counts", count_ratings)
if found:
    draw_numbers(found)
if read_cached("datasets", list_datasets):
    draw_form(is_first=not found)
    st.subheader("What has been judged", anchor=False)
    if found:
        draw_results(found)
    else:
        draw_empty("Nothing has been judged yet.", "Choose judges and a model above, then ask.")
else:
    draw_empty("The store is empty.", "Import a file, a folder or a public data set first.")
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
