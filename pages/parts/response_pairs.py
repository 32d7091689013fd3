"""The chosen/rejected pairs: a list that can be narrowed by model and reason, and one pair whole."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.levels import level_chip
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.pair_view import pair_html
from pages.parts.rating_words import scripted_chip
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import QUEUES, RESPONSES, TRAJECTORY
from pages.parts.safe_text import LONGEST_TEXT, one_line, show_hidden, text_html
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, read_number, read_view, view_params
from pages.parts.url_widgets import url_page, url_select
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.responses.funnel import ResponseFunnel
from xlam_backend.responses.pairs import (
    PairFilters,
    PairRow,
    PairView,
    SideRating,
    count_reasons,
    find_pairs,
    open_pair,
)

_PAGE_SIZE = 20
_COLUMNS = (
    Column("Request", "40%"),
    Column("Rejected for", "14%"),
    Column("Why it counts as worse", "22%"),
    Column("Model", "14%"),
    Column("Margin", "6%", "number"),
    Column("Step", "4%", "number"),
)


def draw_pairs(funnel: ResponseFunnel) -> None:
    """Draw the list of pairs of the run that the URL names, or of all."""
    st.subheader("Pairs", anchor=False)
    models = [one.count.model for one in funnel.models]
    first, second, _ = st.columns([2, 2, 3])
    with first:
        model = url_select("Model", "model", models, show=lambda name: one_line(name, 60), only_these=True)
    with second:
        reason = url_select("Rejected for", "reason", PAIR_REASONS, only_these=True)
    filters = PairFilters(
        funnel.run_id,
        model if model in models else "",
        next((known for known in PAIR_REASONS if known == reason), ""),
        "generated",
    )
    page = max(1, read_number("page", 1))
    found = read_cached("pairs", find_pairs, filters, first=(page - 1) * _PAGE_SIZE, count=_PAGE_SIZE)
    _draw_count(filters, found.total)
    if found.rows:
        opened = draw_table(_COLUMNS, [_row(row) for row in found.rows], key="pairs")
        if opened:
            st.switch_page(RESPONSES, query_params=_params(pair=opened))
    else:
        draw_empty("No pair matches.", "Take a filter away, or have more steps answered below.")
    if found.total > _PAGE_SIZE:
        url_page(page, -(-found.total // _PAGE_SIZE))
    if found.total:
        st.page_link(
            QUEUES,
            label="Send pairs to a review queue",
            icon=":material/rate_review:",
            query_params=view_params(View(read_view().filters), new="pair"),
        )


def _draw_count(filters: PairFilters, total: int) -> None:
    by_reason: dict[str, int] = {}
    for (_, reason), count in read_cached("pair_reasons", count_reasons, filters).items():
        by_reason[reason] = by_reason.get(reason, 0) + count
    words = ", ".join(
        f"{reason} {count:,}" for reason, count in sorted(by_reason.items(), key=lambda one: -one[1])
    )
    st.html(
        f'<p class="xs-note" role="status"><b>{total:,}</b> pairs{": " if words else ""}{text_html(words)}. '
        "The chosen side is the trajectory's own step.</p>"
    )


def _params(**more: str) -> dict[str, str]:
    return {**{name: text for name, text in st.query_params.to_dict().items() if name != "pair"}, **more}


def _row(row: PairRow) -> Row:
    pair = row.pair
    return Row(
        id=str(pair.pair_no),
        href=f"responses?{urlencode(_params(pair=str(pair.pair_no)))}",
        cells=(
            one_line(row.query, 200) or "(no request)",
            pair.reason,
            row.classified_because,
            one_line(row.model, 40) + (" (scripted)" if row.is_scripted else ""),
            "" if pair.margin is None else f"{pair.margin:+g}",
            pair.step + 1,
        ),
    )


def draw_pair(pair_no: int) -> None:
    """Draw one pair: what was asked, both sides call by call, why one of them is rejected."""
    view = read_cached("pair", open_pair, pair_no)
    row = view.row
    with st.container(horizontal=True):
        st.page_link(RESPONSES, label="Back to the list", icon=":material/list:", query_params=_params())
        st.page_link(
            TRAJECTORY,
            label="The trajectory",
            icon=":material/timeline:",
            query_params={"id": row.trajectory_id},
        )
    st.html(_head_html(view))
    st.html(pair_html(view))
    _draw_ratings(view)
    _draw_candidate(view)


def _head_html(view: PairView) -> str:
    row, pair = view.row, view.row.pair
    scripted = f" {scripted_chip()}" if row.is_scripted else ""
    return (
        f'<div class="xs-card"><p class="xs-user">{text_html(row.query, 2000)}</p>'
        f'<p><span class="xs-chip xs-reject">✖ {text_html(pair.reason)}</span> '
        f"{text_html(row.classified_because, 300)}</p>"
        f'<p class="xs-note">Pair {pair.pair_no} · step {pair.step + 1} · the rejected side is an answer of '
        f"<code>{text_html(row.model, 120)}</code>{scripted}</p></div>"
    )


def _draw_ratings(view: PairView) -> None:
    if view.ratings:
        lines = "".join(_rating_html(rating) for rating in view.ratings)
        st.html(f'<h4 class="xs-part">What the judge said</h4><ul class="xs-list">{lines}</ul>')


def _rating_html(rating: SideRating) -> str:
    side = "chosen" if rating.is_own else "rejected"
    score = "not judged" if rating.score is None else f"{rating.score:g}"
    words = rating.rationale or rating.not_judged_reason
    scripted = f" {scripted_chip()}" if rating.is_scripted else ""
    return (
        f"<li><span><b>{side}: {score}</b> {text_html(words, 1000)}{scripted}</span>"
        f"<span>{text_html(rating.model, 120)}</span></li>"
    )


def _draw_candidate(view: PairView) -> None:
    candidate = view.candidate
    if candidate is None:
        return
    if candidate.findings:
        lines = "".join(
            f"<div>{level_chip(finding.level)} {text_html(finding.message, 1000)}</div>"
            for finding in candidate.findings
        )
        st.html(f'<h4 class="xs-part">What the rules say about the rejected side</h4>{lines}')
    with st.expander("The reply as it came"):
        st.code(show_hidden(candidate.raw_reply[:LONGEST_TEXT]), language=None, wrap_lines=True)
        draw_note(
            f"Prompt {candidate.prompt_name}, version {candidate.prompt_version}; attempt "
            f"{candidate.attempt + 1}; {candidate.input_tokens:,} tokens in, {candidate.output_tokens:,} out."
        )
