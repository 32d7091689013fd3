"""Where a cluster stands in a list of clusters, and where a trajectory stands in a search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlam_backend.dedupe.clusters import group_matching, latest_search
from xlam_backend.dedupe.grouping import group_rows
from xlam_backend.domain.near_duplicate import ClusterQuery
from xlam_backend.store.connection import Store
from xlam_backend.store.near_duplicates import has_like_rows


class ClusterNeighbours(NamedTuple):
    """The clusters before and after one in a list (None at its ends); `place` is 0 outside of the list."""

    previous: int | None
    following: int | None
    place: int
    total: int


class ClusterPlace(NamedTuple):
    """The cluster of a search that a trajectory stands in, and how many rows it has."""

    search_no: int
    threshold: float
    number: int
    size: int


def find_clusters_around(store: Store, search_no: int, query: ClusterQuery, number: int) -> ClusterNeighbours:
    """Return what stands before and after a cluster in a list, the largest first.

    A cluster that the query leaves out (it was decided on, say) is looked for where it would stand.
    """
    found = group_matching(store, search_no, query)
    order = np.lexsort((found.numbers, -found.sizes))
    sizes, numbers = found.sizes[order], found.numbers[order]
    own = int(sizes[numbers == number].sum()) or _size_of(store, search_no, query.threshold, number)
    place = int(np.count_nonzero((sizes > own) | ((sizes == own) & (numbers < number))))
    is_listed = place < len(numbers) and numbers[place] == number
    after = place + is_listed
    return ClusterNeighbours(
        int(numbers[place - 1]) if place else None,
        int(numbers[after]) if after < len(numbers) else None,
        place + 1 if is_listed else 0,
        len(numbers),
    )


def find_cluster_of(store: Store, trajectory_no: int) -> ClusterPlace | None:
    """Return the cluster of the newest search that a trajectory stands in, None where it stands in none."""
    search = latest_search(store)
    if search is None:
        return None
    found = group_rows(store, search.search_no, search.settings.threshold)
    places = np.flatnonzero(found.rows.trajectory_no == trajectory_no)
    if not len(places):
        return None
    at = int(np.searchsorted(found.starts, places[0], side="right")) - 1
    return ClusterPlace(
        search.search_no, search.settings.threshold, int(found.numbers[at]), int(found.sizes[at])
    )


def stands_in_cluster(store: Store, trajectory_no: int) -> bool:
    """Tell whether the newest search has others that say and call the same as a trajectory."""
    search = latest_search(store)
    return search is not None and has_like_rows(
        store, search.search_no, trajectory_no, search.settings.threshold
    )


def _size_of(store: Store, search_no: int, threshold: float, number: int) -> int:
    found = group_rows(store, search_no, threshold)
    return int(found.sizes[found.numbers == number].sum())
