"""A difference between two texts, line by line, as HTML."""

from __future__ import annotations

import difflib

from pages.parts.safe_text import text_html

_AROUND = 2  # lines that stay the same and stand beside a change
_LONGEST_LINE = 4_000


def text_diff_html(before: str, after: str) -> str:
    """Return the changed lines with a few lines around them.

    >>> text_diff_html("a", "a")
    '<p class="xs-note">No difference.</p>'
    """
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=_AROUND))
    if not lines:
        return '<p class="xs-note">No difference.</p>'
    # The first two lines name files.
    return f'<div class="xs-diff">{"".join(_line(line) for line in lines[2:])}</div>'


def _line(line: str) -> str:
    if line.startswith("@@"):
        return '<div class="xs-place">…</div>'
    look = {"+": ' class="xs-plus"', "-": ' class="xs-minus"'}.get(line[0], "")
    return f"<div{look}>{text_html(line, _LONGEST_LINE) or '&nbsp;'}</div>"
