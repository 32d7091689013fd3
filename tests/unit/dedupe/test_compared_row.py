"""What makes two samples the same: their words without dress, their calls by meaning."""

import pytest

from tests.builders import a_call
from xlam_backend.dedupe.compared_row import join_turns, meaning_of_calls, normalise_text
from xlam_backend.domain.trajectory import ToolCall


def same_calls(left, right):
    return meaning_of_calls(left, [], "").calls == meaning_of_calls(right, [], "").calls


def same_tools(left, right):
    return meaning_of_calls(left, [], "").tools == meaning_of_calls(right, [], "").tools


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([a_call("f", a=1, b=2)], [a_call("f", b=2, a=1)]),
        ([a_call("f", a=1)], [a_call("f", a=1.0)]),
        ([a_call("f", city="New York")], [a_call("f", city=" new  york")]),
        ([a_call("f", a=1), a_call("g")], [a_call("g"), a_call("f", a=1)]),
        ([a_call("f", a={"x": [1, {"y": "Ä"}]})], [a_call("f", a={"x": [1.0, {"y": "ä"}]})]),
    ],
)
def test_calls_that_run_the_same_are_the_same(left, right):
    assert same_calls(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([a_call("f", a=1)], [a_call("f", a="1")]),
        ([a_call("f", a=1)], [a_call("f", a=True)]),
        ([a_call("f", a=1)], [a_call("f", a=1, b=2)]),
        ([a_call("f", a=[1, 2])], [a_call("f", a=[2, 1])]),
        ([a_call("f"), a_call("f")], [a_call("f")]),
        ([ToolCall("f", unreadable="{a")], [ToolCall("f", unreadable="{b")]),
        ([a_call("f", a="\U0010ffff")], [a_call("f", a="\U0010fffe")]),
    ],
)
def test_other_values_are_other_calls_of_the_same_tools(left, right):
    assert not same_calls(left, right)
    assert same_tools(left, right)


def test_the_order_counts_where_one_call_uses_anothers_output():
    first, second = a_call("f", a=1), a_call("g", a="API_call_0")
    assert same_calls([first, a_call("g", a=2)], [a_call("g", a=2), first])
    assert not same_calls([first, second], [second, first])


def test_where_nothing_is_called_the_tools_on_offer_and_the_numbers_decide():
    def meaning(text, *offered):
        return meaning_of_calls([], offered, text)

    assert meaning("Add 2 and 3", "a", "b") == meaning("add 3 and 2", "b", "a")
    assert meaning("Add 2 and 3").calls != meaning("Add 2 and 4").calls
    assert meaning("Add 2 and 3").tools == meaning("Add 2 and 4").tools
    assert meaning("Hello", "a").tools != meaning("Hello", "b").tools


def test_every_turn_of_the_user_is_compared():
    assert join_turns("a", ["", "b"]) == "a\nb"


@pytest.mark.parametrize("text", ["", " \n\t ", "\u00a0"])
def test_a_text_without_anything_in_it_has_no_words(text):
    assert normalise_text(text) == ""


@pytest.mark.parametrize("text", ["???", "!", "\U0001f600", "\U000e0041", "\x00"])
def test_a_text_of_marks_alone_keeps_them(text):
    assert normalise_text(text)
