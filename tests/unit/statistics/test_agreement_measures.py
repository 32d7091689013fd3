"""Agreement measures against values that were worked out by hand (benchmarks/published_statistics.py)."""

from __future__ import annotations

import pytest

from benchmarks import published_statistics as published
from xlam_backend.statistics.accuracy import self_agreement
from xlam_backend.statistics.cohen import BOTH_THE_SAME, NO_COMMON_ITEM, cohen_kappa, quick_kappa
from xlam_backend.statistics.fleiss import fleiss_kappa
from xlam_backend.statistics.krippendorff import ALL_THE_SAME, NOBODY_TWICE, krippendorff_alpha

EXACT = 1e-9


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("nominal", published.ALPHA_NOMINAL),
        ("ordinal", published.ALPHA_ORDINAL),
        ("interval", published.ALPHA_INTERVAL),
    ],
)
def test_alpha_of_the_published_example(measure, value):
    found = krippendorff_alpha(
        published.krippendorff_items(), published.KRIPPENDORFF_DOMAIN, measure=measure, seed=1
    )
    assert found.value == pytest.approx(value, abs=EXACT)
    assert found.n == 11  # the twelfth unit has one answer
    assert found.low < found.value < found.high


def test_the_published_values_are_those_the_papers_print():
    printed = [published.ALPHA_NOMINAL, published.ALPHA_ORDINAL, published.ALPHA_INTERVAL]
    assert [round(value, 3) for value in printed] == [0.743, 0.815, 0.849]
    assert round(published.FLEISS_KAPPA, 3) == 0.210


def test_alpha_in_one_draw_is_the_alpha_of_the_package():
    # The resampled values come from another formula: on the data themselves the two must be one.
    import numpy as np

    from xlam_backend.statistics import krippendorff
    from xlam_backend.statistics.patterns import count_patterns

    domain = published.KRIPPENDORFF_DOMAIN
    found = count_patterns(published.krippendorff_items(), domain)
    together = krippendorff._coincidences(found.answers)
    draw = found.counts[np.newaxis].astype(float)
    for distances, value in (
        (1.0 - np.eye(5), published.ALPHA_NOMINAL),
        (None, published.ALPHA_ORDINAL),
        (krippendorff._interval_distances(domain), published.ALPHA_INTERVAL),
    ):
        assert krippendorff._alpha_of(draw, together, distances)[0] == pytest.approx(value, abs=EXACT)


def test_fleiss_of_the_published_example():
    found = fleiss_kappa(published.fleiss_items(), range(5), seed=1)
    assert found.kappa.value == pytest.approx(published.FLEISS_KAPPA, abs=EXACT)
    assert (found.kappa.n, found.rater_count, found.left_out) == (10, 14, 0)


def test_fleiss_counts_the_items_it_leaves_out():
    items = [("a", "b"), ("a", "a"), ("b", "b"), ("a", "b", "b"), ("a",)]
    found = fleiss_kappa(items, ["a", "b"], seed=1)
    assert (found.kappa.n, found.rater_count, found.left_out) == (3, 2, 1)
    # P = 2/3; a and b three times each: Pe = 1/2.
    assert found.kappa.value == pytest.approx(1 / 3, abs=EXACT)


@pytest.mark.parametrize(
    ("table", "weights", "value"),
    [
        (published.COHEN_TABLE, "none", published.COHEN_KAPPA),
        (published.WEIGHTED_TABLE, "linear", published.KAPPA_LINEAR),
        (published.WEIGHTED_TABLE, "quadratic", published.KAPPA_QUADRATIC),
    ],
)
def test_cohen_of_tables_worked_out_by_hand(table, weights, value):
    pairs = published.pairs_of(table)
    found = cohen_kappa(pairs, range(len(table)), weights=weights, seed=1)
    quick = quick_kappa(pairs, range(len(table)), weights=weights)
    assert found.value == quick.value == pytest.approx(value, abs=EXACT)
    assert found.low < value < found.high
    # The two intervals come from different ideas and must tell the same.
    assert (found.low, found.high) == pytest.approx((quick.low, quick.high), abs=0.06)


def test_the_quick_interval_is_that_of_the_paper():
    # kappa 0.4, standard error 0.1270 as every statistics program prints for this table.
    found = quick_kappa(published.pairs_of(published.COHEN_TABLE), range(2))
    assert (found.high - found.low) / (2 * 1.959963984540054) == pytest.approx(0.1270, abs=5e-5)


def test_unanimous_answers_are_undefined_and_not_one():
    same = [("agree", "agree")] * 20
    assert krippendorff_alpha(same, ["agree", "disagree"], seed=1).undefined_because == ALL_THE_SAME
    assert fleiss_kappa(same, ["agree", "disagree"], seed=1).kappa.undefined_because == ALL_THE_SAME
    assert cohen_kappa(same, ["agree", "disagree"], seed=1).undefined_because == BOTH_THE_SAME
    assert quick_kappa(same, ["agree", "disagree"]).undefined_because == BOTH_THE_SAME
    assert krippendorff_alpha(same, ["agree", "disagree"], seed=1).value is None


def test_nothing_in_common_is_undefined():
    assert krippendorff_alpha([("a",), ("b",)], ["a", "b"], seed=1).undefined_because == NOBODY_TWICE
    assert fleiss_kappa([], ["a", "b"], seed=1).kappa.undefined_because == NOBODY_TWICE
    assert cohen_kappa([], ["a", "b"], seed=1).undefined_because == NO_COMMON_ITEM


def test_a_perfect_agreement_still_has_a_width():
    pairs = [("a", "a")] * 10 + [("b", "b")] * 10
    for found in (
        cohen_kappa(pairs, ["a", "b"], seed=1),
        quick_kappa(pairs, ["a", "b"]),
        fleiss_kappa(pairs, ["a", "b"], seed=1).kappa,
    ):
        assert (found.value, found.high) == (1.0, 1.0)
        # 0 of 20 differ: Wilson says at most 0.16113; by chance half would.
        assert found.low == pytest.approx(1 - 0.16113 / 0.5, abs=1e-4)
    alpha = krippendorff_alpha(pairs, ["a", "b"], seed=1)
    assert alpha.low == pytest.approx(1 - 0.16113 / (800 / (40 * 39)), abs=1e-4)


def test_self_agreement_counts_equal_answers():
    found = self_agreement([("a", "a"), ("b", "a"), ("b", "b"), ("a", "a")], ["a", "b"], seed=1)
    assert (found.same.hits, found.same.total) == (3, 4)
    assert found.kappa.value == pytest.approx(0.5, abs=EXACT)  # 3/4 beside 3/4 * 1/2 + 1/4 * 1/2
