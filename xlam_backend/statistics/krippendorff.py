"""Krippendorff's alpha: agreement of any people, with gaps, on nominal, ordinal or interval answers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Literal

import numpy as np

from xlam_backend.statistics.bootstrap import RESAMPLES, Floats, Method, bootstrap_interval
from xlam_backend.statistics.estimate import NEARLY_ONE, Estimate, flawless, undefined
from xlam_backend.statistics.patterns import AnswerPatterns, count_patterns

Measure = Literal["nominal", "ordinal", "interval"]

NOBODY_TWICE = "no item has answers of two people"
ALL_THE_SAME = "everyone gave the same answer"


def krippendorff_alpha(
    items: Iterable[Sequence[Hashable]],
    domain: Sequence[Hashable],
    *,
    measure: Measure = "nominal",
    seed: int,
    method: Method = "bca",
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return alpha over items, each the answers it got, with a bootstrap interval over items.

    `domain` lists every value an answer may have, in order; for the interval measure its values are numbers.
    The value comes from the `krippendorff` package (tests hold it to the examples that Krippendorff worked
    out by hand); resampling needs it for thousands of draws at once, which `_alpha_of` gives. Where all
    answers are equal nothing could have disagreed: that is undefined, not 1.
    """
    found = count_patterns(items, domain)
    n = int(found.counts.sum())
    if not n:
        return undefined(NOBODY_TWICE)
    if np.count_nonzero(found.answers.sum(axis=0)) < 2:
        return undefined(ALL_THE_SAME, n)
    value = _package_alpha(np.repeat(found.answers, found.counts, axis=0), domain, measure)
    together = _coincidences(found.answers)
    spread = _interval_distances(domain) if measure == "interval" else 1.0 - np.eye(len(domain))

    def alpha_of(draws: Floats) -> Floats:
        return _alpha_of(draws, together, None if measure == "ordinal" else spread)

    if value > NEARLY_ONE:
        return flawless(n, _mean_distance(found, spread, measure))

    interval = bootstrap_interval(alpha_of, found.counts, seed=seed, method=method, resamples=resamples)
    return Estimate(value, interval.low, interval.high, n)


def _package_alpha(answers: Floats, domain: Sequence[Hashable], measure: Measure) -> float:
    import krippendorff

    values = [float(str(value)) for value in domain] if measure == "interval" else list(range(len(domain)))
    return float(krippendorff.alpha(value_counts=answers, value_domain=values, level_of_measurement=measure))


def _coincidences(answers: Floats) -> Floats:
    """Return how often each two values stand together in an item of each pattern (Krippendorff 2011)."""
    given = answers.sum(axis=1)
    both = answers[:, :, np.newaxis] * answers[:, np.newaxis, :]
    both -= answers[:, :, np.newaxis] * np.eye(answers.shape[1])
    together: Floats = both / (given - 1)[:, np.newaxis, np.newaxis]
    return together


def _alpha_of(draws: Floats, together: Floats, distances: Floats | None) -> Floats:
    """Return 1 - observed / expected disagreement for each draw; without `distances` the values are ranks."""
    patterns, size = together.shape[0], together.shape[1]
    observed = (draws @ together.reshape(patterns, size * size)).reshape(-1, size, size)
    totals = observed.sum(axis=2)
    pairable = totals.sum(axis=1)
    apart = _rank_distances(totals) if distances is None else distances
    disagreement = (observed * apart).sum(axis=(1, 2))
    # The diagonal of the expected coincidences does not matter: a value is at no distance from itself.
    chance = (totals[:, :, np.newaxis] * totals[:, np.newaxis, :] * apart).sum(axis=(1, 2)) / (pairable - 1)
    alphas: Floats = np.where(chance > 0, 1 - disagreement / chance, np.nan)
    return alphas


def _mean_distance(found: AnswerPatterns, spread: Floats, measure: Measure) -> float:
    """Return how far two answers drawn from all are apart, as a part of the greatest distance."""
    totals = found.counts @ found.answers
    apart = _rank_distances(totals[np.newaxis])[0] if measure == "ordinal" else spread
    given = totals > 0
    greatest = float(apart[np.ix_(given, given)].max())
    size = float(totals.sum())
    return float(totals @ apart @ totals) / (size * (size - 1)) / greatest


def _interval_distances(domain: Sequence[Hashable]) -> Floats:
    values = np.array([float(str(value)) for value in domain], np.float64)
    squared: Floats = (values[:, np.newaxis] - values[np.newaxis, :]) ** 2
    return squared


def _rank_distances(totals: Floats) -> Floats:
    """Return the ordinal distances for each draw: they follow from how often each value was given."""
    middle = np.cumsum(totals, axis=1) - totals / 2
    squared: Floats = (middle[:, :, np.newaxis] - middle[:, np.newaxis, :]) ** 2
    return squared
