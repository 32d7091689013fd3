"""Lines of key and value: each scalar inside the arguments on a line of its own, with the path to it.

`call.2.filter.tags[0] = "new"` is the first tag in the filter of the second call. Keys that are no plain
names stand in the path in double quotes.
"""

from __future__ import annotations

import re
from typing import Any

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import MAX_DEPTH, Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.json_writing import json_string, json_text, name_text
from xlam_backend.output_formats.names import read_name
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import read_thought, write_thought

_LINE_BREAK = re.compile(r"\n")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CALL = re.compile(r"call\.([1-9][0-9]{0,6})")
_INDEX = re.compile(r"\[(0|[1-9][0-9]{0,6})\]")
_EQUALS = re.compile(r"[ ]*=[ ]*")
_COUNT = re.compile(r"calls[ ]*=[ ]*(0|[1-9][0-9]{0,6})")
_LINE_END = re.compile(r"[ ]*\n")

_Path = list[str | int]


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the lines; the last one counts the calls."""
    lines = [f"thought = {write_thought(answer.thought, _LINE_BREAK)}"] if answer.thought else []
    for number, call in enumerate(answer.calls, 1):
        lines.append(f"call.{number} = {name_text(call.name)}")
        for name, value in call.arguments.items():
            _write_value(f"call.{number}.{_key_text(name)}", value, lines)
    lines.append(f"calls = {len(answer.calls)}")
    return "\n".join(lines)


def _write_value(path: str, value: Any, lines: list[str]) -> None:
    if value and type(value) is dict:
        for key, item in value.items():
            _write_value(f"{path}.{_key_text(key)}", item, lines)
    elif value and type(value) is list:
        for index, item in enumerate(value):
            _write_value(f"{path}[{index}]", item, lines)
    else:
        lines.append(f"{path} = {json_text(value)}")


def _key_text(key: str) -> str:
    return key if _KEY.fullmatch(key) else json_string(key)


def read(text: str) -> Answer:
    """Read the lines."""
    reader = TextReader(text)
    reader.skip()
    thought = _read_thought(reader)
    calls: list[ToolCall] = []
    whole: set[int] = set()  # empty lists and objects that were given as such: nothing goes into them
    while match := reader.match(_CALL):
        _read_line(reader, int(match.group(1)), calls, whole)
        reader.expect_match(_LINE_END, "the end of the line")
        reader.skip()
    start = reader.at
    count = reader.expect_match(_COUNT, "the last line, which counts the calls,")
    if int(count.group(1)) != len(calls):
        reader.fail(f"{len(calls)} calls were read, not {count.group(1)}", start)
    reader.expect_end()
    return Answer(thought, tuple(calls))


def _read_thought(reader: TextReader) -> str:
    if not reader.take("thought"):
        return ""
    reader.expect_match(_EQUALS, "'='")
    end = reader.text.find("\n", reader.at)
    if end < 0:
        reader.fail("the last line, which counts the calls, is missing", len(reader.text))
    thought = read_thought(reader.text[reader.at : end])
    reader.at = end
    reader.skip()
    return thought


def _read_line(reader: TextReader, number: int, calls: list[ToolCall], whole: set[int]) -> None:
    """Read a line of a call: the one that begins it, or one of its arguments."""
    start = reader.at
    path = _read_path(reader)
    reader.expect_match(_EQUALS, "'='")
    if not path:
        if number != len(calls) + 1:
            reader.fail("the calls are not in order", start)
        calls.append(ToolCall(read_name(reader, "the name of the tool"), {}))
        return
    if number != len(calls):
        reader.fail("the argument belongs to no call that was just begun", start)
    value = reader.json_value()
    if value and isinstance(value, dict | list):
        reader.fail("what is in a list or an object stands on lines of its own", start)
    fault = _put(calls[-1].arguments, path, value, whole)
    if fault:
        reader.fail(fault, start)
    if isinstance(value, dict | list):
        whole.add(id(value))


def _read_path(reader: TextReader) -> _Path:
    path: _Path = []
    while len(path) <= MAX_DEPTH + 1:
        if reader.take("."):
            key = reader.match(_KEY)
            path.append(key.group() if key else reader.json_string())
        elif path and (index := reader.match(_INDEX)):
            path.append(int(index.group(1)))
        else:
            return path
    return reader.fail(f"nested deeper than {MAX_DEPTH} levels")


def _put(arguments: dict[str, Any], path: _Path, value: Any, whole: set[int]) -> str:
    """Put a value at its path, and make what it stands in; a fault in words, "" when there is none."""
    place: Any = arguments
    for step, following in zip(path, [*path[1:], None]):
        if id(place) in whole or not _can_hold(place, step):
            return "the path leads into something that is no list or object, or was given before"
        new = value if following is None else [] if isinstance(following, int) else {}
        is_new = step == len(place) if isinstance(step, int) else step not in place
        if is_new and isinstance(step, int):
            place.append(new)
        elif is_new:
            place[step] = new
        elif following is None or (isinstance(step, int) and step != len(place) - 1):
            return "the value was given before, or the items are not in order"
        place = place[step]
    return ""


def _can_hold(place: Any, step: str | int) -> bool:
    return isinstance(place, list if isinstance(step, int) else dict)


FORMAT = OutputFormat(
    name="key_value_lines",
    title="Key-value lines",
    words="Answer in lines of key and value. `call.1` is the name of the first tool to call; its "
    "arguments follow, each value as JSON, with the path to it: `call.1.price.most` inside "
    "objects, `call.1.tags[0]` inside lists. The last line, `calls`, says how many calls there "
    "are.",
    thought_words="as the key `thought`",
    no_call_words="the number of calls is 0",
    write=write,
    read=read,
)
