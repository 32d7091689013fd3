"""What a model is to write in one turn, the two ways in which that can fail, and the limits on both.

An answer is a thought (or a reply) and calls. Every format can hold every answer whose arguments are
JSON values nested no deeper than `MAX_DEPTH`; ids of calls are no part of it, for models write none.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from xlam_backend.domain.trajectory import Step, ToolCall
from xlam_backend.errors import InputError

# The same depth at which the readers of JSON stop, and more text than any model writes in a turn.
MAX_DEPTH = 100
MAX_CHARACTERS = 1_000_000
# Python turns longer numbers neither into text nor back (4,300 digits have 14,285 bits).
MAX_INTEGER_BITS = 14_000

_SMALL = 2**63
_SURELY_PLAIN = frozenset({bool, type(None)})


class Answer(msgspec.Struct, frozen=True):
    """One turn: what the agent thinks or replies, and the calls it makes; no calls = none is needed."""

    thought: str = ""
    calls: tuple[ToolCall, ...] = ()


class AnswerTextError(InputError):
    """Text that is no answer in its format: where (line and column, from 1) and why."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(
            f"Line {line}, column {column}: {reason}.",
            "Correct the text there; `output-formats show NAME` prints a right one.",
        )
        self.reason = reason
        self.line = line
        self.column = column


class UnwritableAnswerError(InputError):
    """An answer that no format can hold: an unreadable call, a value that is no JSON, too much of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This answer cannot be written: {reason}.", "Correct or leave out its trajectory.")
        self.reason = reason


def answer_of(step: Step) -> Answer:
    """Return what the agent says in a step, as an answer.

    >>> answer_of(Step("I look.", (ToolCall("look", call_id="c1"),)))
    Answer(thought='I look.', calls=(ToolCall(name='look', arguments={}, call_id='', unreadable=''),))
    """
    return Answer(
        step.thought,
        tuple(ToolCall(call.name, call.arguments, "", call.unreadable) for call in step.tool_calls),
    )


def find_fault(answer: Answer) -> str:
    """Say why no format can hold an answer; "" when all can."""
    fault = find_text_fault(answer.thought)
    for call in answer.calls:
        if call.unreadable:
            return f"the arguments of {call.name[:100]!r} are no JSON object"
        fault = fault or find_text_fault(call.name) or _fault_of_value(call.arguments)
    return fault


def find_text_fault(text: str) -> str:
    """Say why no format can hold a text; "" when all can."""
    if text.isascii():
        return ""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a text holds half a surrogate pair"
    return ""


def _fault_of_value(value: Any) -> str:
    """Look at a value level by level, without recursion: it may be deeper than the stack allows."""
    if _is_simple(value):
        return ""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for one in level:
            fault = _fault_of_one(one, inner)
            if fault:
                return fault
        if not inner:
            return ""
        level = inner
    return f"arguments are nested deeper than {MAX_DEPTH} levels"


def _is_simple(arguments: Any) -> bool:
    """Tell, in the least time, the arguments of most calls: plain texts, small numbers, true, false, null."""
    for key, value in arguments.items():
        kind = type(value)
        if kind is str:
            if not value.isascii():
                return False
        elif kind is int:
            if not -_SMALL < value < _SMALL:
                return False
        elif kind not in _SURELY_PLAIN:
            return False
        if type(key) is not str or not key.isascii():
            return False
    return True


def _fault_of_one(value: Any, inner: list[Any]) -> str:
    """Look at one value; what stands inside it is added to `inner`."""
    kind = type(value)
    if kind is str:
        return "" if value.isascii() else find_text_fault(value)
    if kind is dict:
        inner += value.values()
        for key in value:
            if type(key) is not str:
                return f"the key {key!r} is no text"
            if not key.isascii() and find_text_fault(key):
                return "a key holds half a surrogate pair"
        return ""
    if kind is list:
        inner += value
        return ""
    return "" if kind in _SURELY_PLAIN else _fault_of_number(value)


def _fault_of_number(value: Any) -> str:
    if type(value) is int:
        return "a whole number is too long" if value.bit_length() > MAX_INTEGER_BITS else ""
    if type(value) is float:
        return "" if math.isfinite(value) else f"{value} is no JSON number"
    return f"a {type(value).__name__} is no JSON value"
