"""What is kept of millions of pairs: a forest of links, the nearest few of each unit, and counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from xlam_backend.dedupe.forest import spanning_forest
from xlam_backend.store.columns import Integers

BANDS = 101
_LEAST_KEPT = 1 << 20


class UnitPairs(NamedTuple):
    """Pairs of units (left < right) with their similarity; `is_cut`: a text was read only in part."""

    left: Integers
    right: Integers
    similarity: Integers
    is_cut: Integers

    def only(self, wanted: Integers) -> UnitPairs:
        """Return the pairs that are wanted."""
        return UnitPairs(*(column[wanted] for column in self))


def no_pairs() -> UnitPairs:
    """Return pairs that are none."""
    empty = np.zeros(0, np.int64)
    return UnitPairs(empty, empty, np.zeros(0, np.float32), np.zeros(0, bool))


class _Waiting(ABC):
    """Pairs that wait to be thinned out, so that memory stays flat."""

    def __init__(self, unit_count: int) -> None:
        self._most = max(_LEAST_KEPT, 8 * unit_count)
        self._parts: list[UnitPairs] = []
        self._count = 0

    def add(self, pairs: UnitPairs) -> None:
        """Take pairs in; from time to time only what is needed of them is kept."""
        self._parts.append(pairs)
        self._count += len(pairs.left)
        if self._count > self._most:
            self.kept()

    def kept(self) -> UnitPairs:
        """Return what is needed of all pairs so far."""
        found = (
            no_pairs() if not self._parts else UnitPairs(*map(np.concatenate, zip(*self._parts, strict=True)))
        )
        found = found.only(np.lexsort((found.right, found.left, -found.similarity)))
        found = self._thinned(found)
        self._parts, self._count = [found], len(found.left)
        return found

    @abstractmethod
    def _thinned(self, pairs: UnitPairs) -> UnitPairs:
        """Return those of pairs, the most alike first, that are needed."""


class LinkCollector(_Waiting):
    """Keeps a spanning forest: at every threshold it joins what all pairs would join."""

    def __init__(self, unit_count: int) -> None:
        super().__init__(unit_count)
        self._unit_count = unit_count

    def _thinned(self, pairs: UnitPairs) -> UnitPairs:
        return pairs.only(spanning_forest(self._unit_count, pairs.left, pairs.right))


class NearestCollector(_Waiting):
    """Keeps of every unit the pairs with its nearest few."""

    def __init__(self, unit_count: int, most: int) -> None:
        super().__init__(unit_count)
        self._few = most

    def _thinned(self, pairs: UnitPairs) -> UnitPairs:
        wanted = (_place_within(pairs.left) < self._few) | (_place_within(pairs.right) < self._few)
        return pairs.only(wanted)


def _place_within(units: Integers) -> Integers:
    """Return which of its unit's pairs each pair is, in their order.

    >>> _place_within(np.array([5, 7, 5, 5])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(units, kind="stable")
    ordered = units[order]
    is_first = np.ones(len(units), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(is_first)
    counts = np.diff(np.append(starts, len(units)))
    places = np.empty(len(units), np.int64)
    places[order] = np.arange(len(units)) - np.repeat(starts, counts)
    return places


def count_bands(pairs: UnitPairs) -> Integers:
    """Count pairs by hundredths of similarity: one row for whole texts, one for pairs with a cut one."""
    counts = np.zeros((2, BANDS), np.int64)
    bands = np.clip((pairs.similarity.astype(np.float64) * 100 + 1e-6).astype(np.int64), 0, BANDS - 1)
    np.add.at(counts, (pairs.is_cut.astype(np.int64), bands), 1)
    return counts
