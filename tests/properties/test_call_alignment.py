"""Two lists of calls, laid beside each other: nothing is left out, and equal means no difference."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import json_values, tool_calls
from xlam_backend.domain import call_alignment
from xlam_backend.domain.call_alignment import (
    CallPair,
    align_calls,
    are_equal_calls,
    difference_reason,
    difference_reasons,
)
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.domain.type_values import is_same_value

# Few names and values, so that equal and nearly equal calls are common.
small_values = st.sampled_from([1, 1.0, True, "1", None, [1], [1.0, {"a": 2}], {"a": 1}, "#E1"])
small_calls = st.builds(
    ToolCall,
    name=st.sampled_from("fg"),
    arguments=st.dictionaries(st.sampled_from("ab"), small_values, max_size=2),
    unreadable=st.sampled_from(["", "", "", "f(", "g("]),
)
call_lists = st.lists(small_calls, max_size=5) | st.lists(tool_calls, max_size=3)
MIRRORED = {
    "missing call": "extra call",
    "extra call": "missing call",
    "missing": "extra",
    "extra": "missing",
}


def mirrored(pairs):
    """The same pairs, seen from the other side."""
    return {
        (
            MIRRORED.get(pair.kind, pair.kind),
            pair.right,
            pair.left,
            *((one.pointer, MIRRORED.get(one.kind, one.kind)) for one in _sorted(pair)),
        )
        for pair in pairs
    }


def seen(pairs):
    return {
        (pair.kind, pair.left, pair.right, *((one.pointer, one.kind) for one in _sorted(pair)))
        for pair in pairs
    }


def _sorted(pair: CallPair):
    return sorted(pair.differences, key=lambda one: one.pointer)


@given(call_lists, call_lists)
def test_every_call_is_in_exactly_one_pair(left, right):
    pairs = align_calls(left, right).pairs
    assert sorted(pair.left for pair in pairs if pair.left is not None) == list(range(len(left)))
    assert sorted(pair.right for pair in pairs if pair.right is not None) == list(range(len(right)))
    assert all((pair.kind == "missing call") == (pair.right is None) for pair in pairs)
    assert all((pair.kind == "extra call") == (pair.left is None) for pair in pairs)


@given(call_lists, call_lists)
def test_laid_out_the_other_way_round_the_pairs_are_the_same(left, right):
    assert mirrored(align_calls(left, right).pairs) == seen(align_calls(right, left).pairs)
    assert are_equal_calls(left, right) == are_equal_calls(right, left)


@given(call_lists, call_lists)
def test_above_the_limit_the_other_way_round_is_the_same_too(left, right):
    limit, call_alignment.MOST_COMPARISONS = call_alignment.MOST_COMPARISONS, 0
    try:
        assert mirrored(align_calls(left, right).pairs) == seen(align_calls(right, left).pairs)
        test_every_call_is_in_exactly_one_pair.hypothesis.inner_test(left, right)
    finally:
        call_alignment.MOST_COMPARISONS = limit


@given(call_lists, call_lists)
def test_equal_if_and_only_if_nothing_differs(left, right):
    alignment = align_calls(left, right)
    differs = any(pair.differences or pair.kind != "same" for pair in alignment.pairs)
    assert are_equal_calls(left, right) == (not differs and not alignment.other_order)
    assert are_equal_calls(left, right) == (difference_reasons(alignment) == ())
    assert are_equal_calls(left, right) == (difference_reason(left, right) == "")


@given(call_lists)
def test_the_same_calls_are_equal_whatever_their_ids_and_the_order_of_keys(calls):
    again = [
        ToolCall(call.name, dict(reversed(call.arguments.items())), "other id", call.unreadable)
        for call in calls
    ]
    assert are_equal_calls(calls, again)


@given(st.lists(small_calls, max_size=5), st.randoms(use_true_random=False))
def test_order_counts_only_where_calls_use_each_other(calls, random):
    moved = random.sample(calls, len(calls))
    has_reference = "#E1" in str([call.arguments for call in calls])
    assert are_equal_calls(calls, moved) or has_reference


@given(json_values, json_values)
def test_one_value_is_equal_exactly_as_json_says(one, other):
    calls = [[ToolCall("f", {"a": value})] for value in (one, other)]
    assert are_equal_calls(*calls) == is_same_value(one, other)


@given(tool_calls, json_values)
def test_a_changed_value_is_found_where_it_is(call, value):
    before = msgspec.structs.replace(call, unreadable="", arguments={"a": 0, "b": value})
    after = msgspec.structs.replace(before, arguments={"a": "0", "b": value})
    [pair] = align_calls([before], [after]).pairs
    assert [(one.pointer, one.kind) for one in pair.differences] == [("/a", "other type")]
