"""Which answer stands for which: counts of two labels of the same items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import msgspec


class ConfusionMatrix(msgspec.Struct, frozen=True):
    """`counts[i][j]`: items that the first calls `labels[i]` and the second `labels[j]`.

    `weighted` counts each item as many times as it stands for (its inverse inclusion probability).
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    weighted: tuple[tuple[float, ...], ...]

    @property
    def total(self) -> int:
        """Return how many items were counted."""
        return sum(map(sum, self.counts))


def confusion_matrix(
    items: Iterable[tuple[Hashable, Hashable, float]], labels: Sequence[Hashable]
) -> ConfusionMatrix:
    """Count items given as (first label, second label, weight).

    >>> confusion_matrix([("a", "b", 2.0), ("a", "a", 1.0)], ["a", "b"]).counts
    ((1, 1), (0, 0))
    """
    counts: Counter[tuple[Hashable, Hashable]] = Counter()
    weighted: dict[tuple[Hashable, Hashable], float] = {}
    for first, second, weight in items:
        counts[first, second] += 1
        weighted[first, second] = weighted.get((first, second), 0.0) + weight
    return ConfusionMatrix(
        tuple(str(label) for label in labels),
        tuple(tuple(counts[row, column] for column in labels) for row in labels),
        tuple(tuple(weighted.get((row, column), 0.0) for column in labels) for row in labels),
    )
