"""What the training lens looks at: a trajectory, a step, a style, a tokenizer and a context."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import draw_empty, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import IMPORT
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_choice, url_number, url_select, url_text
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import may
from xlam_backend.explore.search import find_trajectories, read_filter_choices
from xlam_backend.training_text import CHAT_TEMPLATE
from xlam_backend.training_text.base import ALL_STEPS, TextStyle
from xlam_backend.training_text.lens import LENS_STYLES, MOST_LIMIT, LensChoice, lens_style

_PAGE_SIZE = 10
_COLUMNS = (Column("Request", "60%"), Column("Steps", "10%", "number"), Column("Dataset", "30%"))
_ALL = "all"
_STYLES = {style.name: style.title for style in LENS_STYLES}


def draw_pick() -> None:
    """Draw the way to a trajectory: a search over requests."""
    choices = read_cached("choices", read_filter_choices)
    if not choices.datasets:
        draw_empty("The store is empty.", "Import a file, a folder or a public data set first.")
        st.page_link(IMPORT, label="Import data", icon=":material/upload:")
        return
    left, right = st.columns([3, 2])
    with left:
        text = url_text("Request holds", "text", placeholder="any words")
    with right:
        dataset = url_select("Dataset", "dataset", choices.datasets, only_these=True)
    wanted = Filters(dataset=dataset if dataset in choices.datasets else "", text=text)
    found = read_cached("find", find_trajectories, wanted, page_size=_PAGE_SIZE)
    draw_note(f"{found.total:,} trajectories; choose one to look at.")
    rows = [
        Row(
            id=row.trajectory_id,
            href=f"training_lens?id={row.trajectory_id}",
            cells=(one_line(row.query, 200) or "(no request)", row.step_count, one_line(row.dataset, 60)),
        )
        for row in found.rows
    ]
    opened = draw_table(_COLUMNS, rows, key="lens_found") if rows else None
    if opened:
        put_in_url("id", opened)
        st.rerun()


def draw_choice(step_count: int) -> LensChoice:
    """Draw style, step, tokenizer and context; returns what is chosen."""
    first, second, third, fourth = st.columns([4, 2, 4, 2], vertical_alignment="bottom")
    with first:
        style = lens_style(url_choice("Style", "style", _STYLES, usual="sections"))
    with second:
        step = _draw_step(style, step_count)
    tokenizer = ""
    if may(current_person(), "export"):
        # Not in the address: a link must not make this machine load something from somewhere.
        tokenizer = third.text_input(
            "Tokenizer", key="lens_tokenizer", placeholder="a folder, or a name on the hub"
        ).strip()
        with fourth:
            url_number("Context, tokens", "limit")
    draw_note(style.words)
    limit = read_number("limit", 0) if tokenizer else 0
    return LensChoice(step, style.name, tokenizer, min(limit, MOST_LIMIT))


def needs_tokenizer(choice: LensChoice) -> bool:
    """Tell whether the style says nothing without a tokenizer, and none is chosen."""
    return choice.style == CHAT_TEMPLATE and not choice.tokenizer


def _draw_step(style: TextStyle, step_count: int) -> int:
    words = {str(number): f"step {number}" for number in range(1, step_count + 1)}
    if style.is_whole and step_count:
        words[_ALL] = "all steps"
    if not words:
        return 0
    chosen = url_choice("Learnt", "step", words, usual="1")
    return ALL_STEPS if chosen == _ALL else int(chosen) - 1
