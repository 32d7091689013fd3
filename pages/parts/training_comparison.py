"""Training runs beside each other: curves over each other, what each came to, how their settings differ."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line
from pages.parts.training_charts import draw_training_charts
from xlam_backend.owner import app_store
from xlam_backend.training.comparing import ComparedRow, TrainingComparison, compare_trainings
from xlam_backend.training.curve_panels import CurvesOfRun


def draw_comparison(run_ids: Sequence[str]) -> None:
    """Draw these runs beside each other."""
    found = compare_trainings(app_store().folder, run_ids)
    heads = ("", *(one_line(run.label, 60) for run in found.runs))
    st.html(table_html(heads, [_row(row) for row in found.figures]))
    draw_training_charts([CurvesOfRun(run.label, run.curves) for run in found.runs], key="compared")
    _draw_settings(found, heads)


def _draw_settings(found: TrainingComparison, heads: Sequence[str]) -> None:
    st.html('<h4 class="xs-part">Settings that differ</h4>')
    if found.settings:
        st.html(table_html(heads, [_row(row, has_name=True) for row in found.settings]))
    draw_note(f"{found.shared_count:,} settings are the same in all of them.")


def _row(row: ComparedRow, *, has_name: bool = False) -> LinkRow:
    cells = tuple(one_line(value, 160) or "–" for value in row.values)
    return LinkRow(row.name, cells, words=row.words) if has_name else LinkRow(row.words, cells)
