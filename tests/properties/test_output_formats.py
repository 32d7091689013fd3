"""Whatever JSON can hold comes back from every format; whatever is no answer is refused in one way."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.properties.strategies import json_objects, json_values, texts, tuples
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.output_formats.answer import Answer, AnswerTextError
from xlam_backend.output_formats.base import EXAMPLE, NO_CALL_EXAMPLE

# What the formats themselves write: the worst that a text can hold.
MARKS = (
    '"', "\\", "'", "\n", "\n\n", "a \n b", "\r\n", "\t", " ", "|", "[", "]", "{", "}", "(", ")", "<", ">",
    "&amp;", "]]>", "#", "//", "/*", "- ", ": ", "...", "---", "$null", "$$null", "null", "true", "no", "~",
    "1", "1e5", "0x1", "-", "thought", "tool_calls", "call.1 = f", "calls = 0", "- call f",
    "Call f with a = 1.", "Calls: 0.", "Calls: 1.", "| call | tool | argument | value |", "| 1 | f | | |",
    "<tool_call>", "</tool_call>\n", "[TOOL_CALLS] []", "Thought: ", "Action: none", "Action Input: {}",
    "Observation:", "</think>", "<think>", "```", "<|endoftext|>", "(answer (calls))", "</answer>",
    "<!DOCTYPE a>", "\x00", "\x85", "\u2028", "\ufeff", "\uffff", "\x7f", "\U0001f600", "get_weather", "f",
    "a.b", "tools", "call", "none", "lambda", "class", "__debug__", "__proto__", "\u00a0", "\ufb01",
)  # fmt: skip
marked_texts = st.lists(st.sampled_from(MARKS) | texts, max_size=5).map("".join) | texts
names = st.sampled_from(["get_weather", "a.b", "none", "call", "tools", "f"]) | marked_texts
values = st.recursive(
    json_values | marked_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(marked_texts, inner, max_size=3),
    max_leaves=6,
)
calls = st.builds(ToolCall, name=names, arguments=st.dictionaries(names, values, max_size=4))
answers = st.builds(Answer, thought=marked_texts, calls=tuples(calls, max_size=3))

formats = pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)


def said(answer):
    """An answer's bytes: 1 is not 1.0 here, 0.0 not -0.0, and the order of keys counts."""
    return msgspec.json.encode(answer)


@formats
@settings(max_examples=50)
@given(answer=answers, arguments_first=st.booleans())
def test_what_is_written_is_read_back(form, answer, arguments_first):
    text = form.render(answer, arguments_first=arguments_first)
    assert said(form.parse(text)) == said(answer)


@formats
@settings(max_examples=10)
@given(answer=answers)
def test_a_cut_text_is_refused_or_makes_as_many_calls(form, answer):
    text = form.render(answer)
    for end in range(len(text)):
        read = parse_or_none(form, text[:end])
        assert read is None or len(read.calls) >= len(answer.calls), text[:end]


@formats
@settings(max_examples=20)
@given(answer=answers, seed=st.integers(0, 2**32))
def test_a_changed_text_is_refused_or_an_answer_that_can_be_written(form, answer, seed):
    generator = random.Random(seed)
    text = form.render(answer)
    for _ in range(10):
        text = changed(text, generator)
        read = parse_or_none(form, text)
        assert read is None or said(form.parse(form.render(read))) == said(read)


@formats
@settings(max_examples=40)
@given(text=st.text(max_size=60) | marked_texts)
@example(text="\x850")  # YAML breaks the line there, an editor does not
def test_any_text_is_refused_in_one_way_or_read(form, text):
    read = parse_or_none(form, text)
    assert read is None or said(form.parse(form.render(read))) == said(read)


@formats
@pytest.mark.parametrize("example", [EXAMPLE, NO_CALL_EXAMPLE, Answer("", EXAMPLE.calls), Answer()])
def test_every_change_of_one_character_is_survived(form, example):
    text = form.render(example)
    for at in range(len(text)):
        for new in ("", '"', "0", "\n", "{", "\ud800"):
            read = parse_or_none(form, text[:at] + new + text[at + 1 :])
            assert read is None or said(form.parse(form.render(read))) == said(read)


def parse_or_none(form, text):
    """The answer, None when it is refused; a refusal has a place and a reason."""
    try:
        return form.parse(text)
    except AnswerTextError as error:
        refused = error
    assert refused.reason
    assert 1 <= refused.line <= text.count("\n") + 2
    assert refused.column >= 1
    return None


def changed(text, generator):
    """A text with a piece of it dropped, doubled, moved, or replaced by a mark."""
    start, end = sorted(generator.randrange(len(text) + 1) for _ in range(2))
    end = min(end, start + 20)
    kind = generator.randrange(4)
    piece = ("", text[start:end] * 2, text[start:end][::-1], generator.choice(MARKS))[kind]
    return text[:start] + piece + text[end:]


@settings(max_examples=30)
@given(value=json_objects(json_values))
def test_all_formats_write_the_same_arguments(value):
    answer = Answer("", (ToolCall("f", value),))
    assert {said(form.parse(form.render(answer))) for form in OUTPUT_FORMATS} == {said(answer)}
