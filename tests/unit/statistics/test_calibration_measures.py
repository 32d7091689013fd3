"""Measures of a judge against values that were worked out by hand (benchmarks/published_statistics.py)."""

from __future__ import annotations

import pytest

from benchmarks import published_statistics as published
from xlam_backend.statistics import precision_recall as recall_words
from xlam_backend.statistics.confusion import confusion_matrix
from xlam_backend.statistics.intervals import rate
from xlam_backend.statistics.label_budget import labels_for_kappa, labels_for_share, labels_for_width
from xlam_backend.statistics.length_bias import length_bias
from xlam_backend.statistics.mcnemar import mcnemar
from xlam_backend.statistics.precision_recall import Labelled, precision_recall
from xlam_backend.statistics.score_histogram import score_histogram
from xlam_backend.statistics.threshold import Scored, suggest_threshold, threshold_lines

EXACT = 1e-9


def test_weighted_recall_worked_out_by_hand():
    found = precision_recall(published.weighted_items(), seed=1)
    assert found.recall.value == pytest.approx(published.WEIGHTED_RECALL, abs=EXACT)
    assert found.weighted_precision.value == pytest.approx(published.WEIGHTED_PRECISION, abs=EXACT)
    assert found.f1.value == pytest.approx(published.WEIGHTED_F1, abs=EXACT)
    assert found.kappa.value == pytest.approx(published.WEIGHTED_KAPPA, abs=EXACT)
    assert (found.precision.hits, found.precision.total) == (30, 40)
    assert (found.flagged, found.unflagged, found.caught, found.missed) == (40, 20, 30, 1)
    assert found.recall.low < 0.45
    assert found.recall.high > 0.9


def test_without_unflagged_items_recall_is_undefined_and_not_one():
    found = precision_recall([Labelled(True, True), Labelled(True, False)], seed=1)
    assert found.recall.undefined_because == recall_words.NOTHING_UNFLAGGED
    assert found.precision.share == 0.5


def test_without_bad_or_any_items_recall_is_undefined():
    found = precision_recall([Labelled(True, False), Labelled(False, False)], seed=1)
    assert found.recall.undefined_because == recall_words.NOTHING_BAD
    nothing = precision_recall([], seed=1)
    assert nothing.recall.undefined_because == recall_words.NOTHING_LABELLED
    assert nothing.weighted_precision.undefined_because == recall_words.NOTHING_FLAGGED


def test_a_recall_of_one_admits_what_the_unflagged_may_hide():
    items = [Labelled(True, True)] * 10 + [Labelled(False, False, "rest", 0.01)] * 20
    recall = precision_recall(items, seed=1).recall
    # None of 20 was missed: at most 0.16113 of the 2,000 they stand for, beside the 10 that were caught.
    assert recall.value == recall.high == 1.0
    assert recall.low == pytest.approx(10 / (10 + 0.16113 * 2000), abs=1e-4)


def test_mcnemar_worked_out_by_hand():
    first, second = published.MCNEMAR_SPLIT
    found = mcnemar([(True, False)] * first + [(False, True)] * second + [(True, True)] * 7)
    assert found.exact_p == pytest.approx(published.MCNEMAR_EXACT, abs=EXACT)
    assert found.mid_p == pytest.approx(published.MCNEMAR_MID, abs=EXACT)
    assert (found.both, found.only_first, found.only_second, found.neither) == (7, 10, 5, 0)
    assert found.gain.value == pytest.approx(-5 / 22, abs=EXACT)


def test_mcnemar_of_an_even_split():
    found = mcnemar([(True, False)] * 3 + [(False, True)] * 3)
    assert found.exact_p == 1.0
    assert found.mid_p == pytest.approx(1 - 20 / 64, abs=EXACT)


def test_mcnemar_without_a_difference_is_undefined():
    assert "same items" in mcnemar([(True, True), (False, False)]).undefined_because
    assert mcnemar([]).gain.value is None


def test_mcnemar_of_many_items_goes_over_smoothly():
    # The exact sum and the one by logarithms, on both sides of where they meet.
    exact = mcnemar([(True, False)] * 950 + [(False, True)] * 1050).exact_p
    beyond = mcnemar([(True, False)] * 950 + [(False, True)] * 1051).exact_p
    assert 0.9 * exact < beyond < exact
    assert mcnemar([(True, False)] * 50_000 + [(False, True)] * 50_100).exact_p == pytest.approx(
        0.7543, abs=1e-3
    )


def test_spearman_worked_out_by_hand():
    found = length_bias(published.SPEARMAN_LENGTHS, published.SPEARMAN_ERRORS)
    assert found.correlation.value == pytest.approx(published.SPEARMAN, abs=EXACT)
    assert found.correlation.low < found.correlation.value < found.correlation.high


def test_length_groups_add_up_and_keep_equal_lengths_together():
    lengths = [10] * 50 + [20, 30, 40, 50, 60] * 10
    found = length_bias(lengths, [0.0] * 50 + [1.0, 2.0] * 25)
    assert sum(group.n for group in found.groups) == 100
    assert all(before.longest < after.shortest for before, after in zip(found.groups, found.groups[1:]))
    assert found.groups[0].n >= 50


