"""Joins rows into clusters: the connected parts of a spanning forest above a threshold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlam_backend.dedupe.forest import connected_parts
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.near_duplicates import LikeRows, Links, read_like_rows, read_links


class Grouping(NamedTuple):
    """Rows in clusters at a threshold, sorted by cluster, and within it the one to keep first.

    Cluster `i` is `rows[starts[i]:starts[i + 1]]`; `numbers[i]` names it: the lowest unit in it.
    `lowest[i]` is the similarity of the weakest link that holds it together.
    """

    rows: LikeRows
    starts: Integers
    numbers: Integers
    lowest: Integers

    @property
    def sizes(self) -> Integers:
        """How many rows each cluster has."""
        return np.diff(self.starts)


def group_rows(store: Store, search_no: int, threshold: float) -> Grouping:
    """Return the clusters of a search at a threshold."""
    rows = read_like_rows(store, search_no, threshold)
    links = read_links(store, search_no, threshold)
    return _grouped(rows, links)


def join_units(links: Links) -> tuple[Integers, Integers]:
    """Return the units that links name, in order, and the lowest unit that each is joined with.

    >>> join_units(Links(np.array([4, 9]), np.array([7, 4]), np.array([0.9, 0.8])))[1].tolist()
    [4, 4, 4]
    """
    units, where = np.unique(np.concatenate([links.left, links.right]), return_inverse=True)
    left, right = np.split(where, 2)
    return units, units[connected_parts(len(units), left, right)]


def _grouped(rows: LikeRows, links: Links) -> Grouping:
    units, joined = join_units(links)
    at = np.minimum(np.searchsorted(units, rows.unit_no), max(len(units) - 1, 0))
    cluster = rows.unit_no.astype(np.int64)
    if len(units):
        cluster = np.where(units[at] == rows.unit_no, joined[at], cluster)
    order = np.argsort(cluster, kind="stable")
    # A removed dataset may have left a cluster with one row.
    numbers, counts = np.unique(cluster, return_counts=True)
    order = order[np.isin(cluster[order], numbers[counts > 1])]
    numbers, counts = numbers[counts > 1], counts[counts > 1]
    lowest = np.ones(len(numbers))
    if len(links.left) and len(numbers):
        of_link = joined[np.searchsorted(units, links.left)]
        place = np.minimum(np.searchsorted(numbers, of_link), len(numbers) - 1)
        known = numbers[place] == of_link
        np.minimum.at(lowest, place[known], links.similarity[known])
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Grouping(LikeRows(*(column[order] for column in rows)), starts, numbers, lowest)
