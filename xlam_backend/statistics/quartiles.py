"""The middle of numbers and where half of them lie."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np


class Quartiles(msgspec.Struct, frozen=True):
    """Median and quartiles of `n` numbers; None of them when there are none."""

    median: float | None
    low: float | None
    high: float | None
    n: int


def quartiles(values: Sequence[float]) -> Quartiles:
    """Return median and quartiles.

    >>> quartiles([1.0, 2.0, 3.0, 4.0, 10.0])
    Quartiles(median=3.0, low=2.0, high=4.0, n=5)
    """
    if not len(values):
        return Quartiles(None, None, None, 0)
    low, median, high = np.quantile(np.asarray(values, np.float64), (0.25, 0.5, 0.75))
    return Quartiles(float(median), float(low), float(high), len(values))
