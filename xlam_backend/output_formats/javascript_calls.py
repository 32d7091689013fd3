"""A list of JavaScript calls, each with one object; the thought as a comment before it.

Whole numbers that a double cannot hold end in n, as JavaScript wants it. What is no name in JavaScript
is called as `tools["the name"]({...})`.
"""

from __future__ import annotations

import re

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.json_writing import json_string
from xlam_backend.output_formats.literals import Notation, read_object, write_object
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import read_comment, write_comment

_WORD = r"[A-Za-z_$][A-Za-z0-9_$]*"
_NAME = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_JAVASCRIPT = Notation(key=re.compile(_WORD), big_suffix="n")
# Words that cannot begin the name of a function.
_RESERVED = re.compile(
    r"await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|"
    r"export|extends|false|finally|for|function|if|import|in|instanceof|let|new|null|return|"
    r"static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield"
)


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the comment and the list."""
    calls = ",\n".join([f"  {_write_call(call)}" for call in answer.calls])
    return write_comment(answer.thought, "//") + (f"[\n{calls}\n]" if calls else "[]")


def _write_call(call: ToolCall) -> str:
    is_name = _NAME.fullmatch(call.name) and not _RESERVED.fullmatch(call.name.partition(".")[0])
    name = call.name if is_name else f"tools[{json_string(call.name)}]"
    return f"{name}({write_object(call.arguments, _JAVASCRIPT) if call.arguments else ''})"


def read(text: str) -> Answer:
    """Read the comment and the list."""
    reader = TextReader(text)
    reader.skip()
    thought = read_comment(reader, "//")
    reader.skip()
    reader.expect("[")
    reader.skip()
    calls: list[ToolCall] = []
    while not reader.take("]"):
        if calls:
            reader.expect(",")
            reader.skip()
        calls.append(_read_call(reader))
        reader.skip()
    reader.expect_end()
    return Answer(thought, tuple(calls))


def _read_call(reader: TextReader) -> ToolCall:
    if reader.take("tools["):
        name = reader.json_string()
        reader.expect("]")
    else:
        name = reader.expect_match(_NAME, "the name of a function").group()
    reader.expect("(")
    reader.skip()
    arguments = read_object(reader, _JAVASCRIPT) if reader.sees("{") else {}
    reader.skip()
    reader.expect(")")
    return ToolCall(name, arguments)


FORMAT = OutputFormat(
    name="javascript_calls",
    title="JavaScript calls",
    words="Answer with a list of JavaScript calls, one per line, each with all its arguments in one object.",
    thought_words="as a comment of lines that begin with //",
    no_call_words="the list is empty",
    write=write,
    read=read,
)
