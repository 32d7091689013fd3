"""Which words of a text another text does not have at that place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

# Comparing takes time that grows with the square of what differs.
MOST_COMPARED_WORDS = 600
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def differing_spans(text: str, other: str) -> list[tuple[int, int]]:
    """Return where `text` differs from `other`, as (start, end); white space alone is no difference.

    >>> differing_spans("weather in Oslo", "weather in Bergen")
    [(11, 15)]
    """
    words, others = _WORDS.findall(text), _WORDS.findall(other)
    head = _common_head(words, others)
    tail = _common_head(words[head:][::-1], others[head:][::-1])
    first = sum(map(len, words[:head]))
    middle, other_middle = words[head : len(words) - tail], others[head : len(others) - tail]
    return [
        (first + start, first + end)
        for start, end in _differing(middle, other_middle)
        if text[first + start : first + end].strip()
    ]


def _common_head(words: Sequence[str], others: Sequence[str]) -> int:
    count = 0
    for word, other in zip(words, others):
        if word != other:
            break
        count += 1
    return count


def _differing(words: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """Return the parts that differ, in characters; past the most that is compared it is one part."""
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word))
    if max(len(words), len(others)) > MOST_COMPARED_WORDS:
        return [(0, ends[-1])]
    blocks = difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes()
    return [(ends[start], ends[end]) for kind, start, end, _, _ in blocks if kind != "equal" and end > start]
