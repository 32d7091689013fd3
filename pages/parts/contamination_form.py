"""A new search for evaluation sets in training data: how it compares, and with what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person, may_or_say
from xlam_backend.activities.contamination_run import start_search
from xlam_backend.curation.evaluation_sets import EvaluationSet
from xlam_backend.domain.contamination import LONGEST_GRAM, SHORTEST_GRAM, ContaminationSettings, Method
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store

_KEY = "contamination_"
_DEFAULT = ContaminationSettings()


def draw_search_form(sets: Sequence[EvaluationSet], *, is_first: bool) -> None:
    """Draw the form of a new search; unfolded while nothing was searched."""
    with st.expander("Search training data", icon=":material/search:", expanded=is_first, key="new_search"):
        if may_or_say("run"):
            _draw_form([each.dataset for each in sets if not each.is_evaluation])


def _draw_form(training: Sequence[str]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        by_gram = st.checkbox("By words: n-grams, needs no model", value=True, key=f"{_KEY}gram")
        words = st.number_input(
            "Words in a row (n)",
            SHORTEST_GRAM,
            LONGEST_GRAM,
            _DEFAULT.gram_words,
            key=f"{_KEY}n",
            disabled=not by_gram,
            help="Case, punctuation and compatibility forms do not count; each Chinese or Japanese sign "
            "is a word. A text shorter than n words matches when it is the same word for word.",
        )
        share = st.slider(
            "Share of an evaluation text that must be covered",
            0.05,
            1.0,
            _DEFAULT.least_share,
            0.05,
            key=f"{_KEY}share",
            disabled=not by_gram,
        )
    with right:
        by_vector = st.checkbox("By meaning: embeddings", value=False, key=f"{_KEY}vector")
        cosine = st.slider(
            "Cosine from which two requests match",
            0.5,
            1.0,
            _DEFAULT.least_cosine,
            0.01,
            key=f"{_KEY}cosine",
            disabled=not by_vector,
            help="Requests that ask for different things can have a cosine of 0.7; look at the pairs.",
        )
        model = st.text_input(
            "Embedding model",
            key=f"{_KEY}model",
            disabled=not by_vector,
            placeholder="the one that comes with the product",
            help="A name, or a folder on this machine.",
        )
    dataset = st.selectbox(
        "Training data",
        training,
        index=None,
        format_func=lambda name: one_line(name, 80),
        placeholder="all of it",
        key=f"{_KEY}dataset",
    )
    methods: tuple[Method, ...] = (*(("n-gram",) if by_gram else ()), *(("embedding",) if by_vector else ()))
    if not methods:
        draw_note("Choose at least one way to compare.")
    settings = ContaminationSettings(methods, words, share, cosine, model.strip(), dataset or "")
    if st.button(
        "Search", type="primary", icon=":material/search:", disabled=not methods, key=f"{_KEY}start"
    ):
        _start(settings)


def _start(settings: ContaminationSettings) -> None:
    try:
        start_search(app_store(), settings, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    st.rerun()
