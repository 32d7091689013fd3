"""Accuracy against the size of models, where a record, the paper or a name tells the size."""

from __future__ import annotations

import streamlit as st

from pages.parts.charts import draw_choosing
from pages.parts.counted import counted
from pages.parts.leaderboard_address import in_url, put_keys
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.url_widgets import url_choice
from xlam_backend.bfcl.categories import Version
from xlam_backend.bfcl.columns import columns_of
from xlam_backend.charts.size_scatter import SizePoint, size_scatter
from xlam_backend.leaderboard.rows import LeaderRow
from xlam_backend.leaderboard.view import source_text

_MOST_LINES = 300


def draw_sizes(rows: tuple[LeaderRow, ...], version: Version) -> None:
    """Draw the models whose size is known; a click pins one."""
    columns = columns_of(version)
    choice, _ = st.columns([2, 5])
    with choice:
        column = url_choice(
            "Accuracy", "against", {name: one.title for name, one in columns.items()}, usual="overall"
        )
    pinned = in_url("pin", rows)
    points = [_point(row, column, pinned) for row in rows if row.size and row.best_value(column) is not None]
    if not points:
        draw_empty(
            "No row of this version tells its size.",
            "Sizes come from trained models' records, the paper's Table 1, and names like Qwen3-8B.",
        )
        return
    draw_choosing(
        size_scatter(points, axis=columns[column].title),
        key=f"leaderboard_size_{version}_{column}",
        choose=lambda key: put_keys("pin", tuple(dict.fromkeys((*pinned, key)))),
    )
    without = sum(row.size is None for row in rows)
    draw_note(
        f"{counted(len(points), 'row')}; {counted(without, 'row')} without a known size left out. Own rows "
        "whose overall is withheld stand at the value of what was run. A click pins a row."
    )
    ordered = sorted(points, key=lambda point: (point.billions, -point.score))[:_MOST_LINES]
    draw_as_table(
        ("Model", "Billion parameters", columns[column].title, "Source"),
        [
            LinkRow(point.name, (f"{point.billions:.4g}", f"{point.score:.2f}", point.note))
            for point in ordered
        ],
        label="As a table",
    )


def _point(row: LeaderRow, column: str, pinned: tuple[str, ...]) -> SizePoint:
    billions, words = (row.size.billions, row.size.words) if row.size else (0.0, "")
    value = row.best_value(column) or 0.0
    part = "" if column in row.values else " of what was run"
    note = f"{value:.2f} %{part}, {billions:.4g} billion parameters ({words}); {source_text(row)}"
    return SizePoint(
        row.key,
        row.model,
        billions,
        value,
        note,
        is_own=row.origin != "published",
        is_marked=row.key in pinned,
    )
