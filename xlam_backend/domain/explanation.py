"""What people read about a check or a judge: its module's docstring, split at its headings."""

from __future__ import annotations

import re
import textwrap

import msgspec

_HEADINGS = {
    "What it sees": "sees",
    "Why it hurts": "hurts",
    "Example (bad)": "bad",
    "Example (good)": "good",
    "Way out": "way_out",
}
_HEADING = re.compile(
    r"^(" + "|".join(re.escape(heading) for heading in _HEADINGS) + r"):[ \t]*", re.MULTILINE
)


class Explanation(msgspec.Struct, frozen=True):
    """One check or judge in plain words: what it flags, sees, why that hurts, examples, the way out."""

    summary: str
    sees: str = ""
    hurts: str = ""
    bad: str = ""
    good: str = ""
    way_out: str = ""


def parse_explanation(docstring: str) -> Explanation:
    r"""Split a docstring at its headings.

    >>> parse_explanation("Flags x.\n\nWhat it sees: y.\nWay out: z.").way_out
    'z.'
    """
    parts = _HEADING.split(docstring.strip())
    fields = {
        _HEADINGS[heading]: textwrap.dedent(text).strip()
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    return Explanation(summary=parts[0].strip(), **fields)
