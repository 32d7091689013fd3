"""Works out arithmetic of constants, such as `1/6`, by walking its syntax tree; nothing is ever run.

The official tool evaluates such an expression as Python. What may be in it here is constants, lists and
operators, and no result may grow without bounds.

    >>> import ast
    >>> calculate(ast.parse("24 * 60 + 1", mode="eval").body)
    1441
    >>> calculate(ast.parse("9 ** 9 ** 9", mode="eval").body)
    Traceback (most recent call last):
    ...
    xlam_backend.bfcl.decoding.base.UndecodableError: The result of the arithmetic is too large.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from xlam_backend.bfcl.decoding.base import UndecodableError

MAX_BITS = 10_000
"""Whole numbers may not become longer (Python itself prints none beyond some 14,000 bits)."""

MAX_LENGTH = 100_000
"""Nor may texts and lists."""

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: operator.pow,
        ast.LShift: operator.lshift,
        ast.RShift: operator.rshift,
        ast.BitOr: operator.or_,
        ast.BitXor: operator.xor,
        ast.BitAnd: operator.and_,
    }
)
_SIGNS: Mapping[type[ast.unaryop], Callable[[Any], Any]] = MappingProxyType(
    {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Invert: operator.invert, ast.Not: operator.not_}
)


def calculate(node: ast.expr) -> Any:
    """The value of an expression of constants; an UndecodableError where there is anything else in it."""
    return calculate_with(node, {})


def calculate_with(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression of constants and of names whose values are given."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.List):
        return [calculate_with(item, names) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(calculate_with(item, names) for item in node.elts)
    if isinstance(node, ast.UnaryOp):
        return _apply(_SIGNS[type(node.op)], calculate_with(node.operand, names))
    if isinstance(node, ast.BinOp):
        left, right = calculate_with(node.left, names), calculate_with(node.right, names)
        _refuse_unbounded(type(node.op), left, right)
        return _apply(_OPERATORS.get(type(node.op), _unknown), left, right)
    raise UndecodableError(f"Arithmetic with a {type(node).__name__} is not worked out.")


def _apply(function: Callable[..., Any], *operands: Any) -> Any:
    try:
        return function(*operands)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise UndecodableError(f"The arithmetic has no result: {error}.") from None


def _unknown(*_operands: Any) -> Any:
    raise TypeError("unknown operator")


def _refuse_unbounded(kind: type[ast.operator], left: Any, right: Any) -> None:
    """Refuse what would take long or much memory, before it is done."""
    if kind is ast.Mod and isinstance(left, str | bytes):
        raise UndecodableError("Text is not filled in.")
    if isinstance(left, int) and isinstance(right, int):
        too_large = _bits(kind, left, right) > MAX_BITS
    else:
        too_large = kind is ast.Mult and _length(left, right) > MAX_LENGTH
    if too_large:
        raise UndecodableError("The result of the arithmetic is too large.")


def _bits(kind: type[ast.operator], left: int, right: int) -> int:
    if kind is ast.Pow:
        # The powers of 0, 1 and -1 stay small however large the exponent is.
        return left.bit_length() * max(right, 1) if abs(left) > 1 else 1
    if kind is ast.LShift:
        return left.bit_length() + max(right, 0)
    return left.bit_length() + right.bit_length()


def _length(left: Any, right: Any) -> int:
    """How long a repeated text or list becomes; 0 for numbers."""
    if isinstance(right, int):
        left, right = right, left
    if isinstance(left, int) and isinstance(right, str | bytes | list | tuple):
        return max(left, 0) * len(right)
    return 0
