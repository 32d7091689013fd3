"""Values in the notations of programming languages: written, and read back, by the same few settings."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from xlam_backend.output_formats.answer import MAX_DEPTH
from xlam_backend.output_formats.json_writing import json_string
from xlam_backend.output_formats.text_reader import TextReader

_LARGEST_EXACT = 2**53 - 1


class Notation(msgspec.Struct, frozen=True):
    """How a language writes values.

    key          keys that need no quotes
    mark         what stands between a key and its value
    true, false, null  the words for them; in a language without null, the object that stands for it
    padding      what stands inside the braces of an object that is not empty
    big_suffix   what follows whole numbers that a double cannot hold exactly
    null_key     the one key of the object that stands for null, in a language without null
    """

    key: re.Pattern[str] | None
    mark: str = ": "
    true: str = "true"
    false: str = "false"
    null: str = "null"
    padding: str = ""
    big_suffix: str = ""
    null_key: str = ""


def write_literal(value: Any, notation: Notation) -> str:
    """Write a JSON value in a notation."""
    kind = type(value)
    if kind is str:
        return _string(value, notation)
    if kind is dict:
        return write_object(value, notation)
    if kind is list:
        return f"[{', '.join([write_literal(item, notation) for item in value])}]"
    if kind is bool:
        return notation.true if value else notation.false
    if value is None:
        return notation.null
    is_big = notation.big_suffix and kind is int and abs(value) > _LARGEST_EXACT
    return f"{value!r}{notation.big_suffix}" if is_big else repr(value)


def write_object(value: dict[str, Any], notation: Notation) -> str:
    """Write an object in a notation."""
    if not value:
        return "{}"
    mark = notation.mark
    members = ", ".join(
        [f"{write_key(key, notation)}{mark}{write_literal(item, notation)}" for key, item in value.items()]
    )
    return f"{{{notation.padding}{members}{notation.padding}}}"


def write_key(key: str, notation: Notation) -> str:
    """Write a key, bare where the language allows it."""
    if notation.null_key and key.startswith("$") and key.lstrip("$") == notation.null_key:
        key = f"${key}"
    return key if notation.key is not None and notation.key.fullmatch(key) else _string(key, notation)


def _string(text: str, notation: Notation) -> str:
    written = json_string(text)
    # DEL is a control character to TOML, which wants those escaped.
    return written.replace("\x7f", "\\u007f") if notation.null_key else written


def read_literal(reader: TextReader, notation: Notation, depth: int = 0) -> Any:
    """Read the value that begins here."""
    if depth > MAX_DEPTH + 1:
        reader.fail(f"nested deeper than {MAX_DEPTH} levels")
    if reader.sees('"'):
        return reader.json_string()
    if reader.take("["):
        return _read_list(reader, notation, depth)
    if reader.sees("{"):
        return _read_object(reader, notation, depth)
    number = reader.number()
    if number is None:
        return _read_word(reader, notation)
    if notation.big_suffix and type(number) is int and abs(number) > _LARGEST_EXACT:
        reader.expect(notation.big_suffix)
    return number


def read_object(reader: TextReader, notation: Notation) -> dict[str, Any]:
    """Read the object that begins here."""
    start = reader.at
    value = _read_object(reader, notation, 0)
    if not isinstance(value, dict):
        reader.fail("an object is missing", start)
    return value


def _read_word(reader: TextReader, notation: Notation) -> Any:
    words = ((notation.true, True), (notation.false, False), (notation.null, None))
    for word, value in words:
        if reader.take(word):
            return value
    return reader.fail("a value is missing")


def _read_list(reader: TextReader, notation: Notation, depth: int) -> list[Any]:
    items: list[Any] = []
    reader.skip()
    if reader.take("]"):
        return items
    while True:
        items.append(read_literal(reader, notation, depth + 1))
        reader.skip()
        if reader.take("]"):
            return items
        reader.expect(",")
        reader.skip()


def _read_object(reader: TextReader, notation: Notation, depth: int) -> dict[str, Any] | None:
    members: dict[str, Any] = {}
    reader.expect("{")
    reader.skip()
    while not reader.take("}"):
        if members:
            reader.expect(",")
            reader.skip()
        start = reader.at
        key = _read_key(reader, notation)
        if key in members:
            reader.fail(f"the key {key[:100]!r} stands twice in one object", start)
        reader.skip()
        reader.expect(notation.mark.strip())
        reader.skip()
        members[key] = read_literal(reader, notation, depth + 1)
        reader.skip()
    return _without_null_keys(reader, members, notation.null_key) if notation.null_key else members


def _read_key(reader: TextReader, notation: Notation) -> str:
    match = reader.match(notation.key) if notation.key is not None else None
    return match.group() if match else reader.json_string()


def _without_null_keys(reader: TextReader, members: dict[str, Any], null_key: str) -> dict[str, Any] | None:
    """Return null for the object that stands for it; other keys of that kind lose the `$` they were given."""
    mark = f"${null_key}"
    if mark not in members:
        return {
            key[1:] if key.startswith("$$") and key.lstrip("$") == null_key else key: value
            for key, value in members.items()
        }
    if members != {mark: True} or members[mark] is not True:
        reader.fail(f"{mark!r} is a key of nothing but null")
    return None
