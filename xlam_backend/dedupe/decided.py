"""How far people are with the clusters of a search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlam_backend.dedupe.grouping import group_rows
from xlam_backend.store.connection import Store


class DecidedCount(NamedTuple):
    """Rows in clusters that people decided on, and clusters with a row that nobody decided on."""

    dropped_count: int
    kept_count: int
    open_count: int


def count_decided(store: Store, search_no: int, *, threshold: float) -> DecidedCount:
    """Return what was decided about the rows that stand in clusters at a threshold."""
    found = group_rows(store, search_no, threshold)
    said = found.rows.disposition
    is_open = np.add.reduceat((said == "").astype(np.int64), found.starts[:-1]) if len(said) else said
    return DecidedCount(
        int(np.count_nonzero(said == "drop")),
        int(np.count_nonzero(said == "keep")),
        int(np.count_nonzero(is_open)),
    )
