"""An answer beside the nearest allowed calls: every difference, by call and argument."""

from tests.unit.bfcl.asked import function, question
from xlam_backend.bfcl.nearest_answer import MOST_COMPARISONS, ArgumentDifference, argument_diff
from xlam_backend.bfcl.reading import NATIVE

AREA = function("shape.area", required=["base"], base="integer", height="integer", unit="string")
ALLOWED = {"shape.area": {"base": [10], "height": [5, 6, ""], "unit": ["cm"]}}
ASKED = question("simple_python", AREA, [ALLOWED])


def kinds(asked, calls, **reading):
    return [(one.call_no, one.kind, one.argument) for one in argument_diff(asked, calls, **reading)]


def test_nothing_differs_from_an_allowed_call():
    assert argument_diff(ASKED, [{"shape.area": {"base": 10, "unit": "cm"}}]) == ()
    assert argument_diff(ASKED, [{"shape_area": {"base": 10, "unit": "cm"}}], NATIVE) == ()


def test_every_difference_is_listed_not_only_the_first():
    given = {"shape.area": {"base": "10", "height": 7, "colour": "red"}}
    assert kinds(ASKED, [given]) == [
        (0, "wrong type", "base"),
        (0, "wrong value", "height"),
        (0, "unexpected argument", "colour"),
        (0, "missing argument", "unit"),
    ]
    by_argument = {one.argument: one for one in argument_diff(ASKED, [given])}
    height = by_argument["height"]
    assert (height.got, height.allowed, height.may_be_left_out) == (7, (5, 6), True)
    assert "Expected one of" in height.words
    assert not by_argument["unit"].may_be_left_out


def test_a_required_argument_is_missing_though_an_answer_leaves_it_out():
    asked = question("simple_python", AREA, [{"shape.area": {"base": [10, ""]}}])
    [found] = argument_diff(asked, [{"shape.area": {}}])
    assert (found.kind, found.argument, found.allowed) == ("missing argument", "base", (10,))


def test_calls_find_the_allowed_call_they_are_nearest_to():
    f = function("f", a="integer", b="integer")
    asked = question("parallel", f, [{"f": {"a": [1], "b": [1]}}, {"f": {"a": [2], "b": [2]}}])
    assert kinds(asked, [{"f": {"a": 2, "b": 3}}, {"f": {"a": 1, "b": 1}}]) == [(0, "wrong value", "b")]


def test_calls_too_many_and_too_few_and_of_another_function():
    f, g = function("f", a="integer"), function("g", a="integer")
    asked = question("parallel_multiple", [f, g], [{"f": {"a": [1]}}, {"g": {"a": [2]}}])
    assert kinds(asked, [{"f": {"a": 1}}]) == [(None, "missing call", "")]
    three = [{"g": {"a": 2}}, {"f": {"a": 1}}, {"f": {"a": 1}}]
    assert kinds(asked, three) == [(2, "extra call", "")]
    [other] = argument_diff(asked, [{"f": {"a": 1}}, {"h": {"a": 2}}])
    assert other == ArgumentDifference(1, "g", "other function", got="h")


def test_where_no_function_helps_every_call_is_extra_and_where_any_helps_none_is():
    asked = question("irrelevance", AREA)
    assert kinds(asked, [{"f": {}}]) == [(0, "extra call", "")]
    assert kinds(question("live_relevance", AREA), [{"f": {}}]) == []


def test_what_could_not_be_read_has_no_differences():
    assert argument_diff(ASKED, None) == ()
    assert argument_diff(ASKED, "text") == ()


def test_executable_questions_are_compared_with_their_right_calls():
    gcd = function("math_gcd", a="integer", b="integer")
    asked = question("exec_simple", gcd, ["math_gcd(a=12, b=18)"])
    [found] = argument_diff(asked, [{"math_gcd": {"a": 12, "b": 17}}])
    assert (found.argument, found.got, found.allowed) == ("b", 17, (18,))


def test_very_many_calls_are_compared_in_their_order():
    f = function("f", a="integer")
    count = MOST_COMPARISONS // 100 + 1
    asked = question("parallel", f, [{"f": {"a": [number]}} for number in range(100)])
    calls = [{"f": {"a": number}} for number in range(count)]
    assert kinds(asked, calls) == [(100, "extra call", "")]
