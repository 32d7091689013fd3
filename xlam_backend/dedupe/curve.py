"""The threshold curve: how many rows would go at each threshold, found in one pass over the links."""

from __future__ import annotations

import numpy as np

from xlam_backend.domain.near_duplicate import CurvePoint
from xlam_backend.store.columns import Integers
from xlam_backend.store.near_decisions import JudgedLinks
from xlam_backend.store.near_duplicates import Links

STEPS_PER_UNIT = 100


class _Forest:
    """Units that grow together, each knowing how many rows it has and how many of these must stay."""

    def __init__(self, units: Integers, sizes: Integers, protected: Integers) -> None:
        self._parent = {int(unit): int(unit) for unit in units}
        self._rows = dict(zip(map(int, units), zip(map(int, sizes), map(int, protected)), strict=True))
        self.going_count = sum(_going(*rows) for rows in self._rows.values())
        self.cluster_count = sum(size > 1 for size, _ in self._rows.values())

    def join(self, left: int, right: int) -> None:
        """Join two units, unless they are joined already or have left the store."""
        if left not in self._parent or right not in self._parent:
            return
        one, other = self._root(left), self._root(right)
        if one == other:
            return
        here, there = self._rows.pop(one), self._rows.pop(other)
        both = (here[0] + there[0], here[1] + there[1])
        self.going_count += _going(*both) - _going(*here) - _going(*there)
        self.cluster_count += 1 - (here[0] > 1) - (there[0] > 1)
        self._parent[other] = one
        self._rows[one] = both

    def _root(self, unit: int) -> int:
        while self._parent[unit] != unit:
            self._parent[unit] = self._parent[self._parent[unit]]
            unit = self._parent[unit]
        return unit


def _going(size: int, protected: int) -> int:
    """Return how many of a cluster's rows go: all but one, or all that need not stay."""
    return size - max(protected, 1)


def curve_points(
    links: Links, sizes: tuple[Integers, Integers, Integers], judged: JudgedLinks, *, lowest: float
) -> tuple[CurvePoint, ...]:
    """Return the curve in hundredths, the lowest threshold first; `links` stand the strongest first."""
    forest = _Forest(*sizes)
    points = []
    at = 0
    for hundredth in range(STEPS_PER_UNIT, round(lowest * STEPS_PER_UNIT) - 1, -1):
        threshold = hundredth / STEPS_PER_UNIT
        while at < len(links.left) and links.similarity[at] >= np.float32(threshold):
            forest.join(int(links.left[at]), int(links.right[at]))
            at += 1
        is_above = judged.similarity >= np.float32(threshold)
        points.append(
            CurvePoint(
                threshold,
                forest.going_count,
                forest.cluster_count,
                int(np.count_nonzero(is_above)),
                int(np.count_nonzero(is_above & judged.is_right)),
            )
        )
    return tuple(reversed(points))
