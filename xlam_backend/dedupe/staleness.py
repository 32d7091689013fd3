"""Whether a search still speaks of the data as they are: what came, changed or went since."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.near_duplicate import Search
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.near_duplicates import read_compared_versions
from xlam_backend.store.search import find_all_numbers


class Staleness(NamedTuple):
    """How many versions match today that were not compared, and how many that were do so no more."""

    new_count: int
    gone_count: int

    @property
    def is_stale(self) -> bool:
        """Whether anything changed."""
        return bool(self.new_count or self.gone_count)


def read_staleness(store: Store, search: Search) -> Staleness:
    """Return what changed since a search. Trajectories without a request are not compared and not counted."""
    compared = read_compared_versions(store, search.search_no)
    today = _matching_today(store, search)
    new = len(np.setdiff1d(today, compared)) - search.no_text_count
    return Staleness(max(0, new), len(np.setdiff1d(compared, today)))


def _matching_today(store: Store, search: Search) -> Integers:
    chosen = [search.settings.filters, *(Filters(dataset=name) for name in search.settings.evaluation_sets)]
    return np.unique(np.concatenate([find_all_numbers(store, filters) for filters in chosen]))
