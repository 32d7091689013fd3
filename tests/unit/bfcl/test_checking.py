"""Calls held against allowed ones: every error type, and what the official tool lets pass."""

import pytest

from tests.unit.bfcl.asked import function, question
from xlam_backend.bfcl.categories import CATEGORIES
from xlam_backend.bfcl.nearest_answer import argument_diff
from xlam_backend.bfcl.reading import NATIVE, Reading
from xlam_backend.bfcl.scoring import score_calls
from xlam_backend.errors import InputError

V1 = Reading(edition="v1")


def error_of(kind, value, allowed, *, category="simple_python", reading=None):
    """The error type of a value of a declared type; "" where it is right."""
    asked = question(category, function("f", a=kind), [{"f": {"a": allowed}}])
    return score_calls(asked, [{"f": {"a": value}}], reading or Reading()).error_type


@pytest.mark.parametrize(
    ("kind", "value", "allowed", "error"),
    [
        ("integer", 1, [1], ""),
        ("integer", True, [1], "type_error:simple"),
        ("integer", 1.0, [1], "type_error:simple"),
        ("integer", 2, [1], "value_error:others"),
        ("float", 1, [1.0], ""),
        ("float", "1", [1.0], "type_error:simple"),
        ("float", 10**400, [1.0], "type_error:simple"),
        ("string", "New York, N.Y.", ["new york ny"], ""),
        ("string", "it's", ['it"s'], ""),
        ("string", "Oslo", ["Bergen"], "value_error:string"),
        ("boolean", 1, [True], "type_error:simple"),
        ("any", "x", ["x"], ""),
        (("array", "string"), ["A b"], [["ab"]], ""),
        (("array", "string"), ["b"], [["a"]], "value_error:list/tuple"),
        (("array", "integer"), ["1"], [[1]], "type_error:nested"),
        (("array", "float"), [1, 3], [[1.0, 3.0]], "type_error:nested"),
        (("array", "float"), [1, 3], [[1, 3]], ""),
        (("array", "integer"), ["x"], [[1], ""], "value_error:list/tuple"),
        (("array", "integer"), [], ["", [1]], ""),
        (("tuple", "integer"), (1, 2), [[1, 2]], ""),
        (("array", "integer"), (1, 2), [[1, 2]], "type_error:simple"),
        ("dict", {"k": "A"}, [{"k": ["a"]}], ""),
        ("dict", {"k": "b"}, [{"k": ["a"]}], "value_error:dict_value"),
        ("dict", {"k": "b"}, [{"k": ["a"], "l": [1]}], "value_error:dict_key"),
        ("dict", {"x": "b"}, [{"k": ["a", ""]}], "value_error:dict_key"),
        ("dict", {"k": "a"}, [{"k": ["a"], "l": [1, ""]}], ""),
        ("dict", {"k": "a"}, [""], "dict_checker:unclear"),
        (("array", "dict"), [{"k": 1}], [[{"k": [1]}]], ""),
        (("array", "dict"), [{"k": 2}], [[{"k": [1]}]], "value_error:dict_value"),
        (("array", "dict"), [{"k": 1}, {}], [[{"k": [1]}]], "value_error:list_dict_count"),
        (("array", "dict"), [], ["", [{"k": [1]}]], ""),
        # A variable: the allowed answer has another type than the declared one.
        ("integer", "n", ["n"], ""),
        ("integer", "N", ["n"], "value_error:others"),
        ("dict", "settings", ["settings"], ""),
        # Types that only question sets of one's own have.
        ("number", 1, [1.0], ""),
        ("object", {"k": 1}, [{"k": 1}], ""),
        ("unheard-of", 1, [1], ""),
    ],
)
def test_a_python_value(kind, value, allowed, error):
    assert error_of(kind, value, allowed) == error


