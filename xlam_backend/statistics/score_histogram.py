"""How a judge's scores are spread, apart for what people call good and bad."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

MOST_BINS = 20


class ScoreBin(msgspec.Struct, frozen=True):
    """Scores from `low` up to `high` (the last with it): items people call good, bad, or neither yet."""

    low: float
    high: float
    good: int
    bad: int
    unlabelled: int


def score_histogram(
    scores: Sequence[float], is_bad: Sequence[bool | None], *, scale: tuple[float, float]
) -> tuple[ScoreBin, ...]:
    """Return bins over the scale: one for each score where all are whole numbers, else twenty.

    `is_bad` is None for items without a usable human label.

    >>> [each.bad for each in score_histogram([1, 1, 3], [True, None, False], scale=(1, 3))]
    [1, 0, 0]
    """
    low, high = scale
    values = np.asarray(scores, np.float64)
    is_whole = bool(np.all(values == np.round(values))) and float(low).is_integer() and high - low < MOST_BINS
    edges = np.arange(low - 0.5, high + 1) if is_whole else np.linspace(low, high, MOST_BINS + 1)
    labels = np.array([2 if bad is None else int(bad) for bad in is_bad], np.int64)
    inside = np.clip(values, low, high)
    good, bad, unlabelled = (np.histogram(inside[labels == kind], edges)[0] for kind in range(3))
    return tuple(
        ScoreBin(float(edges[i]), float(edges[i + 1]), int(good[i]), int(bad[i]), int(unlabelled[i]))
        for i in range(len(edges) - 1)
    )
