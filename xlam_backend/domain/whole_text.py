"""Text that can be sent and stored: without halves of surrogate pairs, which are no characters."""

from __future__ import annotations


def without_surrogates(text: str) -> str:
    r"""Return a text in which pairs stand for their character, and lone halves became U+FFFD.

    >>> without_surrogates("a\ud83d\ude00 b\ud800") == "a\U0001f600 b\ufffd"
    True
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
