"""Reads calls written as Python, `[area(base=10, height=5)]`, from their syntax tree; nothing is ever run.

Parity with the official tool asks for its peculiarities. Every sign negates: `-3`, but also `+3`
and `~3`, are -3. Arguments without a name are dropped. A name is read as its own text, and so is
a call without named arguments.

    >>> read_python_calls("[math.area(10, base=2*5, height=height, deep=f(a=1))]")
    [{'math.area': {'base': 10, 'height': 'height', 'deep': {'f': {'a': 1}}}}]
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from xlam_backend.bfcl.decoding.arithmetic import calculate
from xlam_backend.bfcl.decoding.base import UndecodableError

# Decimal numbers of that length Python refuses itself; these it would read, and not write out again.
_LONG_NUMBER = re.compile(r"0[xob][0-9a-f_]{2500}", re.IGNORECASE)


def read_python_calls(text: str) -> list[dict[str, dict[str | None, Any]]]:
    """The calls in a list, or the one call, that the text is."""
    # Models put single quotes around the whole.
    body = _parse(text.strip().strip("'"))
    return [_read_call(call) for call in ([body] if isinstance(body, ast.Call) else _listed_calls(body))]


def read_listed_values(text: str) -> list[Any]:
    """The calls in a list, as BFCL v1 read them: one without named arguments comes out as its text."""
    return [_read_inner_call(call) for call in _listed_calls(_parse(text))]


def _listed_calls(body: ast.expr) -> list[ast.Call]:
    if not isinstance(body, ast.List | ast.Tuple | ast.Set):
        raise UndecodableError(f"Calls were expected, and a {type(body).__name__} came.")
    calls = []
    for item in body.elts:
        if not isinstance(item, ast.Call):
            raise UndecodableError(f"A call was expected, and a {type(item).__name__} came.")
        calls.append(item)
    return calls


def _parse(text: str) -> ast.expr:
    if _LONG_NUMBER.search(text):
        raise UndecodableError("A number has more digits than can be read.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise UndecodableError(f"Not Python: {error.msg} (line {error.lineno}).") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise UndecodableError(f"Not Python: {error}.") from None


def _read_call(call: ast.Call) -> dict[str, dict[str | None, Any]]:
    # The name of `**more` is None: no tool has such an argument, so the checker finds it.
    return {_dotted_name(call.func): {word.arg: _read_value(word.value) for word in call.keywords}}


def _dotted_name(node: ast.expr) -> str:
    """`a.b.c` of the parts that are names; of anything else in front, nothing is left."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _read_value(node: ast.expr | None) -> Any:
    reader = _READERS.get(type(node))
    if reader is None:
        raise UndecodableError(f"A {type(node).__name__} is no value.")
    return reader(node)


def _read_constant(node: ast.Constant) -> Any:
    return "..." if node.value is Ellipsis else node.value


def _read_sign(node: ast.UnaryOp) -> Any:
    # The official tool negates whatever the sign is; scores would differ if this were right.
    operand = node.operand
    if isinstance(operand, ast.Constant) and isinstance(operand.value, int | float | complex):
        return -operand.value
    raise UndecodableError("Only a number can have a sign.")


def _read_list(node: ast.List) -> list[Any]:
    return [_read_value(item) for item in node.elts]


def _read_tuple(node: ast.Tuple) -> tuple[Any, ...]:
    return tuple(_read_value(item) for item in node.elts)


def _read_dict(node: ast.Dict) -> dict[Any, Any]:
    pairs = [(_read_value(key), _read_value(value)) for key, value in zip(node.keys, node.values)]
    try:
        return dict(pairs)
    except TypeError as error:
        raise UndecodableError(f"A key of a dict cannot be used: {error}.") from None


def _read_name(node: ast.Name) -> str:
    return node.id


def _read_inner_call(node: ast.Call) -> Any:
    return _read_call(node) if node.keywords else ast.unparse(node)


def _read_subscript(node: ast.Subscript) -> str:
    return f"{ast.unparse(node.value)}[{ast.unparse(node.slice)}]"


_READERS: Mapping[type[ast.expr | None], Callable[[Any], Any]] = MappingProxyType(
    {
        ast.Constant: _read_constant,
        ast.UnaryOp: _read_sign,
        ast.BinOp: calculate,
        ast.List: _read_list,
        ast.Tuple: _read_tuple,
        ast.Dict: _read_dict,
        ast.Name: _read_name,
        ast.Call: _read_inner_call,
        ast.Subscript: _read_subscript,
    }
)
