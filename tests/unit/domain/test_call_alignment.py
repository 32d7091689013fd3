"""Calls beside each other: which stands for which, what differs, and what it is called."""

from __future__ import annotations

import pytest

from tests.builders import WEATHER_PARAMETERS, a_call, a_tool
from xlam_backend.domain import call_alignment
from xlam_backend.domain.call_alignment import (
    GRAVEST_FIRST,
    align_calls,
    are_equal_calls,
    difference_reason,
    difference_reasons,
    without_defaults,
)
from xlam_backend.domain.parameter_type import MISSING
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.domain.tool_schema import read_schema
from xlam_backend.domain.trajectory import ToolCall


def laid_out(left, right):
    return [(pair.kind, pair.left, pair.right) for pair in align_calls(left, right).pairs]


def test_every_reason_has_its_place_in_the_order():
    assert sorted(GRAVEST_FIRST) == sorted(PAIR_REASONS)


def test_an_equal_call_is_found_wherever_it_stands():
    left = [a_call(city="A"), a_call(city="B")]
    assert laid_out(left, [a_call(city="B")]) == [("missing call", 0, None), ("same", 1, 0)]
    assert laid_out([a_call(city="B")], left) == [("same", 0, 1), ("extra call", None, 0)]


def test_a_call_stands_beside_the_least_different_of_its_tool():
    left = [a_call("f", a=1, b=1), a_call("f", a=2, b=2)]
    right = [a_call("f", a=2, b=9), a_call("f", a=1, b=8)]
    assert laid_out(left, right) == [("other arguments", 0, 1), ("other arguments", 1, 0)]


def test_another_tool_takes_the_place_that_is_left():
    left = [a_call("f", a=1), a_call("g", a=1)]
    right = [a_call("h", a=1), a_call("f", a=3)]
    assert laid_out(left, right) == [("other arguments", 0, 1), ("other tool", 1, 0)]


def test_differences_are_named_by_pointer_and_kind():
    [pair] = align_calls(
        [ToolCall("f", {"a": {"x": [1, 2]}, "b": 1, "c": "1", "gone": None})],
        [ToolCall("f", {"a": {"x": [1, 3]}, "b": 1.0, "c": 1, "new/one": True})],
    ).pairs
    assert [(one.pointer, one.kind, one.left, one.right) for one in pair.differences] == [
        ("/a/x/1", "other value", 2, 3),
        ("/c", "other type", "1", 1),
        ("/gone", "missing", None, MISSING),
        ("/new~1one", "extra", MISSING, True),
    ]


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [
        ([a_call(city="A")], [a_call(city="A")], ""),
        ([a_call(city="A")], [a_call("other", city="A")], "wrong tool"),
        ([a_call(city="A")], [ToolCall("get_weather", {})], "missing argument"),
        ([a_call(city="A")], [a_call(city="A", days=2)], "extra argument"),
        ([a_call(city="A")], [a_call(city="B")], "wrong value"),
        ([a_call(days=1)], [a_call(days="1")], "wrong value"),
        ([a_call(city="A")], [a_call(city="A"), a_call(city="A")], "extra call"),
        ([], [a_call(city="A")], "extra call"),
        ([a_call(city="A")], [], "missing call"),
        ([a_call(city="A")], [ToolCall("get_weather", unreadable="city=")], "format"),
        ([a_call(city="#E2"), a_call(city="B")], [a_call(city="B"), a_call(city="#E2")], "other"),
    ],
)
def test_the_reason_says_what_is_wrong_with_the_rejected_side(chosen, rejected, reason):
    assert difference_reason(chosen, rejected) == reason


def test_of_several_reasons_the_gravest_comes_first():
    chosen = [a_call("f", a=1, b=2), a_call("g", a=1)]
    rejected = [a_call("f", a=2, c=3), a_call("h", a=1), a_call("h", a=2)]
    assert difference_reasons(align_calls(chosen, rejected)) == (
        "wrong tool",
        "extra call",
        "missing argument",
        "extra argument",
        "wrong value",
    )


def test_equal_calls_more_often_are_not_equal():
    assert not are_equal_calls([a_call(), a_call()], [a_call()])


def test_many_calls_are_laid_out_in_their_order(monkeypatch):
    monkeypatch.setattr(call_alignment, "MOST_COMPARISONS", 3)
    left = [a_call("f", a=1), a_call("f", a=2), a_call("g", a=3)]
    right = [a_call("g", a=4), a_call("f", a=5), a_call("h", a=6)]
    assert laid_out(left, right) == [
        ("other arguments", 0, 1),
        ("other tool", 1, 2),
        ("other arguments", 2, 0),
    ]


def test_defaults_that_are_written_out_say_nothing():
    schemas = {"get_weather": read_schema(a_tool(parameters={**WEATHER_PARAMETERS, "unit": {"default": 1}}))}
    calls = [a_call(city="Oslo", days=1.0, unit=True, other=1), a_call("f", days=1)]
    assert without_defaults(calls, schemas) == (a_call(city="Oslo", unit=True, other=1), a_call("f", days=1))


def test_a_required_argument_is_kept_even_when_it_equals_its_default():
    schema = read_schema(a_tool(parameters={"days": {"type": "integer", "required": True, "default": 1}}))
    assert without_defaults([a_call(days=1)], {"get_weather": schema}) == (a_call(days=1),)
