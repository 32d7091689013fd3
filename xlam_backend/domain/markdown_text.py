"""Markdown of our own in which texts from data stand and do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>#|!&"} | {"\n": " ", "\r": " "})


def plain_text(text: str) -> str:
    r"""Write a text from data so that Markdown shows it and does nothing with it.

    >>> plain_text("a *bold* |name|")
    'a \\*bold\\* \\|name\\|'
    """
    return text.translate(_MARKS)


def table_lines(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table whose cells may be texts from data."""
    names = list(header)
    yield f"| {' | '.join(names)} |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield f"| {' | '.join(plain_text(cell) for cell in row)} |"
    yield ""


def code_lines(text: str, language: str = "") -> Iterator[str]:
    """Yield a block of code; its fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    yield from (f"{fence}{language}", *text.rstrip("\n").split("\n"), fence, "")
