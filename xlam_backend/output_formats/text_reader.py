"""Reads text piece by piece, strictly: what is expected stands there, or the place and the reason are said.

JSON inside a format is read here too: a key that stands twice, NaN, and numbers beyond any number type
are refused; json's own reader would take them.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from xlam_backend.output_formats.answer import AnswerTextError

_BLANKS = re.compile(r"[ \t\n\r]*")
_SPACES = re.compile(r"[ \t]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class _RefusedJsonError(ValueError):
    """JSON that Python's reader takes and we do not."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusedJsonError(f"the key {twice[:100]!r} stands twice in one object")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise _RefusedJsonError(f"{word} is no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)


class TextReader:
    """A text and a place in it."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        """Refuse the text for what stands here, or at `at`."""
        place = min(self.at if at is None else at, len(self.text))
        line = self.text.count("\n", 0, place) + 1
        raise AnswerTextError(reason, line, place - (self.text.rfind("\n", 0, place) + 1) + 1)

    def skip(self) -> None:
        """Go over blanks and line breaks."""
        match = _BLANKS.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def skip_spaces(self) -> None:
        """Go over blanks inside a line."""
        match = _SPACES.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def sees(self, literal: str) -> bool:
        """Tell whether this stands here."""
        return self.text.startswith(literal, self.at)

    def take(self, literal: str) -> bool:
        """Go over this text if it stands here; tell whether it did."""
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str) -> None:
        """Go over this text, which has to stand here."""
        if not self.take(literal):
            self.fail(f"{literal!r} is missing")

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go over what matches here, if it does."""
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def expect_match(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        """Go over what has to match here; `what` names it when it does not."""
        return self.match(pattern) or self.fail(f"{what} is missing")

    def expect_end(self) -> None:
        """Refuse whatever follows but blanks."""
        self.skip()
        if self.at < len(self.text):
            self.fail("text follows after the end of the answer")

    def json_value(self) -> Any:
        """Read the JSON value that begins here."""
        try:
            value, self.at = _DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self.fail(f"not JSON: {error.msg}", error.pos)
        except _RefusedJsonError as error:
            self.fail(str(error))
        except ValueError:
            self.fail("a number is too long")
        return value

    def json_string(self) -> str:
        """Read the text in double quotes, with JSON's escapes, that begins here."""
        if not self.sees('"'):
            self.fail("a text in double quotes is missing")
        value: str = self.json_value()
        return value

    def number(self) -> int | float | None:
        """Read the JSON number that begins here; None when none does."""
        match = self.match(_NUMBER)
        if match is None:
            return None
        try:
            return float(match.group()) if match.group(1) or match.group(2) else int(match.group())
        except ValueError:
            self.fail("a number is too long", match.start())


def read_whole_json(text: str) -> Any:
    """Read text that is one JSON value and nothing else."""
    reader = TextReader(text)
    reader.skip()
    value = reader.json_value()
    reader.expect_end()
    return value
