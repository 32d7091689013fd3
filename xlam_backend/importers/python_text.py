"""Reads Python literals and calls that stand as text, by walking the syntax tree: nothing is ever run.

Some sources write lists and dictionaries as Python does (`['John', 'Jane']`, `{"a": 'b'}`), and some
models answer with calls such as `[get_weather(city="Oslo"), now()]`. Values come back as JSON values:
tuples and sets as lists, True/true, None/null alike. What is no plain value is refused, not guessed.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable
from typing import Any

import msgspec

MAX_CHARACTERS = 200_000
MAX_DEPTH = 60
# Products and sums beyond this are no argument anybody meant, and large powers of them cost memory.
_MAX_NUMBER = 10**30
_LINE_END = re.compile(rb"\r\n|\r|\n")  # what Python counts as one; offsets in a line count bytes

_NAMED_VALUES = {"true": True, "false": False, "null": None}
_OPERATIONS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class PythonTextError(ValueError):
    """Text that is no Python literal or call; the message says why."""


class PythonCall(msgspec.Struct, frozen=True):
    """A call as written: its dotted name, its arguments by place and by name, and its text."""

    name: str
    positional: tuple[Any, ...] = ()
    keywords: dict[str, Any] = msgspec.field(default_factory=dict)
    text: str = ""
    fault: str = ""


def parse_literal(text: str) -> Any:
    """Read one literal as a JSON value.

    >>> parse_literal("{'a': (1, -2.5), 'b': None}")
    {'a': [1, -2.5], 'b': None}
    """
    return literal_value(_parse(text))


def parse_calls(text: str) -> tuple[PythonCall, ...]:
    """Read `f(a=1)`, `[f(a=1), g.h()]` or one call per line; names may hold spaces inside the brackets.

    A call whose arguments are no plain values comes back with its `fault` and no arguments.

    >>> [(call.name, call.keywords) for call in parse_calls('[Market Trends API(country="us"), now()]')]
    [('Market Trends API', {'country': 'us'}), ('now', {})]
    """
    stripped = text.strip()
    try:
        return _calls_of(_parse(stripped), stripped)
    except PythonTextError:
        return _scan_calls(stripped)


def literal_value(node: ast.AST, depth: int = 0) -> Any:
    """Return the JSON value a syntax node stands for; PythonTextError when it stands for none."""
    if depth > MAX_DEPTH:
        raise PythonTextError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Name) and node.id in _NAMED_VALUES:
        return _NAMED_VALUES[node.id]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [literal_value(item, depth + 1) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _dictionary(node, depth)
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        return _number(node, depth)
    raise PythonTextError(f"{_unparse(node)} is no plain value")


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise PythonTextError(f"longer than {MAX_CHARACTERS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise PythonTextError(f"not Python: {str(error)[:120]}") from None


def _constant(value: Any) -> Any:
    if isinstance(value, str):
        # Halves of surrogate pairs are joined where they meet and replaced where they stand alone.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        raise PythonTextError("a number is too large for any number type")
    if value is None or isinstance(value, bool | int | float):
        return value
    raise PythonTextError(f"{value!r} has no JSON form")


def _dictionary(node: ast.Dict, depth: int) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        key = literal_value(key_node, depth + 1) if key_node is not None else None
        if not isinstance(key, str) or key in read:
            raise PythonTextError(f"the key {key!r} is no text or stands twice")
        read[key] = literal_value(value_node, depth + 1)
    return read


def _number(node: ast.UnaryOp | ast.BinOp, depth: int) -> Any:
    if isinstance(node, ast.UnaryOp):
        operands = [literal_value(node.operand, depth + 1)]
    else:
        operands = [literal_value(side, depth + 1) for side in (node.left, node.right)]
    operate = _OPERATIONS.get(type(node.op))
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in operands)
    if operate is None or not are_numbers:
        raise PythonTextError(f"{_unparse(node)} is no plain value")
    try:
        result = operate(*operands)
    except (ArithmeticError, ValueError):
        raise PythonTextError(f"{_unparse(node)} has no value") from None
    if abs(result) > _MAX_NUMBER and len(operands) > 1:
        raise PythonTextError(f"{_unparse(node)} is too large")
    return _constant(result)


def _unparse(node: ast.AST) -> str:
    try:
        return repr(ast.unparse(node)[:80])
    except (RecursionError, ValueError):
        return "an expression"


def _calls_of(node: ast.expr, text: str) -> tuple[PythonCall, ...]:
    nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    if not all(isinstance(item, ast.Call) for item in nodes):
        raise PythonTextError("not a call or a list of calls")
    source = _Source(text)
    return tuple(
        _call(item, _dotted_name(item.func), source.of(item)) for item in nodes if isinstance(item, ast.Call)
    )


class _Source:
    """The text of syntax nodes; `ast.get_source_segment` takes all lines apart anew for each of them."""

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()
        self._lines = [0, *(end.end() for end in _LINE_END.finditer(self._bytes))]

    def of(self, node: ast.Call) -> str:
        begin = self._lines[node.lineno - 1] + node.col_offset
        end = self._lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return self._bytes[begin:end].decode()


def _dotted_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted_name(node.value)}.{node.attr}"
    raise PythonTextError(f"{_unparse(node)} is no function name")


def _call(node: ast.Call, name: str, text: str) -> PythonCall:
    try:
        keywords = {_keyword_name(keyword): literal_value(keyword.value) for keyword in node.keywords}
        positional = tuple(literal_value(argument) for argument in node.args)
    except PythonTextError as error:
        return PythonCall(name=name, text=text, fault=str(error))
    return PythonCall(name=name, positional=positional, keywords=keywords, text=text)


def _keyword_name(keyword: ast.keyword) -> str:
    if keyword.arg is None:
        raise PythonTextError("** arguments have no names")
    return keyword.arg


def _scan_calls(text: str) -> tuple[PythonCall, ...]:
    """Read calls whose names are no Python names, or that stand one per line."""
    is_bracketed = text.startswith("[") and text.endswith("]")
    inner = text[1:-1] if is_bracketed else text
    calls, rest = [], inner.strip()
    while rest:
        opening = rest.find("(")
        closing = _closing_bracket(rest, opening)
        name = rest[:opening].strip()
        if opening <= 0 or closing < 0 or not _is_plausible_name(name, is_bracketed=is_bracketed):
            raise PythonTextError("not a call or a list of calls")
        calls.append(_scanned_call(name, rest[: closing + 1], rest[opening : closing + 1]))
        rest = rest[closing + 1 :].lstrip(" \t,;\n\r")
    if not calls:
        raise PythonTextError("not a call or a list of calls")
    return tuple(calls)


def _scanned_call(name: str, text: str, bracketed: str) -> PythonCall:
    try:
        node = _parse(f"f{bracketed}")
    except PythonTextError as error:
        return PythonCall(name=name, text=text, fault=str(error))
    if not isinstance(node, ast.Call):
        return PythonCall(name=name, text=text, fault="not a call")
    return _call(node, name, text)


def _is_plausible_name(name: str, *, is_bracketed: bool) -> bool:
    """Say whether this may name a function; outside brackets only dotted names do, so that prose does not."""
    if not is_bracketed:
        return all(part.isidentifier() for part in name.split("."))
    return 0 < len(name) <= 120 and "\n" not in name and not set(name) & set("\"'`{}[]=:;!?")


def _closing_bracket(text: str, opening: int) -> int:
    """Return where the bracket at `opening` closes, -1 when it does not; brackets in quotes do not count."""
    depth, quote, position = 0, "", opening
    while 0 <= position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1
