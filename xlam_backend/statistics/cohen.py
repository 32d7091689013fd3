"""Cohen's kappa of two raters: beyond-chance agreement, weighted where answers have an order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Literal

import numpy as np

from xlam_backend.statistics.bootstrap import RESAMPLES, Floats, Method, bootstrap_interval
from xlam_backend.statistics.estimate import NEARLY_ONE, Estimate, flawless, undefined
from xlam_backend.statistics.intervals import Z_95

Weights = Literal["none", "linear", "quadratic"]

NO_COMMON_ITEM = "the two have no item in common"
BOTH_THE_SAME = "both gave one and the same answer everywhere"


def cohen_kappa(
    pairs: Iterable[tuple[Hashable, Hashable]],
    domain: Sequence[Hashable],
    *,
    weights: Weights = "none",
    seed: int,
    method: Method = "bca",
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return kappa (Cohen 1960; weighted: Cohen 1968) of answers given to the same items by two raters.

    `domain` lists every value in order. The interval resamples items.
    """
    table = _table(pairs, domain)
    n = int(table.sum())
    apart = _distances(len(domain), weights)
    value = _value(table, apart)
    if value.value is None or value.low is not None:
        return value
    present = np.argwhere(table > 0)
    rows, columns = present[:, 0], present[:, 1]

    def kappa_of(draws: Floats) -> Floats:
        tables = np.zeros((len(draws), *table.shape))
        tables[:, rows, columns] = draws
        return kappa_of_tables(tables, apart)

    counts = table[rows, columns].astype(np.int64)
    interval = bootstrap_interval(kappa_of, counts, seed=seed, method=method, resamples=resamples)
    return Estimate(value.value, interval.low, interval.high, n)


def quick_kappa(
    pairs: Iterable[tuple[Hashable, Hashable]], domain: Sequence[Hashable], *, weights: Weights = "none"
) -> Estimate:
    """Return kappa with the large-sample interval of Fleiss, Cohen and Everitt (Psych. Bull. 1969, 72:323).

    For matrices of many pairs of people, where resampling each would keep a page waiting.
    """
    table = _table(pairs, domain)
    n = int(table.sum())
    apart = _distances(len(domain), weights)
    value = _value(table, apart)
    if value.value is None or value.low is not None:
        return value
    half = Z_95 * math.sqrt(max(0.0, _variance(table / n, apart, value.value) / n))
    return Estimate(value.value, max(-1.0, value.value - half), min(1.0, value.value + half), n)


def kappa_of_tables(tables: Floats, apart: Floats) -> Floats:
    """Return kappa for each table of counts (tables x first rater x second rater)."""
    totals = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    observed = (tables * apart).sum(axis=(1, 2))
    chance = np.einsum("ti,tj,ij->t", rows, columns, apart) / totals
    kappas: Floats = np.where(chance > 0, 1 - observed / chance, np.nan)
    return kappas


def _value(table: Floats, apart: Floats) -> Estimate:
    """Return kappa without its interval, which only a flawless or an undefined one has already."""
    n = int(table.sum())
    if not n:
        return undefined(NO_COMMON_ITEM)
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = float(kappa_of_tables(table[np.newaxis], apart)[0])
    if math.isnan(kappa):
        return undefined(BOTH_THE_SAME, n)
    if kappa > NEARLY_ONE:
        return flawless(n, float(table.sum(axis=1) @ apart @ table.sum(axis=0)) / n**2)
    return Estimate(kappa, None, None, n)


def _table(pairs: Iterable[tuple[Hashable, Hashable]], domain: Sequence[Hashable]) -> Floats:
    place = {value: index for index, value in enumerate(domain)}
    table = np.zeros((len(domain), len(domain)), np.float64)
    for (first, second), count in Counter(pairs).items():
        table[place[first], place[second]] += count
    return table


def _distances(size: int, weights: Weights) -> Floats:
    """Return how far apart two answers are, 0..1."""
    steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(np.float64) / max(1, size - 1)
    if weights == "none":
        return (steps > 0).astype(np.float64)
    return steps if weights == "linear" else steps**2


def _variance(shares: Floats, apart: Floats, kappa: float) -> float:
    """Return the variance of sqrt(n) kappa by formula 13 of the paper; its weights are 1 - distance."""
    likeness = 1 - apart
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    expected = float(rows @ likeness @ columns)
    row_mean, column_mean = likeness @ columns, rows @ likeness
    moved = likeness - (row_mean[:, np.newaxis] + column_mean[np.newaxis, :]) * (1 - kappa)
    return (float((shares * moved**2).sum()) - (kappa - expected * (1 - kappa)) ** 2) / (1 - expected) ** 2