def test_length_bias_is_undefined_where_nothing_varies():
    assert "fewer than" in length_bias([1, 2], [0, 1]).correlation.undefined_because
    assert "equally long" in length_bias([5] * 6, [0, 1, 0, 1, 0, 1]).correlation.undefined_because
    assert "same amount" in length_bias([1, 2, 3, 4, 5], [0.0] * 5).correlation.undefined_because


def test_the_confusion_matrix_counts_and_weighs():
    found = confusion_matrix([("bad", "bad", 2.5)] * 4 + [("good", "bad", 10.0)], ["bad", "good"])
    assert found.counts == ((4, 0), (1, 0))
    assert found.weighted == ((10.0, 0.0), (10.0, 0.0))
    assert found.total == 5


def test_whole_scores_have_a_bin_each_and_shares_have_twenty():
    whole = score_histogram([1, 2, 2, 5], [True, True, False, None], scale=(1, 5))
    assert [(each.good, each.bad, each.unlabelled) for each in whole] == [
        (0, 1, 0),
        (1, 1, 0),
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 1),
    ]
    shares = score_histogram([0.0, 0.5, 1.0], [True, False, False], scale=(0, 1))
    assert len(shares) == 20
    assert (shares[0].bad, shares[10].good, shares[19].good) == (1, 1, 1)


def test_the_suggested_line_is_the_one_with_the_best_f1():
    # Up to 2: 8 flagged, 7 of 9 bad. Up to 3: 14 flagged, 9 of 9 bad. F1: 14/17 and 18/23.
    items = [Scored(1, True)] * 3 + [Scored(2, True)] * 4 + [Scored(2, False)] + [Scored(3, True)] * 2
    items += [Scored(3, False)] * 4 + [Scored(5, False)] * 20
    found = suggest_threshold(items, seed=1)
    assert found.line.threshold == 2.5
    assert (found.line.flagged, found.line.caught) == (8, 7)
    assert found.line.f1 == pytest.approx(14 / 17, abs=EXACT)
    assert found.held_out.caught + found.held_out.missed == 9
    assert found.n == 34


def test_a_precision_that_must_be_reached():
    items = [Scored(1, True)] * 9 + [Scored(2, True)] * 9 + [Scored(2, False)] * 9 + [Scored(3, False)] * 9
    precise = suggest_threshold(items, goal="precision", least_precision=0.9, seed=1)
    assert (precise.line.threshold, precise.line.recall) == (1.5, 0.5)
    lax = suggest_threshold(items, goal="precision", least_precision=0.6, seed=1)
    assert (lax.line.threshold, lax.line.recall) == (2.5, 1.0)
    mixed = [Scored(each % 2, each % 3 == 0) for each in range(60)]
    assert (
        "no line"
        in suggest_threshold(mixed, goal="precision", least_precision=0.99, seed=1).undefined_because
    )


def test_strata_of_one_item_each_are_as_uncertain_as_one_stratum_of_all():
    """An item that is alone in its stratum is drawn each time: its interval would have no width."""
    flagged = [Labelled(True, place % 4 > 0, "flagged", 0.1) for place in range(40)]
    apart = [Labelled(False, place < 4, f"stratum {place:02}", 0.02) for place in range(40)]
    together = [Labelled(False, place < 4, "rest", 0.02) for place in range(40)]
    found, plain = (precision_recall([*flagged, *rest], seed=1) for rest in (apart, together))
    assert found.recall.value == plain.recall.value
    assert found.recall.high - found.recall.low == pytest.approx(
        plain.recall.high - plain.recall.low, rel=0.1
    )


def test_too_few_labels_give_no_line():
    found = suggest_threshold([Scored(1, True), Scored(5, False)], seed=1)
    assert found.line is None
    assert "1 bad, 1 good" in found.undefined_because


def test_lines_weigh_items_by_what_they_stand_for():
    lines = threshold_lines([Scored(1, True), Scored(2, False, "", 0.25), Scored(3, True, "", 0.25)])
    assert [line.threshold for line in lines] == [1.5, 2.5, 3.0]
    assert [line.precision for line in lines] == [1.0, 0.2, pytest.approx(5 / 9)]
    assert [line.recall for line in lines] == [0.2, 0.2, 1.0]


def test_a_budget_of_labels():
    assert labels_for_kappa(0.7, 0.3) == 240  # the figure that reviewers are told: "about 240"
    assert labels_for_kappa(0.5, 0.0) is None
    assert (
        labels_for_share(0.5) == 92
    )  # z^2 / 4 / 0.1^2 - z^2 = 96.04 - 3.84 = 92.2, less by what rounds the centre
    for share in (0.0, 0.5, 0.9):
        wanted = labels_for_share(share)
        hits = round(share * wanted)
        assert rate(hits, wanted).high - rate(hits, wanted).low == pytest.approx(0.2, abs=0.01)
    assert labels_for_width(100, 0.4, 0.8) == 400
    assert labels_for_width(400, 0.45, 0.55) == 400
