"""A list of Python calls with named arguments; the thought as a comment before it.

Arguments whose names are no Python names come as `**{"the name": 1}`; a function whose name is none is
called as `call("the name", ...)`. Read with Python's own grammar: nothing is ever run.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from typing import Any, NoReturn

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import MAX_DEPTH, Answer, AnswerTextError
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.json_writing import json_string
from xlam_backend.output_formats.literals import Notation, write_literal, write_object
from xlam_backend.output_formats.text_reader import TextReader
from xlam_backend.output_formats.thought_text import read_comment, write_comment

_WORD = r"[A-Za-z_][A-Za-z0-9_]*"
_ARGUMENT = re.compile(_WORD)
_NAME = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_PYTHON = Notation(key=None, true="True", false="False", null="None")
# __debug__ is the one name that Python lets nobody give.
_RESERVED = frozenset({*keyword.kwlist, "__debug__"})


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the comment and the list."""
    calls = ", ".join([_write_call(call) for call in answer.calls])
    return f"{write_comment(answer.thought, '#')}[{calls}]"


def _write_call(call: ToolCall) -> str:
    if all(_ARGUMENT.fullmatch(name) and name not in _RESERVED for name in call.arguments):
        written = [f"{name}={write_literal(value, _PYTHON)}" for name, value in call.arguments.items()]
    else:
        written = [f"**{write_object(call.arguments, _PYTHON)}"]
    if _NAME.fullmatch(call.name) and _RESERVED.isdisjoint(call.name.split(".")):
        return f"{call.name}({', '.join(written)})"
    return f"call({', '.join((json_string(call.name), *written))})"


def read(text: str) -> Answer:
    """Read the comment and the list."""
    reader = TextReader(text)
    reader.skip()
    thought = read_comment(reader, "#")
    reader.skip()
    first_line = text.count("\n", 0, reader.at)
    node = _parse(text[reader.at :], first_line)
    if not isinstance(node, ast.List):
        _refuse(node, "not a list of calls", first_line)
    return Answer(thought, tuple(_read_call(item, first_line) for item in node.elts))


def _parse(text: str, first_line: int) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        reason = f"not Python: {error.msg}"[:200]
        raise AnswerTextError(reason, first_line + (error.lineno or 1), error.offset or 1) from None
    except (ValueError, MemoryError) as error:
        raise AnswerTextError(f"not Python: {error}"[:200], first_line + 1) from None


def _refuse(node: ast.AST, reason: str, first_line: int) -> NoReturn:
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    raise AnswerTextError(reason, first_line + line, column + 1)


def _read_call(node: ast.expr, first_line: int) -> ToolCall:
    if not isinstance(node, ast.Call):
        _refuse(node, "not a call", first_line)
    name = _dotted_name(node.func, first_line)
    if node.args:
        first = node.args[0]
        is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
        if name != "call" or len(node.args) != 1 or not is_text:
            _refuse(first, "an argument has no name", first_line)
        name = ast.literal_eval(first)
    return ToolCall(name, _read_arguments(node.keywords, first_line))


def _dotted_name(node: ast.expr, first_line: int) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        _refuse(node, "not the name of a function", first_line)
    return ".".join((node.id, *reversed(parts)))


def _read_arguments(keywords: list[ast.keyword], first_line: int) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for given in keywords:
        if given.arg is not None:
            read = {given.arg: _read_value(given.value, first_line, 1)}
        elif isinstance(given.value, ast.Dict):
            read = _read_dictionary(given.value, first_line, 0)
        else:
            _refuse(given.value, "no dictionary stands behind **", first_line)
        twice = arguments.keys() & read.keys()
        if twice:
            _refuse(given.value, f"the argument {min(twice)[:100]!r} is given twice", first_line)
        arguments |= read
    return arguments


def _read_value(node: ast.expr, first_line: int, depth: int) -> Any:
    if depth > MAX_DEPTH + 1:
        _refuse(node, f"nested deeper than {MAX_DEPTH} levels", first_line)
    if isinstance(node, ast.List):
        return [_read_value(item, first_line, depth + 1) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _read_dictionary(node, first_line, depth)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if type(number) in (int, float):
            return -number  # type: ignore[operator]  # mypy does not follow type() in a tuple
    elif isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    return _refuse(node, "not a plain value", first_line)


def _read_dictionary(node: ast.Dict, first_line: int, depth: int) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            _refuse(key or value, "a key is no text", first_line)
        if key.value in read:
            _refuse(key, f"the key {key.value[:100]!r} stands twice in one dictionary", first_line)
        read[key.value] = _read_value(value, first_line, depth + 1)
    return read


FORMAT = OutputFormat(
    name="python_calls",
    title="Python calls",
    words="Answer with a Python list of calls, every argument given by its name.",
    thought_words="as a comment of lines that begin with #",
    no_call_words="the list is empty",
    write=write,
    read=read,
)
