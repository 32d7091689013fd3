"""What the formats write means the same to the languages' own readers, and to that of models' text."""

from __future__ import annotations

import json
import tomllib
from xml.etree import ElementTree

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.strategies import json_values, texts
from tests.properties.test_output_formats import answers
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.importers.json_text import parse_json
from xlam_backend.importers.model_text import python_call, read_reply
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import EXAMPLE, NO_CALL_EXAMPLE

plain_names = st.sampled_from(["get_weather", "a.b", "find_rooms"])
plain_calls = st.builds(
    ToolCall, plain_names, st.dictionaries(st.sampled_from("abcd"), json_values, max_size=3)
)
plain_answers = st.builds(Answer, texts, st.lists(plain_calls, max_size=3).map(tuple))


def said(value):
    return msgspec.json.encode(value)


def as_object(answer):
    calls = [{"name": call.name, "arguments": call.arguments} for call in answer.calls]
    return {"thought": answer.thought, "tool_calls": calls} if answer.thought else {"tool_calls": calls}


def without_null_keys(value):
    """What TOML's stand-in for null means."""
    if isinstance(value, list):
        return [without_null_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value == {"$null": True}:
        return None
    return {_real_key(key): without_null_keys(item) for key, item in value.items()}


def _real_key(key):
    return key[1:] if key.startswith("$$") and key.lstrip("$") == "null" else key


@settings(max_examples=60)
@given(answer=answers)
def test_json_is_json(answer):
    assert said(parse_json(output_format_by_name("json_object").render(answer)).value) == said(
        as_object(answer)
    )


@settings(max_examples=60)
@given(answer=answers)
def test_toml_is_toml(answer):
    read = tomllib.loads(output_format_by_name("toml").render(answer))
    assert said(without_null_keys(read)) == said(as_object(answer))


@settings(max_examples=60)
@given(answer=answers)
def test_yaml_means_the_same_to_a_reader_of_yaml_1_1(answer):
    """All but exponents: 1e22 is a text in YAML 1.1."""
    read = yaml.safe_load(output_format_by_name("yaml").render(answer))

    def same(left, right):
        if isinstance(right, float) and isinstance(left, str):
            return float(left) == right
        if isinstance(right, dict):
            return list(left) == list(right) and all(same(left[key], right[key]) for key in right)
        if isinstance(right, list):
            return len(left) == len(right) and all(map(same, left, right))
        return type(left) is type(right) and left == right

    assert same(read, as_object(answer))


@settings(max_examples=60)
@given(answer=answers)
def test_xml_is_xml(answer):
    root = ElementTree.fromstring(output_format_by_name("xml").render(answer))
    assert len(root.findall("tool_calls/tool_call")) == len(answer.calls)


@pytest.mark.parametrize("name", ["json_object", "tool_call_tags", "tool_calls_mark"])
@settings(max_examples=60)
@given(answer=answers)
def test_the_reader_of_models_text_finds_the_same_calls(name, answer):
    reply = read_reply(output_format_by_name(name).render(answer))
    assert reply.has_calls
    assert said(reply.calls) == said(answer.calls)


@settings(max_examples=60)
@given(answer=plain_answers)
def test_the_reader_of_models_text_reads_the_same_python(answer):
    if answer.calls:
        reply = read_reply(output_format_by_name("python_calls").render(answer), python_call)
        assert said(reply.calls) == said(answer.calls)


@pytest.mark.parametrize("name", ["json_object", "tool_call_tags", "tool_calls_mark"])
@pytest.mark.parametrize("answer", [EXAMPLE, NO_CALL_EXAMPLE, Answer()])
def test_the_reader_of_models_text_finds_the_thought_too(name, answer):
    reply = read_reply(output_format_by_name(name).render(answer))
    assert (reply.text, reply.calls, reply.has_calls) == (answer.thought, answer.calls, True)


def test_javascript_values_are_json_with_bare_keys():
    answer = Answer("", (ToolCall("f", {"a b": [1, None, True, "x"], "big": 2**60}),))
    text = output_format_by_name("javascript_calls").render(answer)
    assert text == '[\n  f({"a b": [1, null, true, "x"], big: 1152921504606846976n})\n]'
    assert json.loads('{"a b": [1, null, true, "x"]}') == {"a b": [1, None, True, "x"]}
