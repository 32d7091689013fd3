"""An S-expression: (answer (thought "...") (calls (name (argument value) ...) ...)).

Values are texts, numbers, true, false, null, (list ...) and (object (key value) ...).
"""

from __future__ import annotations

import re
from typing import Any

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import MAX_DEPTH, Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.json_writing import json_string, name_text
from xlam_backend.output_formats.names import read_name
from xlam_backend.output_formats.text_reader import TextReader

_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"[a-z]+")
# What may follow a word or a value: without it two of them would run together.
_BREAK = re.compile(r"(?=[ \t\n\r()])")


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the expression, each call on a line of its own."""
    thought = f"\n  (thought {json_string(answer.thought)})" if answer.thought else ""
    calls = "".join([f"\n    {_write_call(call)}" for call in answer.calls])
    return f"(answer{thought}\n  (calls{calls}))"


def _write_call(call: ToolCall) -> str:
    return f"({name_text(call.name)}{_write_members(call.arguments)})"


def _write_members(members: dict[str, Any]) -> str:
    return "".join([f" ({name_text(key)} {_write_value(value)})" for key, value in members.items()])


def _write_value(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return json_string(value)
    if kind is dict:
        return f"(object{_write_members(value)})"
    if kind is list:
        return f"(list{''.join([f' {_write_value(item)}' for item in value])})"
    if kind is bool:
        return "true" if value else "false"
    return "null" if value is None else repr(value)


def read(text: str) -> Answer:
    """Read the expression."""
    reader = TextReader(text)
    thought = ""
    _expect_form(reader, "answer")
    if _take_form(reader, "thought"):
        reader.skip()
        thought = reader.json_string()
        _close(reader)
    _expect_form(reader, "calls")
    calls = []
    while _opens(reader):
        calls.append(ToolCall(read_name(reader, "the name of a function"), _read_members(reader, 0)))
    _close(reader)
    _close(reader)
    reader.expect_end()
    return Answer(thought, tuple(calls))


def _take_form(reader: TextReader, name: str) -> bool:
    """Go over the bracket and the word that begin a form, if they stand here."""
    reader.skip()
    start = reader.at
    if reader.take(f"({name}") and reader.match(_BREAK):
        return True
    reader.at = start
    return False


def _expect_form(reader: TextReader, name: str) -> None:
    if not _take_form(reader, name):
        reader.fail(f"'({name}' is missing")


def _opens(reader: TextReader) -> bool:
    reader.skip()
    return reader.take("(")


def _close(reader: TextReader) -> None:
    reader.skip()
    reader.expect(")")


def _read_members(reader: TextReader, depth: int) -> dict[str, Any]:
    """Read pairs of key and value up to the bracket that closes them."""
    members: dict[str, Any] = {}
    while _opens(reader):
        start = reader.at
        key = read_name(reader, "a key")
        if key in members:
            reader.fail(f"the key {key[:100]!r} stands twice", start)
        reader.skip()
        members[key] = _read_value(reader, depth + 1)
        _close(reader)
    _close(reader)
    return members


def _read_value(reader: TextReader, depth: int) -> Any:
    if depth > MAX_DEPTH + 1:
        reader.fail(f"nested deeper than {MAX_DEPTH} levels")
    if reader.sees('"'):
        return reader.json_string()
    if _take_form(reader, "object"):
        return _read_members(reader, depth)
    if _take_form(reader, "list"):
        return _read_items(reader, depth)
    number = reader.number()
    if number is not None:
        return number
    start = reader.at
    word = reader.match(_WORD)
    if word is None or word.group() not in _WORDS:
        reader.fail("a value is missing", start)
    return _WORDS[word.group()]


def _read_items(reader: TextReader, depth: int) -> list[Any]:
    items: list[Any] = []
    reader.skip()
    while not reader.take(")"):
        items.append(_read_value(reader, depth + 1))
        reader.expect_match(_BREAK, "a blank")
        reader.skip()
    return items


FORMAT = OutputFormat(
    name="s_expression",
    title="S-expression",
    words="Answer with one S-expression: `(calls ...)` holds each call as its name and pairs of "
    "argument and value. Values are texts in double quotes, numbers, true, false, null, `(list "
    "...)` and `(object (key value) ...)`.",
    thought_words="as `(thought ...)`",
    no_call_words="`(calls)` is empty",
    write=write,
    read=read,
)
