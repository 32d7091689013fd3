"""A reply is read in any known form or not at all; no call is not the same as no answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.builders import a_call
from tests.properties.strategies import broken_texts, tool_calls
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.responses import reply_text
from xlam_backend.responses.reply_text import read_step

OSLO = '{"name": "get_weather", "arguments": {"city": "Oslo"}}'
FORMS = {
    "object": f'{{"thought": "I look.", "tool_calls": [{OSLO}]}}',
    "list": f"[{OSLO}]",
    "one call": OSLO,
    "tags": f"I look.\n<tool_call>\n{OSLO}\n</tool_call>",
    "fence": f"```json\n[{OSLO}]\n```",
    "fence in words": f"I look.\n\n```json\n[{OSLO}]\n```\nThat is all.",
    "object in a fence in words": f'Sure:\n```\n{{"thought": "I look.", "tool_calls": [{OSLO}]}}\n```',
    "python": "[get_weather(city='Oslo')]",
    "python in a fence": "```python\n[get_weather(city='Oslo')]\n```",
    "mistral": f"[TOOL_CALLS] [{OSLO}]",
    "after thinking": f"<think>I look.</think>[{OSLO}]",
    "arguments as text": '[{"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}]',
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_call(form):
    read = read_step(FORMS[form])
    assert (read.state, read.side.tool_calls, read.reason) == ("parsed", (a_call(city="Oslo"),), "")


@pytest.mark.parametrize("form", ["object", "tags", "fence in words", "after thinking"])
def test_words_beside_the_calls_are_the_thought(form):
    assert "I look." in read_step(FORMS[form]).side.thought


@pytest.mark.parametrize(
    "text",
    [
        '{"thought": "Done.", "tool_calls": []}',
        "[]",
        "<tool_call>[ ]</tool_call>",
        "[TOOL_CALLS] []",
        "```json\n[]\n```",
    ],
)
def test_no_call_can_be_said(text):
    read = read_step(text)
    assert (read.state, read.side.tool_calls) == ("parsed", ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", reply_text.EMPTY),
        (" \n", reply_text.EMPTY),
        ("I would look it up (with get_weather).", reply_text.NO_CALLS),
        ("get_weather(city='Oslo')", reply_text.NO_CALLS),
        (FORMS["object"][:-3], reply_text.NO_CALLS),
        ('{"thought": "I look."}', reply_text.NO_CALLS),
        ('{"thought": "I look.", "tool_calls": "none"}', reply_text.NO_CALLS),
        ("<tool_call>\n</tool_call>", reply_text.NO_CALLS),
        ("<tool_call>" * 3, reply_text.NO_CALLS),
        ("[TOOL_CALLS]", reply_text.NO_CALLS),
        (f"```\n[{OSLO}]\n```\nor\n```\n[]\n```", reply_text.MANY_BLOCKS),
        ('<tool_call>{"arguments": {"a": 1}}</tool_call>', reply_text.NAMELESS),
        ("<tool_call>no json</tool_call>", reply_text.NAMELESS),
        (f'{{"thought": "", "tool_calls": [{OSLO}, 3]}}', reply_text.NAMELESS),
        ("x" * (reply_text.LONGEST_REPLY + 1), reply_text.TOO_LONG),
    ],
)
def test_what_cannot_be_read_says_why(text, reason):
    read = read_step(text)
    assert (read.state, read.reason, read.side.tool_calls) == ("unreadable", reason, ())


def test_a_reply_that_was_cut_off_is_never_read():
    assert read_step(FORMS["object"], is_cut_off=True).reason == reply_text.CUT_OFF


def test_arguments_that_are_no_object_are_kept_as_written():
    read = read_step('[{"name": "get_weather", "arguments": "city is Oslo"}]')
    assert read.side.tool_calls == (ToolCall("get_weather", unreadable="city is Oslo"),)


@given(broken_texts)
def test_no_text_is_too_broken_to_be_read_as_a_reply(text):
    for reply in (text, f'[{{"name": {json.dumps(text)}, "arguments": {{"a": {json.dumps(text)}}}}}]'):
        read = read_step(reply)
        assert (read.state == "parsed") == (read.reason == "")


@pytest.mark.parametrize("mark", ["<TOOLCALL>", "[TOOL_CALLS]", "</think>", "<tool_call>{}</tool_call>"])
def test_a_mark_inside_json_is_a_part_of_its_data(mark):
    read = read_step(json.dumps([{"name": "note", "arguments": {"text": mark}}]))
    assert read.side.tool_calls == (ToolCall("note", {"text": mark}),)


@given(tool_calls)
def test_a_call_written_as_json_is_read_as_it_is(call):
    if not call.name:
        return
    text = json.dumps({"thought": "", "tool_calls": [{"name": call.name, "arguments": call.arguments}]})
    read = read_step(text)
    assert read.side.tool_calls == (ToolCall(call.name, call.arguments),)
