"""Every way in which models write calls, and reading an answer in one of them.

>>> decode("[area(base=10)]", "prompted", "python")
[{'area': {'base': 10}}]
"""

from __future__ import annotations

from typing import Any

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.decoding import first_edition, json_calls, prompted
from xlam_backend.bfcl.decoding.base import Decoder, UndecodableError
from xlam_backend.bfcl.reading import DecoderName
from xlam_backend.errors import UnknownNameError

DECODERS: tuple[Decoder, ...] = (
    prompted.PROMPTED,
    json_calls.NATIVE,
    json_calls.TOOL_CALL_TAGS,
    json_calls.JSON_CALLS,
    json_calls.TOOL_CALLS_OBJECT,
    prompted.BRACKETLESS,
    *first_edition.FIRST_EDITION,
)
"""In the order in which they are offered."""

_BY_NAME: dict[str, Decoder] = {decoder.name: decoder for decoder in DECODERS}


def decoder_by_name(name: str) -> Decoder:
    """The decoder called so; an UnknownNameError names the nearest one."""
    if name not in _BY_NAME:
        raise UnknownNameError("decoder", name, _BY_NAME)
    return _BY_NAME[name]


def decode(output: Any, decoder: DecoderName, language: Language) -> Any:
    """The calls in an answer; an UndecodableError says why there are none to be read."""
    try:
        return decoder_by_name(decoder).decode(output, language)
    except (RecursionError, MemoryError) as error:
        raise UndecodableError(f"Nested too deeply: {error}.") from None
