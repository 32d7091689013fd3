"""Means over runs and questions: the interval holds what it promises, and knows its edges."""

from __future__ import annotations

import numpy as np
import pytest

from xlam_backend.statistics.crossed import crossed_mean


def test_the_same_values_give_the_same_interval_around_the_mean():
    values = np.random.default_rng(1).integers(0, 2, (3, 80)).astype(float)
    found = crossed_mean(values)
    assert found == crossed_mean(values)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(values.mean())
    assert found.n == 80


def test_runs_that_differ_widen_the_interval():
    alike = np.tile(np.arange(60) % 2, (4, 1)).astype(float)
    apart = alike.copy()
    apart[:2], apart[2:] = 0.0, 1.0
    assert np.isclose(alike.mean(), apart.mean())
    narrow, wide = crossed_mean(alike), crossed_mean(apart)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(20)
    hits = 0
    for _ in range(100):
        ability = 0.5 + generator.normal(0, 0.03, (5, 1)) + generator.normal(0, 0.2, (1, 60))
        values = (generator.random((5, 60)) < np.clip(ability, 0, 1)).astype(float)
        found = crossed_mean(values, resamples=400)
        hits += found.low <= 0.5 <= found.high
    assert hits >= 88


@pytest.mark.parametrize(
    ("value", "lowest", "low", "high"),
    [(0.0, -1.0, -0.088, 0.088), (0.0, 0.0, 0.0, 0.088), (1.0, 0.0, 0.912, 1.0)],
)
def test_values_without_any_spread_still_have_an_interval(value, lowest, low, high):
    found = crossed_mean(np.full((2, 40), value), lowest=lowest)
    assert found.value == value
    assert (found.low, found.high) == (pytest.approx(low, abs=0.001), pytest.approx(high, abs=0.001))


def test_nothing_answered_is_no_zero():
    assert crossed_mean(np.empty((0, 5))).value is None
    assert crossed_mean(np.empty((2, 0))).undefined_because
    assert crossed_mean(np.array([[1.0, 0.0]])).low is None
