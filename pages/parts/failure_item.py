"""One failed answer, with its neighbours in the slice and the way to the training samples nearest to it."""

from __future__ import annotations

import streamlit as st

from pages.parts.evaluation_item import draw_answer_in_full
from pages.parts.failure_choice import Look
from pages.parts.json_html import json_text
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.evaluation.item_view import read_item_view
from xlam_backend.feedback.error_codes import code_of
from xlam_backend.feedback.failures import find_neighbours

_LONGEST_LINE = 160


def output_line(item: EvaluationItem) -> str:
    """Return an answer on one line."""
    text = item.output if isinstance(item.output, str) else json_text(item.output)
    return one_line(text, _LONGEST_LINE)


def draw_item(look: Look) -> None:
    """Draw the answer that the address names."""
    _draw_ways(look)
    shown = read_cached("item_view", read_item_view, look.evaluation_no, look.wanted.item)
    if shown.item.is_valid is False:
        code = code_of(shown.item)
        st.html(f'<span class="xs-chip xs-plain">{code}: {SPECTOOL_CODES[code]}</span>')
    draw_answer_in_full(shown)


def _draw_ways(look: Look) -> None:
    around = read_cached("failure_around", find_neighbours, look.evaluation_no, look.wanted)
    with st.container(horizontal=True, vertical_alignment="center"):
        _button("All failures of the slice", ":material/list:", "item", "")
        _button("Before", ":material/chevron_left:", "item", around.before, disabled=not around.before)
        _button("Next", ":material/chevron_right:", "item", around.after, disabled=not around.after)
        if around.place:
            st.html(
                f'<p class="xs-note">{around.place:,} of {around.total:,} failures of the slice</p>',
                width="content",
            )
        _button("Training samples nearest to it", ":material/data_exploration:", "show", "data")


def _button(label: str, icon: str, name: str, value: str, *, disabled: bool = False) -> None:
    st.button(label, icon=icon, on_click=put_in_url, args=(name, value), type="tertiary", disabled=disabled)
