"""What is wrong with an answer, in the words of the official tool."""

from __future__ import annotations

from typing import Any

import msgspec

MAX_SHOWN = 500
"""Longer values are cut in messages."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong: the official `error_type`, and sentences that say it."""

    error_type: str
    errors: tuple[str, ...] = ()


def fault(error_type: str, error: str) -> Fault:
    """A fault with one sentence."""
    return Fault(error_type, (error,))


def shown(value: Any) -> str:
    """The value as Python writes it, cut where it is very long.

    >>> shown(["a", 1])
    "['a', 1]"
    """
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def wrong_value(name: str, value: Any, allowed: Any, error_type: str) -> Fault:
    """The fault of a value that is none of those allowed."""
    return fault(
        error_type, f"Invalid value for parameter {name!r}: {shown(value)}. Expected one of {shown(allowed)}."
    )
