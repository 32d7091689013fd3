"""A text as HTML beside another one: the stretches of words that both have are marked."""

from __future__ import annotations

import difflib
import re

from pages.parts.safe_text import text_html

MOST_COMPARED_WORDS = 600  # comparing takes time that grows with the square of this
SHORTEST_STRETCH = 3
_PARTS = re.compile(r"\w+|\W+")


def shared_words_html(text: str, other: str) -> str:
    """Return `text` with every stretch of words marked that stands in `other` too, whatever the case.

    >>> shared_words_html("Please bake me a cake!", "BAKE ME A pie")
    'Please <mark>bake me a</mark> cake!'
    """
    parts = _PARTS.findall(text)
    at = [place for place, part in enumerate(parts) if part[0].isalnum() or part[0] == "_"]
    words = [parts[place].casefold() for place in at[:MOST_COMPARED_WORDS]]
    others = [part.casefold() for part in _PARTS.findall(other) if part[0].isalnum() or part[0] == "_"]
    matcher = difflib.SequenceMatcher(None, words, others[:MOST_COMPARED_WORDS], autojunk=False)
    shown = []
    done = 0
    for block in matcher.get_matching_blocks():
        if block.size < SHORTEST_STRETCH:
            continue
        first, last = at[block.a], at[block.a + block.size - 1]
        shown.append(text_html("".join(parts[done:first])))
        shown.append(f"<mark>{text_html(''.join(parts[first : last + 1]))}</mark>")
        done = last + 1
    return "".join([*shown, text_html("".join(parts[done:]))])
