"""Fences around what a model must read as data: no text inside can close its fence or open another.

A block looks like this; the mark is made from the name and the text, so it is the same every time:

    <<<item 5f0c...>>>
    {"query": "..."}
    <<<end item 5f0c...>>>
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from xlam_backend.domain.content_hash import content_hash

# Invisible characters, reversed text and line ends that only some readers know are written out.
ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
NAME = re.compile(r"[a-z][a-z_0-9]*")
OPENING = re.compile(r"^<<<([a-z][a-z_0-9]*) ([0-9a-f]{32})>>>\n", re.MULTILINE)


class Block(msgspec.Struct, frozen=True):
    """A fenced part of a prompt: the name it was given, and its text."""

    name: str
    text: str


def fence(name: str, text: str) -> str:
    r"""Put a fence around a text.

    >>> print(fence("item", "Bonn"))
    <<<item 77b7ec030817017cb729e5784c674335>>>
    Bonn
    <<<end item 77b7ec030817017cb729e5784c674335>>>
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a fenced block")
    mark = _mark(name, text)
    return f"<<<{name} {mark}>>>\n{text}\n<<<end {name} {mark}>>>"


def fence_json(name: str, value: Any) -> str:
    """Put a fence around a value as JSON; characters that cannot be seen are written out."""
    return fence(name, shown_json(value))


def shown_json(value: Any) -> str:
    r"""Write a value as JSON with a line for each member, and nothing in it that cannot be seen.

    >>> shown_json(["a\u202eb"])
    '[\n  "a\\u202eb"\n]'
    """
    # The standard writer takes integers of any size and lone surrogates; msgspec takes neither.
    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=2)
    if text.isascii() and "\x7f" not in text:  # the writer has escaped the other controls
        return text
    return "".join(character if _is_seen(character) else _escaped(character) for character in text)


def read_blocks(prompt: str) -> list[Block]:
    """Return the fenced blocks of a prompt in order; what looks like a block inside one is its text."""
    return [block for block, _, _ in _found(prompt)]


def without_blocks(prompt: str) -> str:
    r"""Return what stands around the blocks: the words of the prompt's author.

    >>> without_blocks("Read this:\n" + fence("item", "x") + "\nNow!")
    'Read this:\n\nNow!'
    """
    words, position = [], 0
    for _, begin, after in _found(prompt):
        words.append(prompt[position:begin])
        position = after
    return "".join([*words, prompt[position:]])


def _found(prompt: str) -> Iterator[tuple[Block, int, int]]:
    """Yield each block with the places where its fence begins and ends."""
    position = 0
    while opening := OPENING.search(prompt, position):
        name, mark = opening.groups()
        closing = f"\n<<<end {name} {mark}>>>"
        end = prompt.find(closing, opening.end())
        text = prompt[opening.end() : end]
        position = opening.end()
        if end >= 0 and _mark(name, text) == mark:
            position = end + len(closing)
            yield Block(name, text), opening.start(), position


def _mark(name: str, text: str) -> str:
    """Return the first mark that the text does not hold; each is a hash over the text itself."""
    mark = content_hash(f"{name}\n{text}".encode("utf-8", "surrogatepass"))
    while mark in text:
        mark = content_hash(mark.encode())
    return mark


def _is_seen(character: str) -> bool:
    return character == "\n" or unicodedata.category(character) not in ESCAPED_CATEGORIES


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
