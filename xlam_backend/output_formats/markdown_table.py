"""A Markdown table with one row per argument, the thought above it, the number of calls below it.

Values stand as JSON, in which a vertical line is written by its number: it would end the cell.
"""

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

_HEAD = "| call | tool | argument | value |\n| --- | --- | --- | --- |\n"
_MARKS = re.compile(rf"^(?:\||{COUNT_MARK})", re.MULTILINE)
_ROW = re.compile(r"\|[ ]*([1-9][0-9]{0,6})[ ]*\|[ ]*")
_CELL_END = re.compile(r"[ ]*\|[ ]*")
_EMPTY_CELLS = re.compile(r"\|[ ]*\|[ ]*\n")
_ROW_END = re.compile(r"[ ]*\|[ ]*\n")


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write thought, table and count."""
    thought = f"{write_thought(answer.thought, _MARKS)}\n\n" if answer.thought else ""
    if not answer.calls:
        return thought + write_count(answer.calls)
    rows = "".join([_write_rows(number, call) for number, call in enumerate(answer.calls, 1)])
    return f"{thought}{_HEAD}{rows}\n{write_count(answer.calls)}"


def _write_rows(number: int, call: ToolCall) -> str:
    begin = f"| {number} | {_shielded(name_text(call.name))} | "
    if not call.arguments:
        return f"{begin}| |\n"
    return "".join(
        [
            f"{begin}{_shielded(name_text(name))} | {_shielded(json_text(value))} |\n"
            for name, value in call.arguments.items()
        ]
    )


def _shielded(text: str) -> str:
    return text.replace("|", "\\u007c")


def read(text: str) -> Answer:
    """Read thought, table and count."""
    reader = TextReader(text)
    thought = read_thought_before(reader, _MARKS, "the table or the number of calls")
    calls: list[ToolCall] = []
    if reader.sees("|"):
        reader.expect(_HEAD)
        while reader.sees("|"):
            _read_row(reader, calls)
    expect_count(reader, calls)
    return Answer(thought, tuple(calls))


def _read_row(reader: TextReader, calls: list[ToolCall]) -> None:
    """Read a row; it begins a call or goes on with the one before."""
    start = reader.at
    number = int(reader.expect_match(_ROW, "the number of the call").group(1))
    tool = read_name(reader, "the name of the tool")
    reader.expect_match(_CELL_END, "'|'")
    is_new = number == len(calls) + 1
    if not is_new and (number != len(calls) or calls[-1].name != tool or not calls[-1].arguments):
        reader.fail("the row belongs neither to the call before nor to the next", start)
    if is_new:
        calls.append(ToolCall(tool, {}))
    if is_new and reader.match(_EMPTY_CELLS):
        return
    _read_argument(reader, calls[-1])


def _read_argument(reader: TextReader, call: ToolCall) -> None:
    start = reader.at
    name = read_name(reader, "the name of the argument")
    if name in call.arguments:
        reader.fail(f"the argument {name[:100]!r} is given twice", start)
    reader.expect_match(_CELL_END, "'|'")
    call.arguments[name] = reader.json_value()
    reader.expect_match(_ROW_END, "the end of the row")


FORMAT = OutputFormat(
    name="markdown_table",
    title="Markdown table",
    words="Answer with a Markdown table that has a row for each argument: number of the call, tool, "
    "argument, and value as JSON. A call without arguments has one row with the last two cells "
    f"empty. Below the table, {WORDS}.",
    thought_words="above the table",
    no_call_words="there is no table",
    write=write,
    read=read,
)
