"""A text as HTML beside another one: the words that the other does not have there are marked."""

from __future__ import annotations

from pages.parts.safe_text import text_html
from xlam_backend.domain.word_difference import differing_spans


def marked_words_html(text: str, other: str, longest: int = 4_000) -> str:
    """Return `text` with what differs from `other` marked; only the beginning of a long text is compared.

    >>> marked_words_html("weather in Oslo", "weather in Bergen")
    'weather in <mark>Oslo</mark>'
    """
    begun = text[:longest]
    shown = []
    done = 0
    for start, end in differing_spans(begun, other[:longest]):
        shown += [text_html(begun[done:start]), f"<mark>{text_html(begun[start:end])}</mark>"]
        done = end
    shown.append(text_html(begun[done:]))
    cut = len(text) - longest
    note = f'<span class="xs-cut">… {cut:,} more characters not shown</span>' if cut > 0 else ""
    return "".join(shown) + note
