"""Requests sorted into groups: the same whatever their order, and never more than there are texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlam_backend.curation.grouping import (
    assign,
    count_words,
    learn_middles,
    name_of,
    telling_words,
    text_order,
)


def around(centre, count, rng, spread=0.05):
    vectors = centre + rng.normal(0, spread, (count, len(centre)))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_clear_groups_are_found():
    rng = np.random.default_rng(1)
    vectors = np.concatenate([around(centre, 40, rng) for centre in np.eye(4)])
    places, similarity = assign(vectors, learn_middles(vectors, 4, seed=0))
    groups = [set(places[start : start + 40].tolist()) for start in range(0, 160, 40)]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == 4
    assert similarity.min() > 0.8


@settings(max_examples=40)
@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 5))
def test_there_are_never_more_groups_than_vectors_and_the_seed_decides(count, rows, seed):
    vectors = around(np.ones(5), rows, np.random.default_rng(3), spread=0.5)
    middles = learn_middles(vectors, count, seed=seed)
    assert 1 <= len(middles) <= min(count, rows)
    assert np.isfinite(middles).all()
    assert np.array_equal(middles, learn_middles(vectors, count, seed=seed))


def test_equal_vectors_are_one_group():
    assert len(learn_middles(np.tile(np.float32([1, 0, 0]), (9, 1)), 4, seed=0)) == 1


@given(st.lists(st.text(max_size=5)), st.randoms())
def test_only_the_texts_decide_their_order(texts, random):
    shuffled = list(texts)
    random.shuffle(shuffled)
    assert [texts[at] for at in text_order(texts)] == [shuffled[at] for at in text_order(shuffled)]
    assert sorted({*texts}) == sorted(texts[at] for at in text_order(texts))


def test_words_that_stand_in_every_group_name_none():
    texts = ["bake bread today", "bake cake today", "prune trees today", "prune roses today"]
    words = telling_words(count_words(texts, [0, 0, 1, 1], 2))
    assert (words[0][0], words[1][0]) == ("bake", "prune")
    assert name_of(words[0], 1).startswith("bake")


@pytest.mark.parametrize("text", ["", "1234", "!!", "\u202e\x00"])
def test_a_group_without_words_still_has_a_name(text):
    assert name_of(telling_words(count_words([text], [0], 1))[0], 7) == "category 7"
