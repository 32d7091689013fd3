"""A JSON list behind the mark [TOOL_CALLS], the thought before it, as Mistral's models write calls."""

from __future__ import annotations

import re

from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import call_objects, read_call_objects
from xlam_backend.output_formats.json_writing import shielded_json
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import MARKS_OF_CALLS, read_thought_before, write_thought

_MARK = "[TOOL_CALLS]"
_BEGINS = re.compile(re.escape(_MARK))


def write(answer: Answer, arguments_first: bool) -> str:
    """Write the thought, the mark and the list."""
    thought = f"{write_thought(answer.thought, MARKS_OF_CALLS)}\n" if answer.thought else ""
    return f"{thought}{_MARK} {shielded_json(call_objects(answer.calls, arguments_first))}"


def read(text: str) -> Answer:
    """Read the thought and the list behind the mark."""
    reader = TextReader(text)
    thought = read_thought_before(reader, _BEGINS, _MARK)
    reader.expect(_MARK)
    reader.skip()
    calls = read_call_objects(reader.json_value())
    reader.expect_end()
    return Answer(thought, calls)


FORMAT = OutputFormat(
    name="tool_calls_mark",
    title="[TOOL_CALLS] (Mistral)",
    words="Write `[TOOL_CALLS]` and behind it all calls as one JSON list of objects with the keys `name` and "
    "`arguments`.",
    thought_words="before the mark",
    no_call_words="the list is empty",
    write=write,
    read=read,
    has_call_keys=True,
)
