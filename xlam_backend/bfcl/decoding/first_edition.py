"""Decoders as they were in BFCL v1, for the results of that time.

They differ in what they forgive around the list of calls. What they have in common: a call without named
arguments comes out as its text and is then no call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.decoding.base import Decoder, UndecodableError, text_of
from xlam_backend.bfcl.decoding.json_calls import call_of, load_json
from xlam_backend.bfcl.decoding.prompted import in_brackets, read_code
from xlam_backend.bfcl.decoding.python_calls import read_listed_values


def _decode_code(prepare: Callable[[str], str], output: Any, language: Language) -> Any:
    text = prepare(text_of(output))
    return read_listed_values(text) if language == "python" else read_code(text, language)


def _without_first_space(text: str) -> str:
    if not text:
        raise UndecodableError("Nothing was answered.")
    return in_brackets(text.removeprefix(" "))


def _on_one_line(text: str) -> str:
    return in_brackets(text.replace("\n", ""))


def _without_escapes(text: str) -> str:
    return text.replace("\\_", "_")


def _without_escapes_in_brackets(text: str) -> str:
    return in_brackets(_without_escapes(text))


def _as_it_is(text: str) -> str:
    return text


def _bracketed(text: str) -> str:
    return f"[{text}]"


def _decode_tool_call_lines(output: Any, language: Language) -> Any:
    """The line after each `<tool_call>`, single quotes read as double ones."""
    calls = []
    before = ""
    for line in text_of(output).split("\n"):
        if before == "<tool_call>" and line not in {"<tool_call>", "</tool_call>"}:
            calls.append(_call_on_line(line, language))
        before = line
    return calls


def _call_on_line(line: str, language: Language) -> dict[str, Any]:
    item = load_json(line.replace("'", '"'))
    call = call_of(item)
    if language == "python":
        return call
    (name, arguments), *_ = call.items()
    if not isinstance(arguments, dict):
        raise UndecodableError("The arguments of a call are no object.")
    return {name: {argument: str(value) for argument, value in arguments.items()}}


FIRST_EDITION: tuple[Decoder, ...] = (
    Decoder(
        name="v1_list",
        title="v1: a list of calls as code, and nothing around it (OpenAI)",
        example="[area(base=10)]",
        decode=partial(_decode_code, _as_it_is),
    ),
    Decoder(
        name="v1_brackets",
        title="v1: a list of calls as code, its brackets may be missing (Cohere)",
        example="area(base=10)",
        decode=partial(_decode_code, in_brackets),
    ),
    Decoder(
        name="v1_one_space",
        title="v1: the same, with one space in front (Claude)",
        example=" area(base=10)",
        decode=partial(_decode_code, _without_first_space),
    ),
    Decoder(
        name="v1_one_line",
        title="v1: the same, line breaks taken out (Llama)",
        example="\n\n[area(base=10)]",
        decode=partial(_decode_code, _on_one_line),
    ),
    Decoder(
        name="v1_escaped",
        title="v1: the same, with escaped underscores (Mistral)",
        example="[triangle\\_area(base=10)]",
        decode=partial(_decode_code, _without_escapes_in_brackets),
    ),
    Decoder(
        name="v1_escaped_list",
        title="v1: the same with the brackets that executable questions asked for (Mistral)",
        example="[triangle\\_area(base=10)]",
        decode=partial(_decode_code, _without_escapes),
    ),
    Decoder(
        name="v1_bracketless",
        title="v1: calls as code without brackets around them (Gorilla)",
        example="area(base=10), area(base=20)",
        decode=partial(_decode_code, _bracketed),
    ),
    Decoder(
        name="v1_tool_call_lines",
        title="v1: a JSON object for each call, on the line after a tag (Hermes)",
        example="<tool_call>\n{'name': 'area', 'arguments': {'base': 10}}\n</tool_call>",
        decode=_decode_tool_call_lines,
    ),
)
