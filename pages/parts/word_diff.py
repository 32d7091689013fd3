"""A text as HTML beside another one: the words that the other does not have there are marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from pages.parts.safe_text import text_html

# Comparing takes time that grows with the square of what differs.
MOST_COMPARED_WORDS = 600
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def marked_words_html(text: str, other: str, longest: int = 4_000) -> str:
    """Return `text` with what differs from `other` marked; only the beginning of a long text is compared.

    >>> marked_words_html("weather in Oslo", "weather in Bergen")
    'weather in <mark>Oslo</mark>'
    """
    words, others = _split(text[:longest]), _split(other[:longest])
    head = _common_head(words, others)
    tail = _common_head(words[head:][::-1], others[head:][::-1])
    middle = words[head : len(words) - tail]
    other_middle = others[head : len(others) - tail]
    shown = [
        text_html("".join(words[:head])),
        *_marked(middle, other_middle),
        text_html("".join(words[len(words) - tail :])),
    ]
    cut = len(text) - longest
    note = f'<span class="xs-cut">… {cut:,} more characters not shown</span>' if cut > 0 else ""
    return "".join(shown) + note


def _split(text: str) -> list[str]:
    return _WORDS.findall(text)


def _common_head(words: Sequence[str], others: Sequence[str]) -> int:
    count = 0
    for word, other in zip(words, others):
        if word != other:
            break
        count += 1
    return count


def _marked(words: list[str], others: list[str]) -> list[str]:
    """Return the parts of the differing middle; past the most that is compared it is marked as a whole."""
    if max(len(words), len(others)) > MOST_COMPARED_WORDS:
        return [_mark(words)]
    blocks = difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes()
    return [
        text_html("".join(words[start:end])) if kind == "equal" else _mark(words[start:end])
        for kind, start, end, _, _ in blocks
    ]


def _mark(words: Sequence[str]) -> str:
    said = "".join(words)
    return f"<mark>{text_html(said)}</mark>" if said.strip() else text_html(said)
