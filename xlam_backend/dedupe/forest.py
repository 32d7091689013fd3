"""Connected parts and spanning forests of large graphs, whole columns at a time."""

from __future__ import annotations

import numpy as np

from xlam_backend.store.columns import Integers


def connected_parts(count: int, left: Integers, right: Integers) -> Integers:
    """Return, for each of `count` nodes, the lowest node it is joined with.

    >>> connected_parts(5, np.array([3, 1]), np.array([1, 4])).tolist()
    [0, 1, 2, 1, 1]
    """
    labels = np.arange(count)
    while True:
        here, there = labels[left], labels[right]
        differs = here != there
        if not differs.any():
            return labels
        left, right, here, there = left[differs], right[differs], here[differs], there[differs]
        np.minimum.at(labels, np.maximum(here, there), np.minimum(here, there))
        labels = _settled(labels)


def _settled(labels: Integers) -> Integers:
    """Follow every label to the lowest it stands for."""
    while True:
        further = labels[labels]
        if np.array_equal(further, labels):
            return further
        labels = further


def spanning_forest(count: int, left: Integers, right: Integers) -> Integers:
    """Return the indexes (rising) of a forest that joins what all links join; earlier links are preferred.

    Sorted by falling similarity, the links give the forest that joins, at every threshold, exactly what
    all links of at least that similarity join (Borůvka 1926: every part takes its best link at once).

    >>> spanning_forest(3, np.array([0, 1, 0]), np.array([1, 2, 2])).tolist()
    [0, 1]
    """
    order = np.arange(len(left))
    labels = np.arange(count)
    taken = [np.zeros(0, np.int64)]
    while len(order):
        here, there = labels[left[order]], labels[right[order]]
        differs = here != there
        order, here, there = order[differs], here[differs], there[differs]
        if not len(order):
            break
        best = np.full(count, len(left))
        np.minimum.at(best, here, order)
        np.minimum.at(best, there, order)
        chosen = np.unique(best[best < len(left)])
        taken.append(chosen)
        labels = connected_parts(count, labels[left[chosen]], labels[right[chosen]])[labels]
    return np.sort(np.concatenate(taken))
