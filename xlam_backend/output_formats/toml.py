"""TOML: the thought as a text, the calls as an array of inline tables.

TOML has no null; `{ "$null" = true }` stands for it, and a real key of that spelling gets one more `$`.
Read by a reader of our own, which takes the part of TOML that is written here: Python's tomllib needs
time that grows with the square of the length of a dotted key. A test holds the two against each other.
"""

from __future__ import annotations

import re

from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import call_object, read_call_objects
from xlam_backend.output_formats.literals import Notation, read_literal, write_literal, write_object
from xlam_backend.output_formats.text_reader import TextReader

_TOML = Notation(
    key=re.compile(r"[A-Za-z0-9_-]+"), mark=" = ", null='{ "$null" = true }', padding=" ", null_key="null"
)


def write(answer: Answer, arguments_first: bool) -> str:
    """Write the two keys."""
    thought = f"thought = {write_literal(answer.thought, _TOML)}\n" if answer.thought else ""
    if not answer.calls:
        return f"{thought}tool_calls = []"
    calls = "".join(
        [f"  {write_object(call_object(call, arguments_first), _TOML)},\n" for call in answer.calls]
    )
    return f"{thought}tool_calls = [\n{calls}]"


def read(text: str) -> Answer:
    """Read the two keys, in this order."""
    reader = TextReader(text)
    reader.skip()
    thought = ""
    if reader.take("thought"):
        _expect_equals(reader)
        thought = reader.json_string()
        reader.skip_spaces()
        reader.expect("\n")
        reader.skip()
    reader.expect("tool_calls")
    _expect_equals(reader)
    reader.expect("[")
    calls = []
    reader.skip()
    while not reader.take("]"):
        calls.append(read_literal(reader, _TOML))
        reader.skip()
        if not reader.take(",") and not reader.sees("]"):
            reader.fail("',' or ']' is missing")
        reader.skip()
    reader.expect_end()
    return Answer(thought, read_call_objects(calls))


def _expect_equals(reader: TextReader) -> None:
    reader.skip_spaces()
    reader.expect("=")
    reader.skip_spaces()


FORMAT = OutputFormat(
    name="toml",
    title="TOML",
    words="Answer in TOML: `tool_calls` is an array of inline tables with the keys `name` and "
    '`arguments`. For null write `{ "$null" = true }`.',
    thought_words="as the key `thought`",
    no_call_words="the array is empty",
    write=write,
    read=read,
    has_call_keys=True,
)
