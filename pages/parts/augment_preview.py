"""Real rows before and after, one at a time, side by side."""

from __future__ import annotations

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.names import format_title, style_title
from pages.parts.page_head import draw_note
from pages.parts.routes import TRAJECTORY
from pages.parts.safe_text import show_hidden, text_html
from xlam_backend.augment.showing import AugmentPreview, ShownRow, Text

_HEIGHT = 420


def draw_preview(made: AugmentPreview) -> None:
    """Draw the rows that were looked at."""
    if not made.rows:
        return
    st.html('<h4 class="xs-part">Before and after</h4>')
    if made.not_made:
        _draw_not_made(made)
    at = st.pagination(len(made.rows), default=1, key="augment_row") if len(made.rows) > 1 else 1
    row = made.rows[min(at, len(made.rows)) - 1]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(_words(row), width="content")
        st.page_link(
            TRAJECTORY, label="Trajectory", icon=":material/timeline:", query_params={"id": row.trajectory_id}
        )
    left, right = st.columns(2)
    with left:
        draw_note("Before: the first step, its sections as plain text")
        draw_text(row.before)
    with right:
        if row.after is None:
            st.html(f'<div class="xs-error"><b>Nothing is made of it.</b>{text_html(row.reason, 600)}</div>')
        else:
            draw_note("After")
            draw_text(row.after)


def draw_text(text: Text) -> None:
    """Draw a prompt and its answer as they are, whatever stands in them."""
    with st.container(height=_HEIGHT, border=False):
        st.code(show_hidden(text.prompt), language=None, wrap_lines=True)
        if text.prompt_cut:
            draw_note(f"… {text.prompt_cut:,} more characters are not shown")
    draw_note("Answer")
    st.code(show_hidden(text.answer), language=None, wrap_lines=True)
    if text.answer_cut:
        draw_note(f"… {text.answer_cut:,} more characters are not shown")


def _words(row: ShownRow) -> str:
    if row.telling is None:
        return '<span class="xs-chip xs-warn">not made</span>'
    chips = (format_title(row.telling.format_name), style_title(row.telling.style_name))
    return " ".join(f'<span class="xs-chip xs-plain">{text_html(chip)}</span>' for chip in chips)


def _draw_not_made(made: AugmentPreview) -> None:
    count = sum(made.not_made.values())
    with st.expander(f"{count:,} of {made.looked_at:,} that were tried could not be made: why"):
        rows = [LinkRow(reason, (f"{hits:,}",)) for reason, hits in made.not_made.items()]
        st.html(table_html(("Reason", "Trajectories"), rows))
