"""Calls that are written differently and mean the same, and calls that only look alike."""

from __future__ import annotations

import pytest

from tests.builders import a_call, a_tool
from xlam_backend.domain.same_meaning import is_same_meaning, mean_the_same
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.domain.trajectory import ToolCall

SCHEMAS = schemas_by_name([a_tool()])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5", 5),
        (5, 5.0),
        ("1,250.5", 1250.5),
        ("Oslo", " oslo "),
        ("San-Francisco", "san francisco"),
        ("2024-03-05", "5 March 2024"),
        ([1, "2"], ["1", 2.0]),
        ({"a": {"b": "X"}}, {"a": {"b": "x"}}),
        (10**400, 10**400),
    ],
)
def test_the_same_meaning(one, other):
    assert is_same_meaning(one, other)
    assert is_same_meaning(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (5, -5),
        ("007", "7"),  # an identifier
        ("C", "C++"),
        (True, 1),
        (True, "true"),
        (None, "null"),
        ("12345678901234567890", "12345678901234567891"),
        ("2024-03-05", "2024-03-06"),
        ("2024-03-05", "March 2024"),
        ([1], [1, 1]),
        ({"a": 1}, {"b": 1}),
        (10**400, 1.5),
        ("New York", "New York City"),
        ("1e5", "1e6"),
    ],
)
def test_another_meaning(one, other):
    assert not is_same_meaning(one, other)
    assert not is_same_meaning(other, one)


def test_values_nested_beyond_all_bounds_are_compared():
    def nested(value):
        for _ in range(50_000):
            value = [value]
        return value

    assert is_same_meaning(nested("5"), nested(5))
    assert not is_same_meaning(nested("5"), nested(6))


def test_order_of_calls_and_arguments_and_written_out_defaults_say_nothing():
    own = [a_call(city="Oslo", days=3), a_call(city="Rome")]
    assert mean_the_same(own, [a_call(city="Rome", days=1), a_call(days="3", city="Oslo")], SCHEMAS)
    assert not mean_the_same(own, [a_call(city="Rome", days=2), a_call(days="3", city="Oslo")], SCHEMAS)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [a_call(city="Oslo"), a_call(city="Oslo")],
        [a_call("get_climate", city="Oslo")],
        [ToolCall("get_weather", {}, unreadable='{"city": "Oslo"')],
        [a_call(city="Oslo", town="Oslo")],
    ],
)
def test_what_is_called_and_which_arguments_are_given_always_counts(other):
    assert not mean_the_same([a_call(city="Oslo")], other, SCHEMAS)
