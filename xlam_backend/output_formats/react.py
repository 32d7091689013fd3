"""ReAct text: Thought, then Action and Action Input for each call; the word Observation ends the answer."""

from __future__ import annotations

import re

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.json_writing import json_string, json_text, name_text
from xlam_backend.output_formats.names import read_name
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import read_thought_before, write_thought

_THOUGHT, _ACTION, _INPUT, _END = "Thought:", "Action:", "Action Input:", "Observation:"
_NONE = "none"
_MARKS = re.compile(rf"^(?:{_ACTION}|{_INPUT}|{_END})", re.MULTILINE)


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the labelled lines."""
    thought = f"{_THOUGHT} {write_thought(answer.thought, _MARKS)}\n" if answer.thought else ""
    if not answer.calls:
        return f"{thought}{_ACTION} {_NONE}\n{_END}"
    return f"{thought}{''.join(map(_write_call, answer.calls))}{_END}"


def _write_call(call: ToolCall) -> str:
    name = json_string(call.name) if call.name == _NONE else name_text(call.name)
    return f"{_ACTION} {name}\n{_INPUT} {json_text(call.arguments)}\n"


def read(text: str) -> Answer:
    """Read the labelled lines."""
    reader = TextReader(text)
    reader.skip()
    thought = read_thought_before(reader, _MARKS, f"{_ACTION!r}") if reader.take(_THOUGHT) else ""
    calls: list[ToolCall] = []
    is_none = False
    while not reader.take(_END):
        reader.expect(_ACTION)
        reader.skip_spaces()
        is_quoted = reader.sees('"')
        name = read_name(reader, "the name of the tool")
        reader.skip()
        if name == _NONE and not is_quoted and not calls:
            is_none = True
            reader.expect(_END)
            break
        calls.append(ToolCall(name, _read_input(reader)))
    if not calls and not is_none:
        reader.fail(f"{_ACTION!r} is missing")
    reader.expect_end()
    return Answer(thought, tuple(calls))


def _read_input(reader: TextReader) -> dict[str, object]:
    reader.expect(_INPUT)
    reader.skip_spaces()
    start = reader.at
    arguments = reader.json_value()
    if not isinstance(arguments, dict):
        reader.fail("the input of an action is no JSON object", start)
    reader.skip()
    return arguments


FORMAT = OutputFormat(
    name="react",
    title="ReAct text",
    words="Answer in lines: for each call `Action:` with the name of the tool and `Action Input:` with "
    "its arguments as a JSON object. End with `Observation:`.",
    thought_words="behind `Thought:`",
    no_call_words="the action is `none`",
    write=write,
    read=read,
)
