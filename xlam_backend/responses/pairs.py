"""Chosen/rejected pairs as pages and commands show them: call by call, with where they come from."""

from __future__ import annotations

import msgspec

from xlam_backend.domain.call_alignment import CallAlignment, align_calls
from xlam_backend.domain.candidate import Candidate
from xlam_backend.store.candidates import SideRating, read_candidate, read_side_ratings
from xlam_backend.store.connection import Store
from xlam_backend.store.pairs import PairFilters, PairPage, PairRow, count_reasons, find_pairs, read_pair_row

__all__ = [
    "PairFilters",
    "PairPage",
    "PairRow",
    "PairView",
    "SideRating",
    "count_reasons",
    "find_pairs",
    "open_pair",
]


class PairView(msgspec.Struct, frozen=True):
    """One pair with its calls beside each other (the chosen side is the left one), and what is known of it.

    `candidate` is the answer that the rejected side comes from, None when it comes from none.
    `ratings` are the judge's of both sides, empty when they were not rated.
    """

    row: PairRow
    alignment: CallAlignment
    candidate: Candidate | None = None
    ratings: tuple[SideRating, ...] = ()


def open_pair(store: Store, pair_no: int) -> PairView:
    """Return one pair for a page, or raise NotFoundError."""
    row = read_pair_row(store, pair_no)
    alignment = align_calls(row.pair.chosen.tool_calls, row.pair.rejected.tool_calls)
    if not row.pair.candidate_no:
        return PairView(row, alignment)
    candidate = read_candidate(store, row.pair.candidate_no)
    ratings = read_side_ratings(store, candidate) if candidate.score is not None else []
    return PairView(row, alignment, candidate, tuple(ratings))