@pytest.mark.parametrize(
    ("kind", "value", "allowed", "error"),
    [
        ("long", "10L", [10], ""),
        ("long", "10", [10], "type_error:simple"),
        ("float", "1.5f", [1.5], ""),
        ("float", "1.5", [1.5], "type_error:simple"),
        ("double", "1e2", [100.0], ""),
        ("integer", 5, [5], "type_error:java"),
        ("boolean", "true", [True], ""),
        ("char", "'c'", ["'c'"], ""),
        ("String", "a b", ["ab"], ""),
        (("ArrayList", "String"), 'new ArrayList<>(Arrays.asList("a", "b"))', [["a", "b"]], ""),
        (("ArrayList", "integer"), "new ArrayList<Integer>() {{ add(1); add(2); }}", [[1, 2]], ""),
        (("ArrayList", "integer"), "new ArrayList<Integer>()", [[]], ""),
        (("Array", "long"), "new long[]{1L, 2L}", [[1, 2]], ""),
        (("Array", "long"), "new long[]{1L, 2}", [[1, 2]], "type_error:nested"),
        ("HashMap", 'new HashMap<>() {{ put("k", 1); put("l", true); }}', [{"k": [1], "l": [True]}], ""),
        ("HashMap", "new HashMap<>()", [{}], ""),
        ("HashMap", "settings", ["settings"], ""),
        ("Queue", "q", ["q"], "type_error:java"),
        ("integer", "9" * 5000, [5], "type_error:java"),
    ],
)
def test_a_java_value(kind, value, allowed, error):
    assert error_of(kind, value, allowed, category="simple_java") == error


@pytest.mark.parametrize(
    ("kind", "value", "allowed", "error"),
    [
        ("integer", "10", [10], ""),
        ("integer", 10, [10], "type_error:js"),
        ("Bigint", "10n", [10], ""),
        ("float", "1.5", [1.5], ""),
        ("Boolean", "false", [False], ""),
        ("String", '"a"', ["a"], ""),
        (("array", "integer"), "[1, 2]", [[1, 2]], ""),
        (("array", "array"), "[ [1, 2], ['a'] ]", [[[1, 2], ["a"]]], ""),
        (("array", "String"), "new Array('a', 'b')", [["a", "b"]], ""),
        ("dict", "{'k': 1, l: [true, 'x']}", [{"k": [1], "l": [[True, "x"]]}], ""),
        ("dict", "{}", [{}], ""),
        ("dict", "{no pairs}", [{}], ""),
    ],
)
def test_a_javascript_value(kind, value, allowed, error):
    assert error_of(kind, value, allowed, category="simple_javascript") == error


@pytest.mark.parametrize(
    ("category", "kind", "text"),
    [
        ("simple_javascript", ("array", "integer"), "[[1]" + ",[1]" * 3000),
        ("simple_javascript", "dict", "{" + "a" * 20_000 + "}"),
        ("simple_java", "HashMap", "new HashMap<>() {" + " " * 20_000),
        ("simple_java", "HashMap", "new HashMap<>() {{" + 'put("a",' * 3000 + "}}"),
        ("simple_java", ("ArrayList", "integer"), "new ArrayList<Integer>() {{" + " " * 20_000),
    ],
)
def test_hostile_texts_take_no_ages(category, kind, text):
    assert error_of(kind, text, [[7]], category=category)


AREA = function("shape.area", required=["base"], base="integer", height="integer")
ALLOWED = {"shape.area": {"base": [10], "height": [5, ""]}}


@pytest.mark.parametrize(
    ("calls", "error"),
    [
        ([{"shape.area": {"base": 10}}], ""),
        ([{"shape.area": {"base": 10, "height": 5}}], ""),
        ([{"shape_area": {"base": 10}}], "simple_function_checker:wrong_func_name"),
        ([{"shape.area": {"height": 5}}], "simple_function_checker:missing_required"),
        ([{"shape.area": {"base": 10, "width": 5}}], "simple_function_checker:unexpected_param"),
        ([{"shape.area": {"base": 10, None: 5}}], "simple_function_checker:unexpected_param"),
        ([], "simple_function_checker:wrong_count"),
        ([{"shape.area": {"base": 10}}] * 2, "simple_function_checker:wrong_count"),
        ("text", "ast_decoder:decoder_wrong_output_format"),
        ([{"shape.area": 1}], "ast_decoder:decoder_wrong_output_format"),
        ([{}], "ast_decoder:decoder_wrong_output_format"),
    ],
)
def test_one_call(calls, error):
    assert score_calls(question("simple_python", AREA, [ALLOWED]), calls).error_type == error


def test_an_argument_that_no_allowed_answer_leaves_out_is_missed():
    asked = question("simple_python", AREA, [{"shape.area": {"base": [10], "height": [5]}}])
    found = score_calls(asked, [{"shape.area": {"base": 10}}])
    assert found.error_type == "simple_function_checker:missing_optional"


