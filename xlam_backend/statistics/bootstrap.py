"""Bootstrap intervals by resampling items; items that look alike are drawn together: size costs nothing.

A statistic here is a function of how many items show each pattern (a pattern: all that counts of an item,
such as its answers). Resampling n items with replacement is then one multinomial draw over the patterns,
whatever n: the same distribution as drawing them one by one. A statistic takes many draws at once, one a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Method = Literal["percentile", "bca"]
# From counts of patterns (draws x patterns) to values (draws); NaN where a draw leaves it undefined.
Statistic = Callable[[Floats], Floats]

RESAMPLES = 2000
INTERVAL_SEED = 20260101  # the same data gives the same intervals, on a page and on the command line
COVERAGE = 0.95
# Fewer items resample to so few different data sets that their spread says nothing.
LEAST_ITEMS = 5
# With fewer usable draws the quantiles of the rest would say little.
LEAST_USABLE_SHARE = 0.5


class Interval(msgspec.Struct, frozen=True):
    """Where 95 % of the resampled values lie; both None when items or usable draws are too few."""

    low: float | None
    high: float | None


def bootstrap_interval(
    statistic: Statistic,
    counts: Sequence[int] | Integers,
    *,
    seed: int,
    strata: Sequence[Sequence[int]] = (),
    method: Method = "bca",
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the bootstrap interval of a statistic of pattern counts.

    `strata` lists the patterns of each stratum: each is resampled on its own, to its own size. `bca` corrects
    for bias and skew (Efron 1987, JASA 82:171-185); it needs a jackknife, which one left out item of each
    pattern gives.
    """
    observed = np.asarray(counts, np.int64)
    if observed.sum() < LEAST_ITEMS:
        return Interval(None, None)
    draws = _draw(observed, strata or [range(len(observed))], seed=seed, resamples=resamples)
    values = _quiet(statistic, draws)
    usable = values[np.isfinite(values)]
    if len(usable) < LEAST_USABLE_SHARE * resamples:
        return Interval(None, None)
    tails = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
    if method == "bca":
        tails = _corrected_tails(statistic, observed, usable, tails)
    low, high = np.quantile(usable, tails)
    return Interval(float(low), float(high))


def _draw(observed: Integers, strata: Sequence[Sequence[int]], *, seed: int, resamples: int) -> Floats:
    generator = np.random.default_rng(seed)
    draws = np.zeros((resamples, len(observed)), np.float64)
    for patterns in strata:
        columns = np.asarray(list(patterns), np.int64)
        size = int(observed[columns].sum())
        if size:
            draws[:, columns] = generator.multinomial(size, observed[columns] / size, size=resamples)
    return draws


def _corrected_tails(
    statistic: Statistic, observed: Integers, usable: Floats, tails: tuple[float, float]
) -> tuple[float, float]:
    """Return the quantiles to read off instead, moved for bias and acceleration."""
    normal = NormalDist()
    value = float(_quiet(statistic, observed[np.newaxis, :].astype(np.float64))[0])
    below = float(np.mean(usable < value) + np.mean(usable == value) / 2)
    if not 0 < below < 1:
        return tails
    bias = normal.inv_cdf(below)
    acceleration = _acceleration(statistic, observed)

    def moved(tail: float) -> float:
        reach = bias + normal.inv_cdf(tail)
        room = 1 - acceleration * reach
        return normal.cdf(bias + reach / room) if room > 0 else tail

    return moved(tails[0]), moved(tails[1])


def _acceleration(statistic: Statistic, observed: Integers) -> float:
    present = np.flatnonzero(observed)
    left_out = np.repeat(observed[np.newaxis, :].astype(np.float64), len(present), axis=0)
    left_out[np.arange(len(present)), present] -= 1
    values, weights = _quiet(statistic, left_out), observed[present].astype(np.float64)
    known = np.isfinite(values)
    values, weights = values[known], weights[known]
    if not len(values):
        return 0.0
    away = np.average(values, weights=weights) - values
    spread = float(np.sum(weights * away**2))
    return float(np.sum(weights * away**3)) / (6 * spread**1.5) if spread > 1e-24 else 0.0


def _quiet(statistic: Statistic, draws: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return statistic(draws)
