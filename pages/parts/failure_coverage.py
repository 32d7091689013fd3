"""What a release holds of what a failing slice lacks, as tables."""

from __future__ import annotations

import streamlit as st

from pages.parts.link_table import LinkRow, table_html, tool_address
from pages.parts.page_head import draw_note
from xlam_backend.feedback.coverage import Coverage, Covered, CoveredTool
from xlam_backend.feedback.lack import Lack

_MOST_TOOLS = 15


def draw_coverage(coverage: Coverage, lack: Lack) -> None:
    """Draw the coverage of the needed tools, and of shapes, values and errors."""
    st.subheader("What the release holds of this", anchor=False)
    if lack.unknown_count:
        draw_note(f"Of {lack.unknown_count:,} failures the question is not at hand: they are not in here.")
    if coverage.tools:
        more = coverage.tool_count - min(_MOST_TOOLS, len(coverage.tools))
        st.html(
            table_html(
                (
                    "Needed tool",
                    "Failures",
                    "Rows that call it",
                    "Rows that call one like it",
                    "Nearest tool",
                ),
                [_tool_row(tool) for tool in coverage.tools[:_MOST_TOOLS]],
            )
        )
        if more > 0:
            draw_note(f"And {more:,} more needed tools, asked for less often.")
    lines = [*coverage.shapes, *coverage.kinds, *coverage.errors]
    if lines:
        st.html(
            table_html(
                ("What the failures need", "Failures", "Rows of the release"), [_row(one) for one in lines]
            )
        )
    if coverage.errors:
        draw_note(
            "Rows with an error of a pattern are rows in which the checks find today what the model does."
        )


def _tool_row(tool: CoveredTool) -> LinkRow:
    return LinkRow(
        tool.name,
        (
            f"{tool.failure_count:,}",
            f"{tool.same_rows:,}" if tool.same_rows else "✖ none",
            f"{tool.near_rows:,}" if tool.near_rows or tool.same_rows else "✖ none",
            f"{tool.nearest} ({tool.likeness:.0%})" if tool.nearest else "",
        ),
        tool_address(tool.nearest) if tool.nearest else "",
        ", ".join(tool.parameters)[:120],
    )


def _row(one: Covered) -> LinkRow:
    mark = "✖ " if one.is_missing else "▲ " if one.is_rare else ""
    return LinkRow(one.words, (f"{one.failure_count:,}", f"{mark}{one.rows_words}"))
