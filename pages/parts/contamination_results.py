"""What searches for contamination found: by evaluation set and method, and pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.routes import TRAJECTORY
from pages.parts.safe_text import one_line, text_html
from pages.parts.shared_words import shared_words_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_view
from pages.parts.url_widgets import url_page, url_select
from xlam_backend.curation.evaluation_sets import MatchedPair, SearchResult, find_matches, undo
from xlam_backend.domain.contamination import METHODS
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.statistics.intervals import rate, show_rate

_PAGE_SIZE = 5

_METHOD_WORDS = {"n-gram": "by words", "embedding": "by meaning"}


def draw_results(results: Sequence[SearchResult]) -> None:
    """Draw what each search that counts found, and the way to take it back."""
    st.subheader("What was found", anchor=False)
    for result in results:
        with st.container(border=True, key=f"search_{result.search_no}"):
            words, button = st.columns([6, 2], vertical_alignment="center")
            words.html(_result_html(result))
            if may(current_person(), "curate"):
                button.button(
                    "Undo",
                    key=f"undo_{result.search_no}",
                    icon=":material/undo:",
                    help="Takes the findings of this search back; one before it counts again.",
                    on_click=_undo,
                    args=(result.search_no,),
                )


def _result_html(result: SearchResult) -> str:
    found = rate(result.match_count, result.trajectory_count)
    look = "xs-reject" if result.match_count else "xs-good"
    chip = f'<span class="xs-chip {look}">{result.match_count:,} contaminated</span>'
    newer = (
        f"; {counted(result.newer_count, 'trajectory', 'trajectories')} came in since: search again"
        if result.newer_count
        else ""
    )
    return (
        f"<b>{text_html(result.dataset, 200)}</b> {chip} {text_html(_METHOD_WORDS[result.method])}"
        f'<p class="xs-note">{text_html(show_rate(found))} trajectories of training; '
        f"{result.matched_evaluation_count:,} of {result.evaluation_count:,} of the evaluation set are there"
        f"<br>{text_html(_settings_words(result))} · {result.searched_at:%Y-%m-%d %H:%M} UTC · "
        f"{text_html(result.actor, 80)}{newer}</p>"
    )


def _settings_words(result: SearchResult) -> str:
    given = result.settings
    if result.method == "n-gram":
        words = (
            f"{given.get('gram_words')} words in a row, at least {_percent(given.get('least_share'))} covered"
        )
    else:
        model = given.get("model") or "the model that comes with the product"
        words = f"cosine at least {given.get('least_cosine')}, {one_line(str(model), 80)}"
    scope = given.get("dataset")
    return f"{words}, only in {one_line(str(scope), 80)}" if scope else words


def _percent(share: object) -> str:
    return f"{share:.0%}" if isinstance(share, int | float) else "?"


def draw_pairs(results: Sequence[SearchResult]) -> None:
    """Draw the matched pairs beside each other, the surest first, a few at a time."""
    st.subheader("Matched pairs", anchor=False)
    numbers = {result.dataset: result.dataset_no for result in results}
    first, second = st.columns(2)
    with first:
        name = url_select("Evaluation set", "set", list(numbers), show=one_line, only_these=True)
    with second:
        method = url_select("Found", "method", METHODS, show=_METHOD_WORDS.__getitem__, only_these=True)
    page = read_view().page
    found = read_cached(
        "contamination_pairs",
        find_matches,
        method=method if method in METHODS else "",
        dataset_no=numbers.get(name, 0),
        first=(page - 1) * _PAGE_SIZE,
        count=_PAGE_SIZE,
    )
    if not found.total:
        draw_empty("Nothing matches.", "Nothing of the evaluation sets was found like that.")
        return
    for at, pair in enumerate(found.rows):
        _draw_pair(pair, at)
    if not found.rows:
        draw_note("There are no more pairs.")
    if found.total > _PAGE_SIZE:
        url_page(page, -(-found.total // _PAGE_SIZE))
    draw_note(f"{counted(found.total, 'pair')}. Marked is what stands on both sides.")


def _draw_pair(pair: MatchedPair, at: int) -> None:
    with st.container(border=True, key=f"pair_{at}"):
        how = f"{pair.score:.0%} of its words" if pair.method == "n-gram" else f"cosine {pair.score:.2f}"
        st.html(f'<p><span class="xs-chip xs-plain">{how}</span> {_METHOD_WORDS[pair.method]}</p>')
        left, right = st.columns(2, gap="large")
        _draw_side(left, "Training", pair.dataset, pair.query, pair.evaluation_query, pair.query_length)
        _draw_side(
            right,
            "Evaluation",
            pair.evaluation_set,
            pair.evaluation_query,
            pair.query,
            pair.evaluation_length,
        )
        if pair.shared:
            st.html(f'<p class="xs-note">Longest stretch in common: {text_html(pair.shared, 300)}</p>')
        left.page_link(
            TRAJECTORY,
            label="The training record",
            query_params={"id": pair.trajectory_id},
            icon=":material/timeline:",
        )
        right.page_link(
            TRAJECTORY,
            label="The evaluation item",
            query_params={"id": pair.evaluation_id},
            icon=":material/timeline:",
        )


def _draw_side(
    column: st.delta_generator.DeltaGenerator, title: str, dataset: str, own: str, other: str, length: int
) -> None:
    more = f'<span class="xs-cut">… {length - len(own):,} more characters</span>' if length > len(own) else ""
    column.html(
        f'<div class="xs-place">{title}: {text_html(dataset, 120)}</div>'
        f'<div class="xs-text">{shared_words_html(own, other)}{more}</div>'
    )


def _undo(search_no: int) -> None:
    try:
        undo(app_store(), search_no, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
