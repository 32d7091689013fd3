"""Decoders of calls that a model writes as code, as the official prompt asks for them."""

from __future__ import annotations

from typing import Any

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.decoding.base import Decoder, text_of
from xlam_backend.bfcl.decoding.java_calls import read_java_call
from xlam_backend.bfcl.decoding.javascript_calls import read_javascript_call
from xlam_backend.bfcl.decoding.python_calls import read_python_calls


def in_brackets(text: str) -> str:
    """The text with a bracket at its beginning and end, where there is none yet."""
    opened = text if text.startswith("[") else f"[{text}"
    return opened if opened.endswith("]") else f"{opened}]"


def read_code(text: str, language: Language) -> Any:
    """The calls in a list of code; Java and JavaScript are read without the brackets of the list."""
    if language == "java":
        return read_java_call(text[1:-1])
    if language == "javascript":
        return read_javascript_call(text[1:-1])
    return read_python_calls(text)


def _decode_prompted(output: Any, language: Language) -> Any:
    return read_code(in_brackets(text_of(output).strip("`\n ")), language)


def _decode_bracketless(output: Any, language: Language) -> Any:
    return read_code(f"[{text_of(output)}]", language)


PROMPTED = Decoder(
    name="prompted",
    title="A list of calls as code, in the language of the category",
    example="[area(base=10, height=5)]",
    decode=_decode_prompted,
)
BRACKETLESS = Decoder(
    name="bracketless",
    title="Calls as code without brackets around them (Gorilla)",
    example="area(base=10), area(base=20)",
    decode=_decode_bracketless,
)
