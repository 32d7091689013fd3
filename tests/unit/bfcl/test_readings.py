"""Stricter readings: calls that were credited because nobody could read them, and what constants score."""

import pytest

from tests.unit.bfcl.asked import function, question
from xlam_backend.bfcl.reading import NATIVE
from xlam_backend.bfcl.readings import constant_floor, is_malformed_credit, stricter_tallies
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.domain.evaluation import Tally

F = function("shop.find", a="integer")
IRRELEVANT = question("irrelevance", F)


def is_malformed(output, reading=None):
    verdict = score_item(IRRELEVANT, output, *([reading] if reading else []))
    return is_malformed_credit(IRRELEVANT, output, verdict)


@pytest.mark.parametrize(
    "output",
    [
        "[shop.find(a=1",
        "\n\n[shop.find(a=)]",
        "```python\n[shop.find(a=1)]\n```",
        "shop_find(1 2)",
        "I could look:\nshop.find(a=1) for you",
        "[shop\\_find(a=\\_x)] would do.",
        '[{"name": "shop.find", "arguments": {',
        "<tool_call>\n{oops\n</tool_call>",
        "<|im_start|>assistant\nshop.find(a=1)) and more",
    ],
)
def test_a_call_that_cannot_be_read_is_credited(output):
    assert score_item(IRRELEVANT, output).is_valid
    assert is_malformed(output)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "[]",
        "None of these can help.",
        "The function shop.find (for shops) cannot.",
        "f(x) = 3 is the answer"[7:],
    ],
)
def test_words_are_credited_rightly(output):
    assert score_item(IRRELEVANT, output).is_valid
    assert not is_malformed(output)


def test_a_readable_call_is_no_credit():
    assert not is_malformed("[shop.find(a=1)]")


def test_calls_of_an_api():
    assert is_malformed([{"shop_find": "{oops"}], NATIVE)
    assert not is_malformed(["Sorry, no."], NATIVE)
    assert not is_malformed([], NATIVE)


def test_counts_by_category():
    outputs = ["[shop.find(a=1)]", "No.", "[shop.find(a=1"]
    judged = [(IRRELEVANT, output, score_item(IRRELEVANT, output)) for output in outputs]
    found = stricter_tallies(judged)["irrelevance"]
    assert (found.correct, found.total, found.malformed, found.strictly_correct) == (2, 3, 1, 1)


def test_who_always_answers_in_words_is_right_where_nothing_helps():
    asked = [
        IRRELEVANT,
        question("live_relevance", F),
        question("simple_python", F, [{"shop.find": {"a": [1]}}]),
    ]
    floor = constant_floor([*asked, question("multi_turn_base", F)])
    assert floor == {"irrelevance": Tally(1, 1), "live_relevance": Tally(0, 1), "simple_python": Tally(0, 1)}
