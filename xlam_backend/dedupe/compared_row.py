"""What two samples are compared by: their words as a model reads them, and their calls as they run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from xlam_backend.domain.output_reference import is_output_reference
from xlam_backend.domain.trajectory import ToolCall

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ENDING = " .!?…。！？"
_HASH_BYTES = 16


class CallMeaning(NamedTuple):
    """Hashes: equal `calls` mean the same calls with the same values, equal `tools` the same tools."""

    calls: bytes
    tools: bytes


def join_turns(query: str, user_inputs: Iterable[str]) -> str:
    """Return everything the user asked, turn after turn."""
    return "\n".join([query, *(text for text in user_inputs if text)])


def normalise_text(text: str) -> str:
    """Return a text without what does not change its words: case, width, space, the mark it ends with.

    >>> normalise_text("  What is  the time?"), normalise_text("WHAT IS THE TIME")
    ('what is the time', 'what is the time')
    """
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return words.rstrip(_ENDING) or words


def meaning_of_calls(calls: Sequence[ToolCall], offered: Iterable[str], text: str) -> CallMeaning:
    """Return what a row's calls mean: tools and values; case and spare order do not count.

    Where nothing is called, rows agree when they could have called the same tools and name the same numbers:
    what is asked for then stands in the words alone.

    >>> one = meaning_of_calls([ToolCall("f", {"a": 1, "b": "Oslo"})], [], "")
    >>> one == meaning_of_calls([ToolCall("f", {"b": " oslo", "a": 1.0})], [], "other words")
    True
    """
    if not calls:
        names = sorted(set(offered))
        return CallMeaning(_hash(["none", names, sorted(_NUMBER.findall(text))]), _hash(["none", names]))
    said = [[call.name, call.unreadable or _plain(call.arguments)] for call in calls]
    texts = [msgspec.json.encode(each, order="sorted").decode("utf-8", "replace") for each in said]
    if not any(is_output_reference(text) for call in calls for text in _texts(call.arguments)):
        texts.sort()
    return CallMeaning(_hash(texts), _hash(sorted({call.name for call in calls})))


def _plain(value: Any) -> Any:
    """Return a JSON value as it is compared: words without case and spare space, 1.0 as 1."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _hash(said: Any) -> bytes:
    return hash_bytes(msgspec.json.encode(said))


def hash_bytes(text: bytes) -> bytes:
    """Return the hash that texts and calls are told apart by."""
    return blake2b(text, digest_size=_HASH_BYTES).digest()
