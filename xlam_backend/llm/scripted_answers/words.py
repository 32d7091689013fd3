"""Compares words as a simple reader does: without case, accents and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DEEPEST = 40
# Words that say nothing about what is wanted.
_COMMON_TEXT = """
a an and are as at be by for from get has have i in is it me my of on or please that the this to with what
which you your
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def plain(text: str) -> str:
    """Return the words of a text with one space between them.

    >>> plain("Zürich, get_weather!")
    'zurich get weather'
    """
    bare = "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    )
    return " ".join(_WORD.findall(bare.casefold()))


def telling_words(text: str) -> set[str]:
    """Return the words of a text that say what it is about."""
    return {word for word in plain(text).split() if len(word) > 1 and word not in _COMMON}


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text as they are written, without commas inside them."""
    return _NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", text))


def texts_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield every text and number inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield f"{value:g}" if isinstance(value, float) else str(value)
    elif isinstance(value, (list, dict)) and depth < _DEEPEST:
        for inner in value if isinstance(value, list) else value.values():
            yield from texts_in(inner, depth + 1)


class Said:
    """What had been said before: a text that values are looked for in."""

    def __init__(self, *parts: Any) -> None:
        texts = [text for part in parts for text in texts_in(part)]
        self._plain = f" {' '.join(plain(text) for text in texts)} "
        self._numbers = {float(number) for text in texts for number in numbers_in(text)}
        self.words = {word for text in texts for word in telling_words(text)}

    def holds(self, value: Any) -> bool:
        """Whether every text and number inside a value was said; yes, no and nothing need not be."""
        return all(self._holds_text(text) for text in texts_in(value))

    def position(self, value: Any) -> int:
        """Return where a value was first said, -1 when it was not."""
        return self._plain.find(f" {plain(str(value))} ")

    def _holds_text(self, text: str) -> bool:
        words = plain(text)
        if f" {words} " in self._plain or not words:
            return True
        try:
            return float(text) in self._numbers
        except ValueError:
            return False
