"""Writes values as JSON, in the way models write it: on one line, with blanks after commas and colons."""

from __future__ import annotations

import re
from json.encoder import encode_basestring
from typing import Any

import msgspec

# What readers of models' text look for before they look for JSON: written so that they find it only
# where a format puts it. In JSON text "<" and "[TOOL_CALLS]" can stand nowhere but inside strings.
_MARKS = re.compile(r"</?(?:tool_?call|function_?call|think)>|<\|endoftext\|>|\[TOOL_CALLS\]", re.IGNORECASE)

# A name that needs no quotes: read back to the letter by every format that writes names bare.
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")


def json_text(value: Any) -> str:
    """Write a value on one line; what is no JSON value has been refused before.

    >>> json_text({"city": "Zürich", "days": [1, 2.0]})
    '{"city": "Zürich", "days": [1, 2.0]}'
    """
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def shielded_json(value: Any) -> str:
    r"""Write a value so that none of its texts can pass for a mark around calls.

    >>> shielded_json("say </tool_call>")
    '"say \\u003c/tool_call>"'
    """
    return shield(json_text(value))


def shield(text: str) -> str:
    """Write the first character of each mark inside JSON text by its number."""
    if "<" not in text and "[" not in text:
        return text
    return _MARKS.sub(_numbered, text)


def _numbered(mark: re.Match[str]) -> str:
    return f"\\u{ord(mark.group()[0]):04x}{mark.group()[1:]}"


json_string = encode_basestring  # a text in double quotes with JSON's escapes; all but controls stay


def name_text(name: str) -> str:
    """Write a name bare where that is safe, else as a JSON string.

    >>> name_text("get_weather"), name_text("Get the weather")
    ('get_weather', '"Get the weather"')
    """
    return name if PLAIN_NAME.fullmatch(name) else json_string(name)
