"""Whether a judge is kinder or harsher to long texts than people are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from xlam_backend.statistics.bootstrap import Floats
from xlam_backend.statistics.estimate import NEARLY_ONE, Estimate, undefined
from xlam_backend.statistics.intervals import Z_95

LEAST_ITEMS = 4
GROUP_COUNT = 5


class LengthGroup(msgspec.Struct, frozen=True):
    """Items of similar length: from, to, how many, and the mean of judge minus human with its interval."""

    shortest: int
    longest: int
    n: int
    mean_error: float
    low: float
    high: float


class LengthBias(msgspec.Struct, frozen=True):
    """Spearman's rank correlation of text length and judge minus human, and the mean error by length.

    Above 0: the judge rates long texts higher than people do.
    """

    correlation: Estimate
    groups: tuple[LengthGroup, ...]


def length_bias(lengths: Sequence[int], errors: Sequence[float]) -> LengthBias:
    """Return how judge minus human goes with the length of what was judged.

    The interval of the correlation is Fisher's z with the variance of Bonett and Wright (2000,
    Psychometrika 65:23-28).
    """
    if len(lengths) != len(errors):
        raise ValueError(f"{len(lengths)} lengths for {len(errors)} errors")
    length, error = np.asarray(lengths, np.float64), np.asarray(errors, np.float64)
    return LengthBias(spearman(length, error), _groups(length, error))


def spearman(first: Floats, second: Floats) -> Estimate:
    """Return the rank correlation of two columns; ties get their mean rank (Spearman 1904)."""
    n = len(first)
    if n < LEAST_ITEMS:
        return undefined(f"fewer than {LEAST_ITEMS} items have a usable label", n)
    ranks, other_ranks = _ranks(first), _ranks(second)
    if not np.ptp(ranks):
        return undefined("all texts are equally long", n)
    if not np.ptp(other_ranks):
        return undefined("the judge differs from people by the same amount everywhere", n)
    value = float(np.clip(np.corrcoef(ranks, other_ranks)[0, 1], -1.0, 1.0))
    if abs(value) > NEARLY_ONE:
        return Estimate(value, None, None, n)
    half = Z_95 * math.sqrt((1 + value * value / 2) / (n - 3))
    centre = math.atanh(value)
    return Estimate(value, math.tanh(centre - half), math.tanh(centre + half), n)


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Floats = (ends - (counts - 1) / 2)[place]
    return ranks


def _groups(length: Floats, error: Floats) -> tuple[LengthGroup, ...]:
    """Return groups of about equally many items; equal lengths stay together."""
    if not len(length):
        return ()
    edges = np.unique(np.quantile(length, np.linspace(0, 1, GROUP_COUNT + 1), method="inverted_cdf"))
    place = (
        np.searchsorted(edges[1:-1], length, side="left") if len(edges) > 2 else np.zeros(len(length), int)
    )
    return tuple(_group(length[place == each], error[place == each]) for each in np.unique(place))


def _group(length: Floats, error: Floats) -> LengthGroup:
    mean = float(error.mean())
    half = Z_95 * float(error.std(ddof=1)) / math.sqrt(len(error)) if len(error) > 1 else 0.0
    return LengthGroup(int(length.min()), int(length.max()), len(length), mean, mean - half, mean + half)
