"""Decoders of calls that are written as JSON, in text or through the tools of an API."""

from __future__ import annotations

import json
import re
from typing import Any

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.decoding.base import Decoder, UndecodableError, text_of

_TOOL_CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)


def load_json(text: Any) -> Any:
    """The value in a JSON text, NaN and Infinity included, as Python's own reader has it."""
    if not isinstance(text, str):
        raise UndecodableError(f"JSON was expected, and {type(text).__name__} came.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UndecodableError(f"Not JSON: {error}.") from None


def call_of(item: Any, arguments_key: str = "arguments") -> dict[str, Any]:
    """{function: arguments} of an object with a name and arguments."""
    if not isinstance(item, dict) or "name" not in item or arguments_key not in item:
        raise UndecodableError(f"A call with a name and {arguments_key} was expected.")
    if isinstance(item["name"], list | dict):
        raise UndecodableError("The name of a call is not text.")
    return {item["name"]: item[arguments_key]}


def _decode_native(output: Any, _language: Language) -> Any:
    if not isinstance(output, list) and output != "":
        raise UndecodableError("There are no calls in the answer that can be read.")
    calls = []
    for item in output:
        if not isinstance(item, dict) or not item:
            raise UndecodableError("Something among the calls is no call.")
        name, arguments = next(iter(item.items()))
        calls.append({name: load_json(arguments)})
    return calls


def _decode_tool_call_tags(output: Any, _language: Language) -> Any:
    calls = []
    for text in _TOOL_CALL.findall(text_of(output)):
        try:
            item = load_json(text)
        except UndecodableError:
            continue  # so does the official tool: the other calls count
        call = call_of(item)
        if not all(isinstance(arguments, dict) for arguments in call.values()):
            raise UndecodableError("The arguments of a call are no object.")
        calls.append(call)
    return calls


def _decode_json_calls(output: Any, _language: Language) -> Any:
    text = text_of(output)
    try:
        loaded = load_json(text)
    except UndecodableError:
        loaded = [load_json(part.strip()) for part in text.split(";")]
    return [call_of(item) for item in (loaded if isinstance(loaded, list) else [loaded])]


def _decode_tool_calls_object(output: Any, _language: Language) -> Any:
    try:
        loaded = load_json(text_of(output))
    except UndecodableError:
        return output  # the official decoder hands the text on; it is told apart from calls later on
    if isinstance(loaded, str):
        raise UndecodableError("There are no calls in the answer that can be read.")
    items = loaded.get("tool_calls", []) if isinstance(loaded, dict) else loaded
    if not isinstance(items, list | dict | str):
        raise UndecodableError("A list of calls was expected.")
    return [
        call_of({"name": item.get("name", ""), "arguments": item.get("arguments", {})})
        for item in items
        if isinstance(item, dict)
    ]


NATIVE = Decoder(
    name="native",
    title="Calls through the tools of an API, as result files hold them",
    example='[{"area": "{\\"base\\": 10}"}]',
    decode=_decode_native,
)
TOOL_CALL_TAGS = Decoder(
    name="tool_call_tags",
    title="A JSON object for each call, between tags (Qwen, Hermes)",
    example='<tool_call>\n{"name": "area", "arguments": {"base": 10}}\n</tool_call>',
    decode=_decode_tool_call_tags,
)
JSON_CALLS = Decoder(
    name="json_calls",
    title="A JSON list of calls (xLAM-2)",
    example='[{"name": "area", "arguments": {"base": 10}}]',
    decode=_decode_json_calls,
)
TOOL_CALLS_OBJECT = Decoder(
    name="tool_calls_object",
    title="A JSON object with tool_calls (xLAM)",
    example='{"tool_calls": [{"name": "area", "arguments": {"base": 10}}]}',
    decode=_decode_tool_calls_object,
)
