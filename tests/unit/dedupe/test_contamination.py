"""Training texts held against evaluation texts: what counts as a match, whatever the text and the order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile import CORPUS
from xlam_backend.dedupe.contamination import (
    MOST_SHARING,
    EvaluationIndex,
    words_of,
    words_of_turns,
)

LONG = "book a table for two at the harbour inn on friday evening near the window"
words = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
texts = st.lists(words, max_size=30).map(" ".join)
conversations = st.lists(texts, min_size=1, max_size=3)


def find(items, rows, *, n=4, share=0.5):
    index = EvaluationIndex(items, gram_words=n)
    return index.find([words_of_turns(turns) for turns in rows], least_share=share)


def matched(items, rows, **how):
    return [(each.row, each.item, round(each.score, 2)) for each in find(items, rows, **how)]


def test_case_punctuation_and_compatibility_forms_do_not_count():
    assert matched([[LONG]], [[LONG.upper().replace(" ", " ,\n")], ["ｂｏｏｋ" + LONG[4:]]]) == [
        (0, 0, 1.0),
        (1, 0, 1.0),
    ]


def test_the_share_is_of_the_words_of_the_evaluation_text():
    part = " ".join(LONG.split()[:9])  # 9 of 15 words
    assert matched([[LONG]], [[f"please {part} tomorrow"]], share=0.6) == [(0, 0, 0.6)]
    assert matched([[LONG]], [[f"please {part} tomorrow"]], share=0.61) == []


def test_the_longest_stretch_in_common_is_told():
    [found] = find([[LONG]], [["so: book a table for two. then on friday evening near the window!"]])
    assert found.shared == "on friday evening near the window"


def test_a_short_text_matches_only_word_for_word():
    assert matched([["Add 2 and 3"]], [["add 2 and 3!"], ["add 2 and 3 and 4"]], n=8) == [(0, 0, 1.0)]


def test_no_stretch_reaches_from_one_turn_into_the_next():
    assert matched([["a b c d e f g h"]], [["a b c d", "e f g h"]], n=8) == [(0, 0, 1.0)]  # as a whole
    assert matched([["x a b c d e f g h"]], [["a b c d", "e f g h"]], n=8) == []


def test_the_best_item_is_told_and_of_equals_the_first():
    near = LONG.replace("friday", "monday")
    assert matched([[near], [LONG], [LONG]], [[LONG]]) == [(0, 1, 1.0)]


def test_a_template_of_the_evaluation_set_is_no_evidence():
    items = [[f"what is the capital city of the country number {at}"] for at in range(MOST_SHARING + 1)]
    assert matched(items, [["what is the capital city of the country"]]) == []
    assert matched(items[:3], [["what is the capital city of the country"]]) == [(0, 0, 0.8)]
    assert matched(items, [items[7]]) == [(0, 7, 1.0)]


@pytest.mark.parametrize("nothing", ["", " \n", "!!!", "\u200b", "…—"])
def test_what_says_nothing_matches_nothing(nothing):
    index = EvaluationIndex([[nothing], [LONG]], gram_words=4)
    assert index.empty_count == 1
    assert index.find([words_of_turns([nothing]), []], least_share=0.01) == []


def test_every_sign_of_chinese_is_a_word():
    assert matched([["請幫我預訂今晚兩人的餐廳座位"]], [["請幫我預訂今晚兩人的餐廳座位吧"]], n=8) == [
        (0, 0, 1.0)
    ]


@pytest.mark.parametrize("text", CORPUS.values(), ids=list(CORPUS))
def test_hostile_texts_match_themselves_or_say_nothing(text):
    assert len(find([[text]], [[text]])) == bool(words_of(text))


def test_every_plane_of_unicode_can_be_read():
    text = "".join(map(chr, range(0x20, 0x110000, 97)))
    assert len(find([[text]], [[text], [text[::-1]]])) >= 1


def test_a_text_of_a_megabyte_is_searched_whole():
    noise = "word " * 200_000
    assert matched([[LONG]], [[noise + LONG + " " + noise]]) == [(0, 0, 1.0)]


@settings(max_examples=80)
@given(st.lists(conversations, max_size=6), st.lists(conversations, max_size=6), st.integers(2, 6))
def test_it_finds_what_comparing_word_by_word_finds(items, rows, n):
    found = {(each.row): each.score for each in find(items, rows, n=n, share=0.01)}
    for row, turns in enumerate(rows):
        best = max((slow_share(item, turns, n) for item in items), default=0.0)
        assert found.get(row, 0.0) == pytest.approx(best)


def slow_share(item, turns, n):
    own, other = words_of_turns(item), words_of_turns(turns)
    if (whole := sum(own, ())) and whole == sum(other, ()):
        return 1.0
    grams = {turn[at : at + n] for turn in other for at in range(len(turn) - n + 1)}
    long_turns = [turn for turn in own if len(turn) >= n]
    covered = {
        (number, at + offset)
        for number, turn in enumerate(long_turns)
        for at in range(len(turn) - n + 1)
        if turn[at : at + n] in grams
        for offset in range(n)
    }
    return len(covered) / sum(map(len, long_turns)) if long_turns else 0.0
