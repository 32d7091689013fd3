"""Two near-duplicate rows beside each other: what was asked word by word, what was called call by call."""

from __future__ import annotations

from pages.parts.near_duplicate_words import facts_words
from pages.parts.pair_view import side_row, sides_html
from pages.parts.safe_text import text_html
from pages.parts.word_diff import marked_words_html
from xlam_backend.domain.call_alignment import align_calls
from xlam_backend.domain.near_duplicate import Member, NearPair
from xlam_backend.domain.near_duplicate import PairSide as NearSide
from xlam_backend.domain.pair import PairSide

_LONGEST_QUERY = 6_000


def members_html(keeper: Member, other: Member, left_title: str, right_title: str) -> str:
    """Return two rows of a cluster as a table, what differs marked."""
    facts = side_row("weighed", text_html(facts_words(keeper.facts)), text_html(facts_words(other.facts)))
    return _sides_html(keeper, other, left_title, right_title, more_rows=facts)


def near_pair_html(pair: NearPair) -> str:
    """Return any pair as such a table."""
    return _sides_html(pair.left, pair.right, "One", "The other")


def _sides_html(
    left: Member | NearSide,
    right: Member | NearSide,
    left_title: str,
    right_title: str,
    *,
    more_rows: str = "",
) -> str:
    request = side_row(
        "request",
        f'<div class="xs-text">{marked_words_html(left.query, right.query, _LONGEST_QUERY)}</div>',
        f'<div class="xs-text">{marked_words_html(right.query, left.query, _LONGEST_QUERY)}</div>',
    )
    places = side_row("dataset", text_html(left.dataset, 80), text_html(right.dataset, 80))
    return sides_html(
        align_calls(left.calls, right.calls),
        PairSide("", left.calls),
        PairSide("", right.calls),
        left_title,
        right_title,
        first_rows=request + places + more_rows,
    )
