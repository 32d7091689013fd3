"""What must hold for agreement and calibration whatever people answered."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from xlam_backend.statistics.bootstrap import bootstrap_interval
from xlam_backend.statistics.cohen import cohen_kappa, quick_kappa
from xlam_backend.statistics.fleiss import fleiss_kappa
from xlam_backend.statistics.krippendorff import krippendorff_alpha
from xlam_backend.statistics.length_bias import length_bias
from xlam_backend.statistics.mcnemar import mcnemar
from xlam_backend.statistics.precision_recall import Labelled, precision_recall
from xlam_backend.statistics.threshold import Scored, suggest_threshold, threshold_lines

DOMAIN = ("agree", "disagree", "unsure")
FEW = 200  # draws: enough for what is asked here
answers = st.sampled_from(DOMAIN)
items = st.lists(st.lists(answers, max_size=4).map(tuple), max_size=30)
pairs = st.lists(st.tuples(answers, answers), max_size=40)
labelled = st.builds(
    Labelled, st.booleans(), st.booleans(), st.sampled_from("abc"), st.sampled_from([1.0, 0.5, 0.02])
)
scored = st.builds(
    Scored, st.integers(1, 5).map(float), st.booleans(), st.just(""), st.sampled_from([1.0, 0.05])
)
# Exchanges the answers: only their order, which the nominal measures do not see, changes.
OTHER_NAME = dict(zip(DOMAIN, (*DOMAIN[1:], DOMAIN[0])))


def is_sound(estimate, least=-1.0):
    if estimate.value is None:
        return bool(estimate.undefined_because) and estimate.low is None
    if estimate.low is None:
        return least - 1e-9 <= estimate.value <= 1 + 1e-9
    return least - 1e-9 <= estimate.low <= estimate.high <= 1 + 1e-9 and estimate.value <= 1 + 1e-9


def same(first, second):
    both = (first.value, second.value)
    return both == (None, None) or (None not in both and abs(both[0] - both[1]) < 1e-9)


@given(items, st.sampled_from(["nominal", "ordinal"]))
def test_alpha_is_at_most_one_and_does_not_see_the_order_of_items_or_people(found, measure):
    def alpha(shown):
        return krippendorff_alpha(shown, DOMAIN, measure=measure, seed=1, resamples=FEW)

    first = alpha(found)
    assert first.value is None or first.value <= 1
    assert first == alpha([each[::-1] for each in reversed(found)])


@given(items)
def test_nominal_measures_do_not_see_the_names_of_the_answers(found):
    renamed = [tuple(OTHER_NAME[answer] for answer in each) for each in found]
    assert same(
        krippendorff_alpha(found, DOMAIN, seed=1, resamples=FEW),
        krippendorff_alpha(renamed, DOMAIN, seed=1, resamples=FEW),
    )
    assert same(
        fleiss_kappa(found, DOMAIN, seed=1, resamples=FEW).kappa,
        fleiss_kappa(renamed, DOMAIN, seed=1, resamples=FEW).kappa,
    )


@given(pairs, st.sampled_from(["none", "linear", "quadratic"]))
def test_kappa_is_bounded_and_the_same_from_either_side(found, weights):
    first = cohen_kappa(found, DOMAIN, weights=weights, seed=1, resamples=FEW)
    other = cohen_kappa([(b, a) for a, b in found], DOMAIN, weights=weights, seed=1, resamples=FEW)
    quick = quick_kappa(found, DOMAIN, weights=weights)
    assert is_sound(first)
    assert is_sound(quick)
    assert same(first, other)
    assert same(first, quick)


@given(pairs)
def test_kappa_does_not_see_the_names_of_the_answers(found):
    renamed = [(OTHER_NAME[a], OTHER_NAME[b]) for a, b in found]
    assert same(quick_kappa(found, DOMAIN), quick_kappa(renamed, DOMAIN))


@given(st.lists(labelled, max_size=40))
def test_precision_and_recall_lie_between_0_and_1_inside_their_interval(found):
    result = precision_recall(found, seed=1, resamples=FEW)
    for estimate in (result.weighted_precision, result.recall, result.f1):
        assert is_sound(estimate, least=0.0)
        if estimate.low is not None:
            assert estimate.low <= estimate.value <= estimate.high
    assert is_sound(result.kappa)
    assert result.flagged + result.unflagged == len(found)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_mcnemar_does_not_care_which_comes_first(found):
    first, other = mcnemar(found), mcnemar([(b, a) for a, b in found])
    assert (first.exact_p, first.mid_p) == (other.exact_p, other.mid_p)
    assert first.exact_p is None or 0 < first.mid_p <= first.exact_p <= 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-4, 4)), max_size=40))
def test_length_bias_turns_its_sign_with_the_error(found):
    lengths, errors = [length for length, _ in found], [float(error) for _, error in found]
    first = length_bias(lengths, errors).correlation
    other = length_bias(lengths, [-error for error in errors]).correlation
    assert is_sound(first)
    assert first.value is None or abs(first.value + other.value) < 1e-9
    assert sum(group.n for group in length_bias(lengths, errors).groups) == len(found)


@given(st.lists(scored, max_size=60))
def test_a_higher_line_never_flags_or_finds_less(found):
    lines = threshold_lines(found)
    assert all(
        low.flagged <= high.flagged and (low.recall or 0) <= (high.recall or 0) + 1e-12
        for low, high in itertools.pairwise(lines)
    )
    suggested = suggest_threshold(found, seed=1)
    assert suggested.line is None or suggested.line.f1 == max(line.f1 for line in lines)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 50), min_size=2, max_size=6))
def test_the_same_seed_draws_the_same_interval(seed, counts):
    def share(draws):
        return draws[:, 0] / draws.sum(axis=1)

    assert bootstrap_interval(share, counts, seed=seed) == bootstrap_interval(share, counts, seed=seed)
