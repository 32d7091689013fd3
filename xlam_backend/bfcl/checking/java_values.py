r"""Java literals as Python values, by the rules of the official tool; what fits no rule stays text.

>>> convert_java("10L", "long"), convert_java("10", "long")
(10, '10')
>>> convert_java("new int[]{3, 4}", "Array", "integer")
[3, 4]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

_WHOLE = re.compile(r"^-?\d+$")
_LONG = re.compile(r"^-?\d+[lL]$")
_DOUBLE = re.compile(r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$")
_FLOAT = re.compile(r"^-?\d+(\.\d+)?([eE][+-]?\d+)?[fF]$")
_LIST_OF = re.compile(r"new\s+ArrayList<\w*>\(Arrays\.asList\((.+?)\)\)")
_LIST_BY_ADDING = re.compile(r"new\s+ArrayList<\w*>\(\)\s*\{\{\s*")
_ADDED = re.compile(r"add\((.+?)\)")
_EMPTY_LIST = re.compile(r"new\s+ArrayList<\w*>\(\)")
_ARRAY = re.compile(r"new\s+\w+\[\]\s*\{(.*?)\}")
_MAP = re.compile(r"new\s+HashMap<.*?>\s*\(\)\s*\{", re.DOTALL)
_PUT = 'put("'
_EMPTY_MAP = re.compile(r"new\s+HashMap<.*?>\s*\(\)")


class UnreadableTypeError(ValueError):
    """A declared type whose values are not read; the official tool stops at it."""


def convert_java(text: str, type_name: str, item_name: str = "") -> Any:
    """The value that a Java literal has as this type."""
    if type_name == "ArrayList":
        return _read_list(text, item_name)
    if type_name == "Array":
        return _read_array(text, item_name)
    reader = _READERS.get(type_name)
    if reader is None:
        raise UnreadableTypeError(f"Values of the type {type_name} are not read.")
    return reader(text)


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.match(text) else text


def _long(text: str) -> int | str:
    return int(text.strip()[:-1]) if _LONG.match(text) else text


def _float(text: str) -> float | str:
    return float(text.strip()[:-1]) if _FLOAT.match(text) else text


def _double(text: str) -> float | str:
    return float(text) if _DOUBLE.match(text) else text


def _boolean(text: str) -> bool | str:
    return text == "true" if text in {"true", "false"} else text


def _as_written(text: str) -> str:
    return text


def _read_list(text: str, item_name: str) -> list[Any] | str:
    read_item = _item_reader(item_name)
    if found := _LIST_OF.search(text):
        return [read_item(item.strip()) for item in found.group(1).split(",")]
    if found := _LIST_BY_ADDING.search(text):
        # At least one character stands between the braces.
        end = text.find("}}", found.end() + 1)
        return [read_item(item.strip()) for item in _ADDED.findall(text[found.end() : max(end, 0)])]
    return [] if _EMPTY_LIST.search(text) else text


def _item_reader(item_name: str) -> Callable[[str], Any]:
    if item_name in {"char", "String"}:
        return _without_quotes
    return partial(convert_java, type_name=item_name) if item_name else _any_value


def _without_quotes(text: str) -> str:
    return text[1:-1]


def _read_array(text: str, item_name: str) -> list[Any] | str:
    found = _ARRAY.search(text)
    if not found:
        return text
    read_item = partial(convert_java, type_name=item_name) if item_name else _any_value
    return [read_item(item.strip()) for item in found.group(1).split(",") if item.strip()]


def _read_map(text: str) -> dict[str, Any] | str:
    found = _MAP.search(text)
    end = text.find("}", found.end()) if found else -1
    if found and end >= 0:
        return {key: _any_value(value.strip()) for key, value in put_pairs(text[found.end() : end])}
    return {} if _EMPTY_MAP.search(text) else text


def put_pairs(text: str) -> Iterator[tuple[str, str]]:
    r"""The pairs that `put\("(.*?)",\s*(.*?)\)` finds, without its cost where a bracket is never closed."""
    at = text.find(_PUT)
    while at >= 0:
        key_at = at + len(_PUT)
        comma, closing = _end_of_pair(text, key_at)
        if closing >= 0:
            yield text[key_at:comma], text[comma + 2 : closing].lstrip()
        at = text.find(_PUT, closing + 1 if closing >= 0 else key_at)


def _end_of_pair(text: str, key_at: int) -> tuple[int, int]:
    """Where the key ends and where the bracket closes; -1 where it does not."""
    line_end = _line_end(text, key_at)
    # Where the value begins on the key's line, the first comma is as good as any; only after the last one
    # may a new line begin.
    for comma in (text.find('",', key_at, line_end), text.rfind('",', key_at, line_end)):
        if comma < 0:
            break
        value_at = comma + 2 + len(text[comma + 2 :]) - len(text[comma + 2 :].lstrip())
        closing = text.find(")", value_at, _line_end(text, value_at))
        if closing >= 0:
            return comma, closing
    return -1, -1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _any_value(text: str) -> Any:
    """A literal whose type is not declared, told by how it is written."""
    if text in {"true", "false"}:
        return text == "true"
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1]
    if _LONG.match(text):
        return int(text[:-1])
    if _FLOAT.match(text):
        return float(text[:-1])
    return number_or_text(text)


def number_or_text(text: str) -> int | float | str:
    """The number that Python reads in a text, or the text.

    >>> number_or_text("3"), number_or_text("3.5"), number_or_text("three")
    (3, 3.5, 'three')
    """
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


_READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "byte": _whole,
        "short": _whole,
        "integer": _whole,
        "long": _long,
        "float": _float,
        "double": _double,
        "boolean": _boolean,
        "HashMap": _read_map,
        "char": _as_written,
        "String": _as_written,
        "any": _as_written,
    }
)
