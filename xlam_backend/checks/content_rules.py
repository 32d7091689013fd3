"""Reads the list of words and patterns that general-instruction data should not hold, and looks for them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from xlam_backend.domain.finding import Level
from xlam_backend.errors import SettingError
from xlam_backend.settings import content_rules_file

SHIPPED_LIST = Path(__file__).with_name("inappropriate_content.txt")

_SECTION = re.compile(r"\[(?P<category>[^\]:]+):\s*(?P<level>reject|warn)\s*\]")
_WORD = re.compile(r"\w+(?:'\w+)*")
_MOST_MATCHES = 20  # of one text: what stands there a thousand times is one thing to look at
_SHOWN = 80


class ContentRule(msgspec.Struct, frozen=True):
    """One line of the list: a word, a phrase or (in slashes) a pattern, with its category and level."""

    text: str
    category: str
    level: Level
    line: int

    @property
    def is_pattern(self) -> bool:
        """Whether the rule is a regular expression."""
        return len(self.text) > 2 and self.text.startswith("/") and self.text.endswith("/")


class RuleMatch(msgspec.Struct, frozen=True):
    """A rule that speaks about a text, what it matched first, and how often it did."""

    rule: ContentRule
    matched: str
    times: int


class ContentRules:
    """A list, ready to be looked for; `fingerprint` changes whenever the list does."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.fingerprint = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        self.rules = tuple(_read_rules(name, text))
        self._patterns = [(rule, _compile(name, rule)) for rule in self.rules if rule.is_pattern]
        # Words and phrases by their first word: a text is read once, whatever the length of the list.
        self._by_word: dict[str, list[tuple[tuple[str, ...], ContentRule]]] = {}
        for rule in self.rules:
            if not rule.is_pattern:
                words = tuple(_WORD.findall(unify(rule.text)))
                if not words:
                    raise _bad_line(name, rule.line, "holds neither a word nor a pattern")
                self._by_word.setdefault(words[0], []).append((words, rule))

    def matches(self, text: str) -> list[RuleMatch]:
        """Return the rules that speak about a text, in the order of the list."""
        unified = unify(text)
        found: dict[ContentRule, tuple[str, int]] = {}
        for rule, matched in (*self._word_matches(unified), *self._pattern_matches(unified)):
            first, times = found.get(rule, (matched, 0))
            found[rule] = (first, times + 1)
        ordered = sorted(found.items(), key=lambda item: item[0].line)
        return [RuleMatch(rule, first[:_SHOWN], times) for rule, (first, times) in ordered][:_MOST_MATCHES]

    def _word_matches(self, text: str) -> Iterator[tuple[ContentRule, str]]:
        words = _WORD.findall(text)
        known = self._by_word
        for at, word in enumerate(words):
            for wanted, rule in known.get(word, ()):
                if len(wanted) == 1 or tuple(words[at : at + len(wanted)]) == wanted:
                    yield rule, " ".join(wanted)

    def _pattern_matches(self, text: str) -> Iterator[tuple[ContentRule, str]]:
        for rule, pattern in self._patterns:
            for match in pattern.finditer(text):
                yield rule, match[0]


def unify(text: str) -> str:
    """Return a text as it is compared: compatibility forms unified, no invisible characters, no case.

    >>> unify("ＰＯ\u200bＲＮ")
    'porn'
    """
    if text.isascii():
        return text.lower()
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", visible).casefold()


def rules_in_force() -> ContentRules:
    """Return the list of `XLAM_CONTENT_RULES`, or the one that comes with the product.

    Raises:
        SettingError: the file is missing, or a line of it cannot be read.
    """
    path = content_rules_file() or SHIPPED_LIST
    try:
        changed_at = path.stat().st_mtime_ns
        return _load(path, changed_at)
    except (OSError, UnicodeError) as error:
        raise SettingError(
            f"The list of words {path} cannot be read: {error}.",
            "Correct XLAM_CONTENT_RULES, or take it away to use the list that comes with the product.",
        ) from error


@lru_cache(maxsize=4)
def _load(path: Path, _changed_at: int) -> ContentRules:
    return ContentRules(path.name, path.read_text(encoding="utf-8"))


def _read_rules(name: str, text: str) -> Iterator[ContentRule]:
    category, level = "", ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        section = _SECTION.fullmatch(line)
        if section:
            category, level = section["category"].strip(), section["level"]
        elif line.startswith("["):
            raise _bad_line(name, number, "should read [category: reject] or [category: warn]")
        elif not category:
            raise _bad_line(name, number, "stands before the first category")
        else:
            yield ContentRule(line, category, "reject" if level == "reject" else "warn", number)


def _compile(name: str, rule: ContentRule) -> re.Pattern[str]:
    try:
        return re.compile(rule.text[1:-1], re.IGNORECASE)
    except re.error as error:
        raise _bad_line(name, rule.line, f"is no regular expression ({error})") from error


def _bad_line(name: str, line: int, why: str) -> SettingError:
    return SettingError(
        f"Line {line} of the list of words {name} {why}.", "Correct the line; the list says its own form."
    )
