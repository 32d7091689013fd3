"""The whole search over made-up rows: classes, clusters, keepers; the same in whatever order rows come."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from tests.builders import a_call
from tests.near_duplicates import word_vectors
from xlam_backend.dedupe.compared_row import meaning_of_calls
from xlam_backend.dedupe.search import TextVectors, search_units
from xlam_backend.dedupe.units import ComparedRow, make_units
from xlam_backend.domain.near_duplicate import KeeperFacts, SearchSettings


def a_row(number, text, *calls, findings=0, protected=False):
    meaning = meaning_of_calls(calls, [], text)
    facts = KeeperFacts(protected, findings, None, 1, number * 7919 % 101)
    return ComparedRow(
        number, number, f"{number:032x}", 1, text, meaning.calls, meaning.tools, bool(calls), facts
    )


def search(rows, *, was_cut=()):
    units = make_units(rows)
    cut = np.array([text in was_cut for text in units.texts], bool)
    return search_units(units, TextVectors(word_vectors(units.texts), cut), SearchSettings())


def pairs(found):
    return {
        (frozenset((row["left_no"], row["right_no"])), row["agreement"]) for row in found.pairs.to_pylist()
    }


def units(found):
    return dict(zip(found.rows["trajectory_no"].to_pylist(), found.rows["unit_no"].to_pylist(), strict=True))


OSLO, BERGEN = a_call("weather", city="Oslo"), a_call("weather", city="Bergen")


def test_words_alone_never_make_a_duplicate():
    found = search(
        [
            a_row(1, "What is the weather like in the city today", OSLO),
            a_row(2, "What is the weather like in the city today", BERGEN),
            a_row(3, "What is the weather like in the city today", a_call("forecast", city="Oslo")),
        ]
    )
    assert len(found.links) == 0
    assert pairs(found) == {
        (frozenset((1, 2)), "same tools"),
        (frozenset((1, 3)), "other tools"),
        (frozenset((2, 3)), "other tools"),
    }


def test_alike_words_with_the_same_calls_are_linked_and_further_words_too_but_lower():
    found = search(
        [
            a_row(1, "please tell me what the weather in Oslo is", OSLO),
            a_row(2, "tell me what the weather in Oslo is", OSLO),
            a_row(3, "the weather in Oslo is what interests me most of all today", OSLO),
        ]
    )
    similarities = sorted(found.links["similarity"].to_pylist())
    assert len(similarities) == 2
    assert similarities[0] < 0.8 < similarities[1]


def test_the_same_words_in_another_dress_are_one_unit():
    found = search([a_row(1, "Weather  in OSLO?", OSLO), a_row(2, "weather in Oslo", OSLO)])
    assert len(set(units(found).values())) == 1
    assert sorted(found.rows["is_same_text"].to_pylist()) == [False, True]


def test_rows_that_ask_nothing_are_left_out_and_counted():
    made = make_units([a_row(1, "", OSLO), a_row(2, " \n", OSLO), a_row(3, "x", OSLO)])
    assert (len(made.rows), made.no_text_count) == (1, 2)


def test_a_text_that_was_read_in_part_is_no_duplicate_of_another():
    texts = ["word " * 300 + "one", "word " * 300 + "two"]
    found = search(
        [a_row(1, texts[0], OSLO), a_row(2, texts[1], OSLO), a_row(3, texts[0], OSLO)], was_cut=texts
    )
    assert len(found.links) == 0
    assert found.pairs["is_cut"].to_pylist() == [True]
    assert units(found)[1] == units(found)[3]  # letter by letter the same: no model is needed


def test_many_lists_of_calls_for_one_text_do_not_multiply_without_end():
    rows = [a_row(number, "the very same words", a_call("f", a=number)) for number in range(1, 200)]
    found = search(rows)
    assert len(found.links) == 0
    assert sum(found.bands["pair_count"].to_pylist()) == 20 * 19 // 2


def test_hostile_and_huge_texts_are_compared_like_any_other():
    texts = ["\U0010ffff\U000e0001", "\x00\x1b[31m", "\u202edrow", "x" * 1_000_000, "<script>"]
    found = search([a_row(number, text, OSLO) for number, text in enumerate(texts, 1)])
    assert len(found.rows) == len(texts)


WORDS = st.lists(
    st.sampled_from(["weather", "oslo", "please", "now", "rain", "tomorrow"]), min_size=1, max_size=5
)
ROWS = st.lists(
    st.tuples(
        WORDS.map(" ".join), st.sampled_from([(), (OSLO,), (BERGEN,), (OSLO, BERGEN)]), st.integers(0, 2)
    ),
    min_size=1,
    max_size=25,
)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_rows_changes_nothing(drawn, chance):
    rows = [
        a_row(number, text, *calls, findings=findings)
        for number, (text, calls, findings) in enumerate(drawn, 1)
    ]
    shuffled = rows.copy()
    chance.shuffle(shuffled)
    for left, right in zip(search(rows), search(shuffled), strict=True):
        assert left.equals(right)


@given(ROWS)
@settings(max_examples=20, deadline=None)
def test_clusters_hold_rows_of_the_same_calls_alone_and_every_such_alike_pair(drawn):
    rows = [a_row(number, text, *calls) for number, (text, calls, _) in enumerate(drawn, 1)]
    made = make_units(rows)
    vectors = word_vectors(made.texts)
    found = search_units(made, TextVectors(vectors, np.zeros(len(vectors), bool)), SearchSettings())
    links = set(zip(found.links["left_unit"].to_pylist(), found.links["right_unit"].to_pylist(), strict=True))
    for left, right in links:
        assert made.calls_of[left - 1] == made.calls_of[right - 1]
    joined = {frozenset(pair) for pair, agreement in pairs(found) if agreement == "same calls"}
    assert len(links) <= len(joined)
