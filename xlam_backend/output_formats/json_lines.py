"""JSON lines: one object per line, the thought first, then each call, then the number of calls."""

from __future__ import annotations

from typing import Any

from xlam_backend.output_formats.answer import Answer, AnswerTextError
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import call_objects, read_call_object
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.output_formats.text_reader import TextReader


def write(answer: Answer, arguments_first: bool) -> str:
    """Write the lines."""
    thought = [json_text({"thought": answer.thought})] if answer.thought else []
    calls = [json_text(call) for call in call_objects(answer.calls, arguments_first)]
    return "\n".join((*thought, *calls, f'{{"calls": {len(calls)}}}'))


def read(text: str) -> Answer:
    """Read the lines; the last one has to count the calls rightly."""
    values = _read_values(text)
    count = values.pop() if values else None
    if not isinstance(count, dict) or count.keys() != {"calls"} or type(count["calls"]) is not int:
        raise AnswerTextError("the last line, which counts the calls, is missing", text.count("\n") + 1)
    thought = _read_thought(values)
    calls = tuple(read_call_object(value, number) for number, value in enumerate(values, 1))
    if count["calls"] != len(calls):
        raise AnswerTextError(f"{len(calls)} calls were read, not {count['calls']}", text.count("\n") + 1)
    return Answer(thought, calls)


def _read_values(text: str) -> list[Any]:
    reader = TextReader(text)
    reader.skip()
    values = []
    while reader.at < len(text):
        values.append(reader.json_value())
        reader.skip_spaces()
        if reader.at < len(text) and not reader.sees("\n"):
            reader.fail("one line holds more than one value")
        reader.skip()
    return values


def _read_thought(values: list[Any]) -> str:
    if not values or not isinstance(values[0], dict) or values[0].keys() != {"thought"}:
        return ""
    thought = values.pop(0)["thought"]
    if not isinstance(thought, str):
        raise AnswerTextError("the thought is no text")
    return thought


FORMAT = OutputFormat(
    name="json_lines",
    title="JSON lines",
    words="Answer in JSON lines: each call is an object with the keys `name` and `arguments` on a line "
    "of its own. The last line is an object with the key `calls`: how many calls there are.",
    thought_words="on a line of its own as an object with the key `thought`",
    no_call_words="the number of calls is 0",
    write=write,
    read=read,
    has_call_keys=True,
)
