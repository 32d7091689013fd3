"""Text that can be sent and stored: without halves of surrogate pairs, which are no characters."""

from __future__ import annotations

from typing import Any


def without_surrogates(text: str) -> str:
    r"""Return a text in which pairs stand for their character, and lone halves became U+FFFD.

    >>> without_surrogates("a\ud83d\ude00 b\ud800") == "a\U0001f600 b\ufffd"
    True
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def as_json_value(value: Any) -> Any:
    r"""Return a value as JSON can hold it: whole texts, keys that are texts; what it knows not, in words.

    >>> as_json_value([{"a\ud800": ("b\udfff", 1), None: 2j}]) == [{"a\ufffd": ["b\ufffd", 1], "None": "2j"}]
    True
    """
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {without_surrogates(str(key)): as_json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json_value(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
