r"""JavaScript literals as Python values, by the rules of the official tool; what fits no rule stays text.

>>> convert_javascript("10n", "Bigint"), convert_javascript("10", "Boolean")
(10, '10')
>>> convert_javascript("[1, 'a']", "array")
[1, 'a']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from xlam_backend.bfcl.checking.java_values import UnreadableTypeError, number_or_text

_WHOLE = re.compile(r"^-?\d+$")
_FLOAT = re.compile(r"^-?\d+(\.\d+)?$")
_BIG = re.compile(r"^-?\d+n$")
_LISTS = re.compile(r"(\[|new\s+Array\()\s*\[")
_LISTS_GO_ON = re.compile(r"\s*,\s*\[")
_LISTS_END = re.compile(r"\s*([\])])")
_INNER_LIST = re.compile(r"\[(.*?)\]")
_LIST = re.compile(r"\[(.*?)\]|\bnew\s+Array\((.*?)\)")
_OBJECT = re.compile(r"\{(.*?)\}")
_PAIR = re.compile(r"([^:]+):\s*(.*?)(?:,\s*(?=[^,]+:)|$)")


def convert_javascript(text: str, type_name: str, item_name: str = "") -> Any:
    """The value that a JavaScript literal has as this type."""
    if type_name == "array":
        return _read_array(text, item_name)
    reader = _READERS.get(type_name)
    if reader is None:
        raise UnreadableTypeError(f"Values of the type {type_name} are not read.")
    return reader(text)


def _string(text: str) -> str:
    return text[1:-1] if _is_quoted(text) else text


def _is_quoted(text: str) -> bool:
    return any(text.startswith(quote) and text.endswith(quote) for quote in ('"', "'"))


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.match(text) else text


def _float(text: str) -> float | str:
    return float(text) if _FLOAT.match(text) else text


def _big(text: str) -> int | str:
    return int(text.strip()[:-1]) if _BIG.match(text) else text


def _boolean(text: str) -> bool | str:
    return text == "true" if text in {"true", "false"} else text


def _as_written(text: str) -> str:
    return text


def _read_array(text: str, item_name: str) -> list[Any] | str:
    code = text.strip()
    if lists := list_of_lists(code):
        return _read_lists(lists)
    found = _LIST.match(code)
    if not found:
        return code
    inside = (found.group(1) if found.group(1) is not None else found.group(2)).strip()
    items = [item.strip() for item in inside.split(",")] if inside else []
    try:
        return [convert_javascript(item, item_name) if item_name else _any_value(item) for item in items]
    except ValueError:
        return code


def list_of_lists(code: str) -> str:
    """The beginning of the text that is a list of lists; "" where none is.

    It ends where the bracket of an inner list is followed by that of the outer one. The official tool
    looks for this with an expression whose search takes ages where brackets are never closed.
    """
    found = _LISTS.match(code)
    if not found:
        return ""
    closing = "]" if found.group(1) == "[" else ")"
    at, line_end = found.end(), _line_end(code, found.end())
    while 0 <= (at := code.find("]", at)) < line_end:
        at += 1
        end = _LISTS_END.match(code, at)
        if end and end.group(1) == closing:
            return code[: end.end()]
        if more := _LISTS_GO_ON.match(code, at):
            # Only between two lists may a new line begin.
            line_end = max(line_end, _line_end(code, more.end()))
    return ""


def _line_end(code: str, at: int) -> int:
    end = code.find("\n", at)
    return end if end >= 0 else len(code)


def _read_lists(code: str) -> list[Any]:
    """A list of lists; deeper ones are not told apart, and neither are commas in texts."""
    lists = []
    for number, inside in enumerate(_INNER_LIST.findall(code)):
        own = inside.strip()
        if number == 0:
            # The search begins at the outer bracket, so that the inner one is still there.
            own = own.removeprefix("[")
        lists.append([_any_value(item.strip()) for item in own.split(",")])
    return lists


def _read_object(text: str) -> dict[str, Any] | str:
    code = text.strip()
    if code == "{}":
        return {}
    found = _OBJECT.match(code)
    if not found:
        return code
    if ":" not in found.group(1):
        return {}
    return {
        key.strip().strip("'\""): _object_value(value.strip()) for key, value in _PAIR.findall(found.group(1))
    }


def _object_value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return _read_array(text, "")
    if text.startswith("{") and text.endswith("}"):
        return _read_object(text)
    return _any_value(text.strip("'\""))


def _any_value(text: str) -> Any:
    """A literal whose type is not declared, told by how it is written."""
    bare = text.strip()
    if bare in {"true", "false"}:
        return bare == "true"
    return bare[1:-1] if _is_quoted(bare) else number_or_text(bare)


_READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "String": _string,
        "integer": _whole,
        "float": _float,
        "Bigint": _big,
        "Boolean": _boolean,
        "dict": _read_object,
        "any": _as_written,
    }
)
