"""Drawing a mixture: by what rows say and by the seed, never by how they came into the store."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlam_backend.domain.licence import Licence
from xlam_backend.mixture.draw import REASONS, draw_mixture, in_order, split_by_share
from xlam_backend.mixture.pool import Pool
from xlam_backend.mixture.recipe import Recipe, Rules, Source
from xlam_backend.store.mixture_rows import Labels, Marks, NearUnits, RowColumns

NOTHING = np.zeros(0, np.int64)
KEEP_ALL = Rules(licence_unknown="keep", licence_non_commercial="keep", rejected_by_checks="leave out")


def pool_of(contents, rejected=()):
    """A pool of rows with these contents, numbered in this order."""
    count = len(contents)
    numbers = np.arange(1, count + 1)
    high = np.array(contents, np.uint64)
    ones = np.ones(count, np.int64)
    columns = RowColumns(
        version_no=numbers,
        trajectory_no=numbers,
        content_high=high,
        content_low=high + np.uint64(7),
        permalink_high=high,
        text_length=ones * 70,
        tools_length=ones * 35,
        tool_count=ones,
        step_count=ones,
        call_count=ones,
        one_call_count=ones,
        two_call_count=ones * 0,
        more_call_count=ones * 0,
        dataset_no=ones,
    )
    # Of numbers above and below 2**63 together numpy makes floats, in which neighbours are equal.
    is_rejected = np.isin(high, np.array(list(rejected), np.uint64))
    marks = Marks(numbers[is_rejected], NOTHING, NOTHING, NOTHING, NOTHING, None)
    labels = Labels(NOTHING, ())
    licences = (Licence("mit", "MIT", "yes"),)
    return Pool(columns, marks, labels, labels, NearUnits(NOTHING, NOTHING), licences, ones * 0, {1: "data"})


def contents_of(recipe, pool, matches):
    """The contents of a mixture in its order, with the copy each is."""
    drawn = draw_mixture(recipe, pool, matches)
    place, copy = in_order(recipe, pool, drawn)
    return list(zip(pool.columns.content_high[drawn.row[place]].tolist(), copy.tolist()))


CONTENTS = st.lists(st.integers(0, 2**64 - 8), unique=True, min_size=1, max_size=60)


@settings(max_examples=60)
@given(contents=CONTENTS, share=st.integers(1, 99), seed=st.integers(0, 5), data=st.data())
def test_the_order_of_the_rows_changes_nothing(contents, share, seed, data):
    sources = (Source("a", share=share / 100, epochs=2), Source("b", share=(100 - share) / 100))
    recipe = Recipe("r", sources, seed=seed, size=20, when_short="take fewer", rules=KEEP_ALL)
    first = {content for content in contents if content % 3}
    rejected = {content for content in contents if content % 5 == 1}

    def mixed(order):
        matches = [
            np.array([at for at, one in enumerate(order) if (one in first) == wanted], np.int64)
            for wanted in (True, False)
        ]
        return contents_of(recipe, pool_of(order, rejected), matches)

    assert mixed(contents) == mixed(data.draw(st.permutations(contents)))


@settings(max_examples=60)
@given(contents=CONTENTS, epochs=st.integers(1, 3), count=st.integers(1, 200))
def test_no_row_is_taken_more_often_than_its_epochs_and_the_sum_is_what_was_asked(contents, epochs, count):
    recipe = Recipe("r", (Source("a", count=count, epochs=epochs),), when_short="take fewer", rules=KEEP_ALL)
    pool = pool_of(contents)
    drawn = draw_mixture(recipe, pool, [np.arange(len(contents))])
    assert drawn.row_count == min(count, epochs * len(contents))
    assert drawn.copies.max() <= epochs
    assert drawn.copies.max() - drawn.copies.min() <= 1
    assert drawn.sources[0].missing == max(0, count - epochs * len(contents))


@given(contents=CONTENTS)
def test_a_smaller_draw_is_a_part_of_a_larger_one(contents):
    pool = pool_of(contents)

    def drawn(count):
        recipe = Recipe("r", (Source("a", count=count),), when_short="take fewer", rules=KEEP_ALL)
        return {content for content, _ in contents_of(recipe, pool, [np.arange(len(contents))])}

    assert drawn(len(contents) // 2) <= drawn(len(contents))


def test_another_seed_draws_other_rows():
    pool = pool_of(list(range(0, 8_000, 8)))

    def drawn(seed):
        recipe = Recipe("r", (Source("a", count=100),), seed=seed, rules=KEEP_ALL)
        return {content for content, _ in contents_of(recipe, pool, [np.arange(1000)])}

    assert 2 <= len(drawn(1) & drawn(2)) <= 30


@given(contents=CONTENTS)
@example(contents=[0, 2**64 - 1026, 2**64 - 1025])  # equal, were they ever taken for floats
def test_every_row_that_matches_is_in_or_has_a_reason(contents):
    rejected = {content for content in contents if content % 2}
    pool = pool_of([*contents, *contents], rejected)
    recipe = Recipe("r", (Source("a", count=5),), when_short="take fewer", rules=KEEP_ALL)
    drawn = draw_mixture(recipe, pool, [np.arange(2 * len(contents))])
    assert ((drawn.copies > 0) == (drawn.reason == 0)).all()
    told = [REASONS[place] for place in drawn.reason]
    clean = len(contents) - len(rejected)
    assert told.count("a check rejects it") == 2 * len(rejected)
    assert told.count("another row says exactly the same") == clean


@given(
    total=st.integers(0, 10**6), shares=st.lists(st.floats(0.01, 1, allow_nan=False), min_size=1, max_size=9)
)
def test_shares_add_up_and_none_is_a_row_away_from_its_own(total, shares):
    counts = split_by_share(total, shares)
    assert sum(counts) == total
    exact = [total * share / sum(shares) for share in shares]
    assert all(abs(count - wanted) < 1 + 1e-6 for count, wanted in zip(counts, exact))
