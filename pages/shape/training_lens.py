"""Training lens: the exact text a model is trained on, what of it is learnt, and what the context cuts."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.lens_choice import draw_choice, draw_pick, needs_tokenizer
from pages.parts.lens_text import LEGEND, is_long, lens_html
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.routes import TRAINING_LENS, TRAJECTORY
from pages.parts.safe_text import text_html
from pages.parts.store_cache import read_cached
from xlam_backend.errors import XlamError
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.training_text.lens import Fit, Lens, fit_of, open_lens
from xlam_backend.training_text.tokens import TokenCounts

_FIT_WORDS: dict[Fit, str] = {
    "unknown": "no context given",
    "fits": "all fits",
    "cut": "cut behind the last answer",
    "target cut": "what is learnt is cut",
    "target gone": "nothing is left to learn",
}

_FIT_LOOKS: dict[Fit, Literal["", "alarm", "fine"]] = {
    "unknown": "",
    "fits": "fine",
    "cut": "",
    "target cut": "alarm",
    "target gone": "alarm",
}


def draw_lens(trajectory_id: str) -> None:
    """Draw one trajectory through the lens."""
    with st.container(horizontal=True):
        st.page_link(
            TRAJECTORY,
            label="This trajectory",
            icon=":material/timeline:",
            query_params={"id": trajectory_id},
        )
        st.page_link(TRAINING_LENS, label="Choose another", icon=":material/search:")
    page = read_cached("trajectory_page", open_trajectory_page, trajectory_id)
    choice = draw_choice(len(page.trajectory.steps))
    if needs_tokenizer(choice):
        draw_empty(
            "A chat template belongs to a tokenizer.", "Name its folder, or a model on the hub, above."
        )
        return
    try:
        with st.spinner("Writing the text …"):
            made = read_cached("lens", open_lens, trajectory_id, choice)
    except XlamError as error:
        draw_refused(error.what, error.way_out)
        return
    if made.text is None:
        draw_refused(made.refused, made.way_out)
        return
    draw_counts(made)
    draw_text(made)


def draw_refused(what: str, way_out: str) -> None:
    """Say why there is no text."""
    st.html(
        f'<div class="xs-error" role="alert"><b>{text_html(what, 600)}</b>{text_html(way_out, 600)}</div>'
    )


def draw_counts(made: Lens) -> None:
    """Draw how long the text is, in tokens where a tokenizer is chosen, else in characters."""
    tokens = made.tokens
    if tokens is None:
        draw_facts(
            [
                Fact(f"{made.character_count:,}", "characters"),
                Fact(f"{made.target_character_count:,}", "characters learnt"),
            ]
        )
        draw_note(
            "Characters, not tokens: choose a tokenizer to count tokens and to see what a context cuts."
        )
        return
    draw_facts([*_token_facts(tokens), _fit_fact(fit_of(made), tokens)])
    if made.is_marked is not None:
        draw_note(
            "The template itself marks what is learnt ({% generation %})."
            if made.is_marked
            else "The template does not mark what is learnt: it is what the answer adds to the text "
            "before it. Trainers that ask for marks will refuse this template."
        )


def _token_facts(tokens: TokenCounts) -> list[Fact]:
    return [
        Fact(f"{tokens.token_count:,}", "tokens"),
        Fact(f"{tokens.target_count:,}", "tokens learnt"),
        Fact(f"{tokens.prompt_count:,}", "tokens given"),
    ]


def _fit_fact(fit: Fit, tokens: TokenCounts) -> Fact:
    detail = f"of them learnt {tokens.cut_target_count:,}" if tokens.cut_count else _FIT_WORDS[fit]
    look = _FIT_LOOKS[fit]
    label = f"tokens behind the context of {tokens.limit:,}" if tokens.limit else "tokens cut"
    return Fact(f"{tokens.cut_count:,}", label, detail, look)


def draw_text(made: Lens) -> None:
    """Draw the text, and what of the trajectory is not in it."""
    text = made.text
    if text is None:
        return
    for what in text.left_out:
        draw_note(f"Not in the text: {what}.")
    is_whole = is_long(text.segments) and st.toggle("Show long pieces whole", key="lens_whole")
    cut_from = made.tokens.cut_from if made.tokens else None
    st.html(LEGEND + lens_html(text.segments, cut_from, is_whole=is_whole))


draw_head(
    "Training lens",
    "The exact text a model is trained on: what it reads, what it learns, and what does not fit.",
)
wanted = st.query_params.get("id", "")
if not wanted:
    draw_pick()
else:
    try:
        draw_lens(wanted)
    except XlamError as error:
        show_error(error)
        draw_pick()
