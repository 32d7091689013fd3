"""Chosen/rejected pairs as pages and commands show them: call by call, with where they come from."""

from __future__ import annotations

import msgspec

from xlam_backend.domain.call_alignment import CallAlignment, align_calls
from xlam_backend.store.connection import Store
from xlam_backend.store.pairs import PairFilters, PairPage, PairRow, count_reasons, find_pairs, read_pair_row

__all__ = ["PairFilters", "PairPage", "PairRow", "PairView", "count_reasons", "find_pairs", "open_pair"]


class PairView(msgspec.Struct, frozen=True):
    """One pair with its calls beside each other: the chosen side is the left one."""

    row: PairRow
    alignment: CallAlignment


def open_pair(store: Store, pair_no: int) -> PairView:
    """Return one pair for a page, or raise NotFoundError."""
    row = read_pair_row(store, pair_no)
    return PairView(row, align_calls(row.pair.chosen.tool_calls, row.pair.rejected.tool_calls))
