"""JSON between <tool_call> tags, the thought before them, as Hermes and Qwen models write calls.

Those models write several calls as several blocks; such a text, cut off between two blocks, looks like
a whole answer with fewer calls. So here there is one block: several calls stand in it as a list.
"""

from __future__ import annotations

import re

from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import call_objects, read_call_object, read_call_objects
from xlam_backend.output_formats.json_writing import shielded_json
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import MARKS_OF_CALLS, read_thought_before, write_thought

_OPENING, _CLOSING = "<tool_call>", "</tool_call>"
_OPENS = re.compile(_OPENING)


def write(answer: Answer, arguments_first: bool) -> str:
    """Write the thought and one block: a call alone as an object, any other number as a list."""
    calls = call_objects(answer.calls, arguments_first)
    thought = f"{write_thought(answer.thought, MARKS_OF_CALLS)}\n" if answer.thought else ""
    return f"{thought}{_OPENING}\n{shielded_json(calls[0] if len(calls) == 1 else calls)}\n{_CLOSING}"


def read(text: str) -> Answer:
    """Read the thought and the block."""
    reader = TextReader(text)
    thought = read_thought_before(reader, _OPENS, _OPENING)
    reader.expect(_OPENING)
    reader.skip()
    value = reader.json_value()
    reader.skip()
    reader.expect(_CLOSING)
    reader.skip()
    if reader.sees(_OPENING):
        reader.fail("a second block: several calls stand in one block, as a list")
    reader.expect_end()
    calls = (read_call_object(value, 1),) if isinstance(value, dict) else read_call_objects(value)
    return Answer(thought, calls)


FORMAT = OutputFormat(
    name="tool_call_tags",
    title="<tool_call> tags (Hermes, Qwen)",
    words="Write the call between `<tool_call>` and `</tool_call>`, as a JSON object with the keys "
    "`name` and `arguments`; several calls stand between the same tags, in a JSON list.",
    thought_words="before the tags",
    no_call_words="the list between the tags is empty",
    write=write,
    read=read,
    has_call_keys=True,
)
