"""One JSON object with the thought and the list of calls, as the released xLAM models write it."""

from __future__ import annotations

from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import answer_object, read_answer_object
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.output_formats.text_reader import read_whole_json


def write(answer: Answer, arguments_first: bool) -> str:
    """Write the object on one line."""
    return json_text(answer_object(answer, arguments_first))


def read(text: str) -> Answer:
    """Read the object."""
    return read_answer_object(read_whole_json(text))


FORMAT = OutputFormat(
    name="json_object",
    title="JSON object",
    words="Answer with one JSON object that has the key `tool_calls`: a list of calls, each an object "
    "with the keys `name` and `arguments`.",
    thought_words="under the key `thought`",
    no_call_words="`tool_calls` is an empty list",
    write=write,
    read=read,
    has_call_keys=True,
)
