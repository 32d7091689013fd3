"""Thoughts among other text: as they are where nothing can be mistaken, else as a JSON string.

A bare thought never begins with a double quote, so the two are told apart by their first character.
"""

from __future__ import annotations

import re

from xlam_backend.output_formats.json_writing import json_string
from xlam_backend.output_formats.text_reader import TextReader

# Characters that some reader of lines takes for the end of a line, or that nobody sees.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
NO_MARKS = re.compile(r"(?!)")
# What readers of models' text take for the beginning of calls, or for what stands around a thought.
MARKS_OF_CALLS = re.compile(
    r"</?(?:tool_?call|function_?call|think)>|\[TOOL_CALLS\]|\A(?:\[|\{|```)", re.IGNORECASE
)


def write_thought(thought: str, marks: re.Pattern[str]) -> str:
    r"""Write a thought; `marks` matches what must not stand in a bare one.

    >>> write_thought("I look.", NO_MARKS), write_thought("I\rlook. ", NO_MARKS)
    ('I look.', '"I\\rlook. "')
    """
    is_bare = (
        thought == thought.strip()
        and not thought.startswith('"')
        and not _ODD.search(thought)
        and not marks.search(thought)
    )
    return thought if is_bare else json_string(thought).replace("<", "\\u003c").replace("[", "\\u005b")


def read_thought(text: str) -> str:
    """Read a thought that is the whole of a text."""
    reader = TextReader(text.strip())
    if not reader.sees('"'):
        return reader.text
    thought = reader.json_string()
    reader.expect_end()
    return thought


def read_thought_before(reader: TextReader, marks: re.Pattern[str], missing: str) -> str:
    """Read the thought, if any, up to the first mark, and go there; `missing` names what has to follow."""
    reader.skip()
    if reader.sees('"'):
        thought = reader.json_string()
        reader.skip()
        if not marks.match(reader.text, reader.at):
            reader.fail(f"{missing} is missing")
        return thought
    mark = marks.search(reader.text, reader.at)
    if mark is None:
        reader.fail(f"{missing} is missing", len(reader.text))
    thought = reader.text[reader.at : mark.start()].strip()
    reader.at = mark.start()
    return thought


def write_comment(thought: str, begin: str) -> str:
    """Write a thought as lines of a comment; `begin` is what such a line begins with."""
    if not thought:
        return ""
    lines = write_thought(thought, NO_MARKS).split("\n")
    return "".join([f"{begin} {line}\n" if line else f"{begin}\n" for line in lines])


def read_comment(reader: TextReader, begin: str) -> str:
    """Read the lines of comment that stand here, and go behind them."""
    lines: list[str] = []
    while reader.take(begin):
        end = reader.text.find("\n", reader.at)
        if end < 0:
            reader.fail("calls are missing", len(reader.text))
        lines.append(reader.text[reader.at : end].removeprefix(" "))
        reader.at = end + 1
    return read_thought("\n".join(lines))