def test_underscores_stand_for_dots_only_where_they_are_meant():
    asked = question("simple_python", AREA, [ALLOWED])
    assert score_calls(asked, [{"shape_area": {"base": 10}}], NATIVE).is_valid
    assert not score_calls(asked, [{"shape.area": {"base": 10}}], NATIVE).is_valid


F, G = function("f", a="integer"), function("g", a="integer")


@pytest.mark.parametrize("category", ["parallel", "parallel_multiple", "live_parallel"])
def test_parallel_calls_may_come_in_any_order(category):
    asked = question(category, [F, G], [{"f": {"a": [1]}}, {"g": {"a": [2]}}])
    assert score_calls(asked, [{"g": {"a": 2}}, {"f": {"a": 1}}]).is_valid
    wrong = score_calls(asked, [{"g": {"a": 2}}, {"f": {"a": 3}}])
    assert wrong.error_type == "parallel_function_checker_no_order:cannot_find_match"
    assert "value_error:others" in wrong.errors[2]
    assert score_calls(asked, []).error_type == "parallel_function_checker_no_order:wrong_count"


def test_a_call_answers_one_allowed_call_only():
    asked = question("parallel", F, [{"f": {"a": [1, 2]}}, {"f": {"a": [1]}}])
    assert score_calls(asked, [{"f": {"a": 2}}, {"f": {"a": 1}}]).is_valid
    # So it is officially: the first allowed call takes the first call that fits, and none is left.
    assert not score_calls(asked, [{"f": {"a": 1}}, {"f": {"a": 2}}]).is_valid


def test_among_several_functions_the_right_one_is_to_be_called():
    asked = question("multiple", [F, G], [{"g": {"a": [2]}}])
    assert score_calls(asked, [{"g": {"a": 2}}]).is_valid
    assert score_calls(asked, [{"f": {"a": 2}}]).error_type == "simple_function_checker:wrong_func_name"
    assert score_calls(asked, []).error_type == "multiple_function_checker:wrong_count"


def test_an_answer_that_calls_what_is_not_offered_is_no_crash():
    asked = question("multiple", [F], [{"h": {"a": [2]}}])
    assert score_calls(asked, [{"f": {"a": 2}}]).error_type == "simple_function_checker:wrong_func_name"


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "f"},
        {"name": "f", "parameters": None},
        {"name": "f", "parameters": {"properties": [], "required": "a"}},
        {"name": "f", "parameters": {"properties": {"a": None}}},
        {"name": "f", "parameters": {"properties": {"a": {"type": ["integer"]}}}},
        {"name": "f", "parameters": {"properties": {"a": {"type": "array", "items": "integer"}}}},
    ],
)
@pytest.mark.parametrize("allowed", [{"a": [1]}, {"a": 1}, {"a": None}, {}])
def test_an_odd_description_is_no_crash(odd, allowed):
    asked = question("parallel", odd, [{"f": allowed}])
    calls = [{"f": {"a": 1}}]
    verdict = score_calls(asked, calls)
    assert verdict.is_valid or verdict.error_type
    assert bool(argument_diff(asked, calls)) == (not verdict.is_valid)


@pytest.mark.parametrize("answer", [[], ["f(a=1)"], [{}], [[]]])
def test_an_odd_answer_is_an_error_with_a_way_out(answer):
    with pytest.raises(InputError, match="no allowed answer that can be read"):
        score_calls(question("simple_python", F, answer), [{"f": {"a": 1}}])


def test_a_question_without_functions_can_be_scored():
    asked = question("simple_python", [], [{"f": {}}])
    assert score_calls(asked, [{"f": {}}]).is_valid


def test_the_first_edition_judged_otherwise():
    counted = error_of("dict", {"k": "a"}, [{"k": ["a"], "l": [1, ""]}], reading=V1)
    assert counted == "value_error:dict_items"
    asked = question("multiple", [F, G], [{"g": {"a": [2]}}])
    assert score_calls(asked, [], V1).error_type == "parallel_function_checker_no_order:wrong_count"
    numbered = question("parallel", [F], [{"f_1": {"a": [1]}}])
    assert score_calls(numbered, [{"f": {"a": 1}}], V1).is_valid


def test_every_category_has_as_many_questions_as_its_version_says():
    totals = {version: sum(one.count(version) for one in CATEGORIES) for version in ("v1", "v2", "v3", "v4")}
    assert totals == {"v1": 1700, "v2": 1700 + 2251, "v3": 1390 + 2251 + 800, "v4": 5106}
