"""A Markdown list of calls, each with the list of its arguments; the thought above, the number below."""

from __future__ import annotations

import re

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_count import COUNT_MARK, WORDS, expect_count, write_count
from xlam_backend.output_formats.json_writing import json_text, name_text
from xlam_backend.output_formats.names import read_name
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import read_thought_before, write_thought

_CALL, _ARGUMENT = "- call ", "  - "
_MARKS = re.compile(rf"^(?:{_CALL}|{COUNT_MARK})", re.MULTILINE)
_COLON = re.compile(r":[ ]+")
_LINE_END = re.compile(r"[ ]*\n")


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write thought, list and count."""
    thought = f"{write_thought(answer.thought, _MARKS)}\n\n" if answer.thought else ""
    if not answer.calls:
        return thought + write_count(answer.calls)
    return f"{thought}{''.join(map(_write_call, answer.calls))}\n{write_count(answer.calls)}"


def _write_call(call: ToolCall) -> str:
    arguments = "".join(
        [f"{_ARGUMENT}{name_text(name)}: {json_text(value)}\n" for name, value in call.arguments.items()]
    )
    return f"{_CALL}{name_text(call.name)}\n{arguments}"


def read(text: str) -> Answer:
    """Read thought, list and count."""
    reader = TextReader(text)
    thought = read_thought_before(reader, _MARKS, "the list or the number of calls")
    calls: list[ToolCall] = []
    while reader.take(_CALL):
        calls.append(_read_call(reader))
    expect_count(reader, calls)
    return Answer(thought, tuple(calls))


def _read_call(reader: TextReader) -> ToolCall:
    call = ToolCall(read_name(reader, "the name of the tool"), {})
    reader.expect_match(_LINE_END, "the end of the line")
    while reader.take(_ARGUMENT):
        start = reader.at
        name = read_name(reader, "the name of the argument")
        if name in call.arguments:
            reader.fail(f"the argument {name[:100]!r} is given twice", start)
        reader.expect_match(_COLON, "':'")
        call.arguments[name] = reader.json_value()
        reader.expect_match(_LINE_END, "the end of the line")
    return call


FORMAT = OutputFormat(
    name="markdown_list",
    title="Markdown list",
    words="Answer with a Markdown list that has an item for each call, and in it an item for each "
    f"argument with its value as JSON. Below the list, {WORDS}.",
    thought_words="above the list",
    no_call_words="there is no list",
    write=write,
    read=read,
)
