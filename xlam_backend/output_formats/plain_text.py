"""Plain sentences: one for each call, the thought before them, the number of calls at the end."""

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

_CALL = "Call "
_MARKS = re.compile(rf"^(?:{_CALL}|{COUNT_MARK})", re.MULTILINE)
_EQUALS = re.compile(r"[ ]*=[ ]*")
_SENTENCE_END = re.compile(r"\.[ ]*\n")
_WITH, _WITHOUT = " with ", " with no arguments"


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the sentences."""
    thought = f"{write_thought(answer.thought, _MARKS)}\n\n" if answer.thought else ""
    return f"{thought}{''.join(map(_write_call, answer.calls))}{write_count(answer.calls)}"


def _write_call(call: ToolCall) -> str:
    arguments = ", ".join(
        [f"{name_text(name)} = {json_text(value)}" for name, value in call.arguments.items()]
    )
    return f"{_CALL}{name_text(call.name)}{_WITH + arguments if arguments else _WITHOUT}.\n"


def read(text: str) -> Answer:
    """Read the sentences."""
    reader = TextReader(text)
    thought = read_thought_before(reader, _MARKS, "a call or the number of calls")
    calls: list[ToolCall] = []
    while reader.take(_CALL):
        name = read_name(reader, "the name of the tool")
        calls.append(ToolCall(name, {} if reader.take(_WITHOUT) else _read_arguments(reader)))
        reader.expect_match(_SENTENCE_END, "the end of the sentence")
    expect_count(reader, calls)
    return Answer(thought, tuple(calls))


def _read_arguments(reader: TextReader) -> dict[str, object]:
    arguments: dict[str, object] = {}
    reader.expect(_WITH)
    while True:
        start = reader.at
        name = read_name(reader, "the name of the argument")
        if name in arguments:
            reader.fail(f"the argument {name[:100]!r} is given twice", start)
        reader.expect_match(_EQUALS, "'='")
        arguments[name] = reader.json_value()
        if not reader.take(", "):
            return arguments


FORMAT = OutputFormat(
    name="plain_text",
    title="Plain text",
    words="Answer in sentences, one per line: `Call`, the name of the tool, `with`, and each argument "
    f"with its value as JSON. Then {WORDS}.",
    thought_words="in lines of its own before the calls",
    no_call_words="there are no such sentences",
    write=write,
    read=read,
)
