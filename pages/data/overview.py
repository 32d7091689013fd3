"""Overview: what is in the store, how much of it is wrong, and where to go next."""

from __future__ import annotations

from pages.parts.counted import counted
import streamlit as st

from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.routes import IMPORT
from pages.parts.store_cache import read_cached
from xlam_backend.statistics.intervals import Rate, show_interval, show_share
from xlam_backend.explore.overview import Overview, read_overview


def draw_overview(overview: Overview) -> None:
    """Draw the page of a store that holds something."""
    draw_facts(_facts(overview))
    # Only now: the numbers are on the screen before the large packages that draw charts are loaded.
    from pages.parts.overview_charts import draw_charts

    draw_charts(overview)


def _facts(overview: Overview) -> list[Fact]:
    totals = overview.totals
    return [
        Fact(
            f"{totals.trajectory_count:,}",
            "trajectories",
            f"in {counted(totals.dataset_count, 'dataset')}",
        ),
        Fact(f"{totals.call_count:,}", "tool calls", f"of {totals.tool_count:,} distinct tools"),
        Fact(
            f"{totals.wrong_call_count:,}",
            "wrong calls",
            _share(overview.wrong_calls),
            "alarm" if totals.wrong_call_count else "fine",
        ),
        Fact(
            f"{totals.flagged_count:,}",
            "flagged trajectories",
            f"{_share(overview.flagged)}, {totals.fixable_count:,} fixable",
            "alarm" if totals.flagged_count else "fine",
        ),
        Fact(f"{totals.fixed_count:,}", "fixed trajectories", "every fix can be undone"),
    ]


def _share(shown: Rate) -> str:
    return f"{show_share(shown)} ({show_interval(shown)})" if shown.total else "none to count"


draw_head("Overview", "What is in the store, how much of it is wrong, and where to look first.")
found = read_cached("overview", read_overview)
if found.is_empty:
    draw_empty(
        "The store is empty.",
        "Import a file, a folder or a public data set: its format is recognised, every tool call checked.",
    )
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
else:
    draw_overview(found)
