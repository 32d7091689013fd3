"""Writes JSON values for people: short enough for a message, or whole and indented."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

MAX_SHOWN = 60
_SHORT = 72


def show_value(value: Any, limit: int = MAX_SHOWN) -> str:
    """Write a value as JSON, cut at the limit.

    >>> show_value({"a": [1, True]}), show_value("x" * 100, 5)
    ('{"a": [1, true]}', '"xxxx…')
    """
    if isinstance(value, str):
        value = value[: limit + 1]  # a text of megabytes is not written out whole to be cut
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (RecursionError, ValueError):
        text = type(value).__name__
    return text if len(text) <= limit else text[:limit] + "…"


def json_text(value: Any) -> str:
    """Write a value as JSON: on one line when short, indented otherwise.

    >>> json_text({"a": [1, 2]})
    '{"a": [1, 2]}'
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    encoded = msgspec.json.encode(value)
    line = msgspec.json.format(encoded, indent=0).decode()
    return line if len(line) <= _SHORT or is_plain(value) else msgspec.json.format(encoded, indent=2).decode()


def content_text(content: Any) -> str:
    """Write an observation's content: text as it is, anything else as JSON."""
    return content if isinstance(content, str) else json_text(content)


def is_plain(value: Any) -> bool:
    """Tell whether a value holds no other."""
    return value is None or isinstance(value, (str, bool, int, float))
