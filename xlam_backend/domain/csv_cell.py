"""Text in a CSV cell: a spreadsheet must not take it for a formula."""

from __future__ import annotations

# What begins a formula, also as a full-width letter; a tab or line end may hide one behind it.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_cell(text: str) -> str:
    """Return the text as it may stand in a cell: an apostrophe before what would be calculated.

    >>> csv_cell("=1+1"), csv_cell("agree")
    ("'=1+1", 'agree')
    """
    return "'" + text if text.startswith(_BEGINS_FORMULA) else text
