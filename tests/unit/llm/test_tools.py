"""Requests with tools: what is sent, which calls come back, and that a paid reply keeps them."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from tests.scripted_endpoint import scripted_endpoint
from xlam_backend.llm.chat import CalledTool, ChatRequest, ClientSettings, most_input_tokens, request_hash
from xlam_backend.llm.client import ask_all
from xlam_backend.llm.completion import read_completion
from xlam_backend.llm.failure import ReplyUnusableError
from xlam_backend.prompts.prompt_file import Message

FORECAST = {
    "name": "get_forecast",
    "description": "Weather forecast of a city.",
    "parameters": {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]},
}
PLAIN = ChatRequest("a", "scripted-careful", (Message("user", "The weather forecast for 3 days?"),))
ASKED = replace(PLAIN, tools=(FORECAST,))


def body(message):
    return json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).encode()


def test_calls_come_back_and_a_paid_reply_keeps_them(tmp_path):
    replies = []
    with scripted_endpoint() as (server, endpoint):
        for run_id in ("first", "second"):
            ask_all(
                [ASKED],
                endpoint=endpoint,
                settings=ClientSettings(),
                cache_folder=tmp_path,
                run_id=run_id,
                on_reply=replies.append,
            )
        assert server.bill.report()["billed_calls"] == 1
    assert [reply.tool_calls for reply in replies] == [(CalledTool("get_forecast", '{"days": 3}'),)] * 2
    assert [reply.from_cache for reply in replies] == [False, True]
    assert replies[0].seconds == replies[1].seconds > 0


def test_tools_are_part_of_what_was_asked_and_nothing_changes_without():
    assert request_hash("u", PLAIN) != request_hash("u", ASKED) != request_hash("u", replace(PLAIN, tools=()))
    assert most_input_tokens(ASKED) > most_input_tokens(PLAIN) + 100


def test_calls_are_read_whatever_form_their_arguments_have():
    calls = [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"function": {"name": "g", "arguments": {"b": "ø"}}},
        {"function": {"name": "h"}},
        {"function": {"name": "i", "arguments": "{not json"}},
    ]
    read = read_completion(body({"content": None, "tool_calls": calls}), has_tools=True)
    assert [call.arguments for call in read.tool_calls] == ['{"a": 1}', '{"b": "ø"}', "{}", "{not json"]
    assert read.text == ""


def test_neither_words_nor_calls_are_an_answer_only_where_tools_were_on_offer():
    assert read_completion(body({"content": None}), has_tools=True).tool_calls == ()
    with pytest.raises(ReplyUnusableError, match="holds no text"):
        read_completion(body({"content": None}))
    with pytest.raises(ReplyUnusableError, match="not in the form"):
        read_completion(body({"content": None, "tool_calls": [{"name": 3}]}), has_tools=True)
