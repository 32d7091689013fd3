"""Properties of the scorer: right answers are right, shortcuts give what the official expressions give."""

import ast
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.bfcl.asked import function, question
from xlam_backend.bfcl.checking.java_values import convert_java, put_pairs
from xlam_backend.bfcl.checking.javascript_values import list_of_lists
from xlam_backend.bfcl.checking.values import loose
from xlam_backend.bfcl.decoding import DECODERS, decode
from xlam_backend.bfcl.decoding.arithmetic import calculate
from xlam_backend.bfcl.decoding.base import UndecodableError
from xlam_backend.bfcl.nearest_answer import argument_diff
from xlam_backend.bfcl.reading import NATIVE, Reading
from xlam_backend.bfcl.scoring import score_item

# What the official tool searches for; on short texts its cost does not matter.
LISTS = re.compile(r"\[\s*\[.*?\]\s*(,\s*\[.*?\]\s*)*\]|\bnew\s+Array\(\s*\[.*?\]\s*(,\s*\[.*?\]\s*)*\)")
MAP = re.compile(r"new\s+HashMap<.*?>\s*\(\)\s*\{\s*\{?\s*(.*?)\s*\}?\s*\}", re.DOTALL)
PUT = re.compile(r"put\(\"(.*?)\",\s*(.*?)\)")
ADDING = re.compile(r"new\s+ArrayList<\w*>\(\)\s*\{\{\s*(.+?)\s*\}\}", re.DOTALL)

ARGUMENTS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.one_of(st.integers(0, 9), st.text("xyZ ,.'é", max_size=4), st.booleans(), st.floats(0, 9)),
)
TYPES = {int: "integer", str: "string", bool: "boolean", float: "float"}
CALLS = st.lists(st.fixed_dictionaries({"f": ARGUMENTS}), min_size=1, max_size=4)


def pieces(*words, most=12):
    return st.lists(st.sampled_from(words), max_size=most).map("".join)


def asked_for(calls):
    """A question to which exactly these calls are the answer, with a function for each of them."""
    functions = [
        function(f"f.{place}", **{name: TYPES[type(value)] for name, value in call["f"].items()})
        for place, call in enumerate(calls)
    ]
    answer = [
        {f"f.{place}": {name: [value] for name, value in call["f"].items()}}
        for place, call in enumerate(calls)
    ]
    return question("parallel_multiple", functions, answer)


@given(CALLS, st.randoms())
def test_the_allowed_calls_are_right_in_any_order_and_nothing_differs(calls, chance):
    asked = asked_for(calls)
    output = [{f"f_{place}": json.dumps(call["f"])} for place, call in enumerate(calls)]
    chance.shuffle(output)
    verdict = score_item(asked, output, NATIVE)
    assert verdict.is_valid
    assert argument_diff(asked, verdict.decoded, NATIVE) == ()


@given(CALLS)
def test_a_call_left_out_is_wrong_and_something_differs(calls):
    asked = asked_for(calls)
    output = [{f"f_{place}": json.dumps(call["f"])} for place, call in enumerate(calls[1:], start=1)]
    verdict = score_item(asked, output, NATIVE)
    assert verdict.error_type == "parallel_function_checker_no_order:wrong_count"
    assert [one.kind for one in argument_diff(asked, verdict.decoded, NATIVE)] == ["missing call"]


@given(st.text(max_size=30))
def test_loose_texts_are_what_the_official_expression_makes(text):
    assert loose(text) == re.sub(r"[ \,\.\/\-\_\*\^]", "", text).lower().replace("'", '"')


@given(st.sampled_from(DECODERS), st.sampled_from(["python", "java", "javascript"]), st.text(max_size=40))
def test_any_text_gets_a_verdict(decoder, language, text):
    category = {"python": "simple_python", "java": "simple_java", "javascript": "simple_javascript"}[language]
    asked = question(category, function("f", a="integer"), [{"f": {"a": [1]}}])
    verdict = score_item(asked, text, Reading(decoder=decoder.name))
    assert verdict.is_valid == (not verdict.error_type)


@given(pieces("1", "2.5", "(", ")", "+", "-", "*", "/", "//", "%", "**", " ", "[3]", "'a'", most=7))
def test_arithmetic_is_python_s_own(text):
    try:
        node = ast.parse(text.strip(), mode="eval").body
        value = calculate(node)
    except (SyntaxError, UndecodableError):
        return
    assert value == eval(text.strip(), {"__builtins__": {}})


@given(pieces("[", "]", ",", " ", "\n", "1", "new Array(", ")"))
def test_lists_of_lists_end_where_the_official_expression_says(text):
    found = LISTS.match(text)
    assert list_of_lists(text) == (found.group(0) if found else "")


@given(pieces('put("', "k", '",', '"', " ", "\n", "1", ")"))
def test_pairs_are_those_of_the_official_expression(text):
    assert list(put_pairs(text)) == PUT.findall(text)


@given(pieces("new HashMap<>()", "{", "}", " ", "\n", 'put("k", ', 'put("l",', '"', ",", "1", ")"))
def test_maps_hold_what_the_official_expressions_find(text):
    found = MAP.search(text)
    if found:
        keys = [key for key, _ in PUT.findall(found.group(1))] if found.group(1).strip() else []
        assert list(convert_java(text, "HashMap")) == list(dict.fromkeys(keys))
    else:
        assert convert_java(text, "HashMap") in (text, {})


@given(pieces("new ArrayList<>()", "{{", "}}", "{", "}", " ", "add(", "1", ")"))
def test_lists_hold_what_the_official_expressions_find(text):
    found = ADDING.search(text)
    if found:
        assert convert_java(text, "ArrayList") == [
            1 if one.strip() == "1" else int(one) if one.strip().isdigit() else one.strip()
            for one in re.findall(r"add\((.+?)\)", found.group(1))
        ]


@given(st.lists(st.tuples(st.sampled_from("fg"), ARGUMENTS), min_size=1, max_size=3))
def test_calls_written_as_python_are_read_back(calls):
    text = ", ".join(
        f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})" for name, given in calls
    )
    assert decode(f"[{text}]", "prompted", "python") == [{name: given} for name, given in calls]
