"""What a decoder is: it turns what a model wrote into calls, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.reading import DecoderName


class UndecodableError(ValueError):
    """What a model wrote cannot be read as calls; the message says why."""


class Decoder(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which models write calls.

    `decode(output, language)` gives [{function: {argument: value}}] where all is well. Some official
    decoders give other things instead of failing; those come back as they are, and the scorer says so.
    """

    name: DecoderName
    title: str
    example: str
    decode: Callable[[Any, Language], Any]


def text_of(output: Any) -> str:
    """The output as text; calls of an API are no text."""
    if not isinstance(output, str):
        raise UndecodableError(f"Text was expected, and {type(output).__name__} came.")
    return output
