"""Draws: every stratum has its chance, the chances are true, and the same seed draws the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlam_backend.review.sampling import THE_REST, allocate, count_strata, draw, pool_small, put_in_order

populations = st.lists(st.integers(0, 60), min_size=1, max_size=8).filter(sum)


def codes_of(counts):
    return np.repeat(np.arange(len(counts)), counts)


@given(populations, st.integers(1, 200))
def test_an_allocation_adds_up_and_leaves_no_stratum_out(counts, size):
    drawn = allocate(counts, size)
    filled = sum(count > 0 for count in counts)
    assert all(0 <= given <= count for given, count in zip(drawn, counts))
    if size >= filled:
        assert sum(drawn) == min(size, sum(counts))
        assert all(given > 0 for given, count in zip(drawn, counts) if count)


def test_an_allocation_is_in_proportion():
    assert allocate([500, 300, 200], 100) == [50, 30, 20]
    assert allocate([1000, 1, 1], 50) == [48, 1, 1]


@given(populations, st.integers(1, 100), st.integers(0, 5))
def test_a_draw_takes_from_each_stratum_what_it_says_and_nothing_twice(counts, size, seed):
    codes = np.random.default_rng(seed).permutation(codes_of(counts))
    names = [f"stratum {index}" for index in range(len(counts))]
    pooled = pool_small(codes, names, size)
    strata = count_strata(pooled.codes, pooled.names, size, is_flagged=True)
    drawn = draw(pooled.codes, strata, seed=seed)
    assert len(set(drawn.indexes.tolist())) == len(drawn.indexes) == min(size, len(codes))
    assert (pooled.codes[drawn.indexes] == drawn.strata).all()
    assert np.bincount(drawn.strata, minlength=len(strata)).tolist() == [each.drawn for each in strata]
    assert all(0 < each.probability <= 1 for each in strata if each.population)
    again = draw(pooled.codes, strata, seed=seed)
    assert (again.indexes == drawn.indexes).all()


def test_how_often_a_member_is_drawn_is_its_probability():
    codes = codes_of([40, 8])
    strata = count_strata(codes, ["large", "small"], 12, is_flagged=True)
    times = np.zeros(48)
    for seed in range(2_000):
        times[draw(codes, strata, seed=seed).indexes] += 1
    expected = np.array([strata[code].probability for code in codes])
    # Four standard errors: with 48 members a false alarm in one of some hundred runs, and seeds are fixed.
    assert (abs(times / 2_000 - expected) < 4 * np.sqrt(expected * (1 - expected) / 2_000)).all()


def test_weighing_by_the_probability_gives_the_true_total():
    counts = [900, 90, 10]
    codes = codes_of(counts)
    strata = count_strata(codes, list("abc"), 60, is_flagged=True)
    drawn = draw(codes, strata, seed=1)
    weights = [1 / strata[code].probability for code in drawn.strata]
    assert sum(weights) == pytest.approx(1000)


def test_small_strata_are_thrown_together_so_that_all_have_a_chance():
    codes = codes_of([50, 3, 2, 1])
    pooled = pool_small(codes, ["a", "b", "c", "d"], 2)
    assert pooled.names == ["a", THE_REST]
    assert pooled.pooled_count == 3
    assert np.bincount(pooled.codes).tolist() == [50, 6]
    assert pool_small(codes, ["a", "b", "c", "d"], 4).pooled_count == 0
    assert pool_small(codes, ["a", "b", "c", "d"], 0).pooled_count == 0


@given(st.integers(1, 80), st.integers(0, 30), st.integers(0, 25), st.integers(0, 3))
def test_a_repeat_comes_well_after_its_item(count, repeat_count, gap, seed):
    shown = put_in_order(count, np.arange(count), repeat_count=repeat_count, gap=gap, seed=seed)
    is_repeat = shown.repeats >= 0
    assert sorted(shown.indexes[~is_repeat].tolist()) == list(range(count))
    assert is_repeat.sum() == min(repeat_count, max(0, count - gap))
    for place in np.flatnonzero(is_repeat).tolist():
        original = int(shown.repeats[place])
        assert shown.indexes[original] == shown.indexes[place]
        assert not is_repeat[original]
        assert (~is_repeat[original + 1 : place]).sum() >= gap


def test_only_what_may_be_repeated_is():
    shown = put_in_order(100, np.arange(50), repeat_count=40, gap=5, seed=3)
    assert (shown.indexes[shown.repeats >= 0] < 50).all()


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_work_says_nothing_about_where_an_item_comes_from(seed):
    shown = put_in_order(1000, np.arange(0), repeat_count=0, gap=20, seed=seed)
    assert 30 < (shown.indexes[:100] >= 500).sum() < 70
