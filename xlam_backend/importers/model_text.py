"""Reads calls out of what a model or a dataset wrote as text.

Understood: a JSON list or object of calls, `{"thought": ..., "tool_calls": [...]}`, fenced blocks,
`<tool_call>...</tool_call>` and its spellings, `[TOOL_CALLS] [...]`, text after `</think>`, and
Python-style calls `[f(a=1)]`. A call that cannot be read is kept with its text as `unreadable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.importers.json_text import JsonTextError, parse_inner
from xlam_backend.importers.python_text import PythonCall, PythonTextError, parse_calls, parse_literal

ReadPythonCall = Callable[[PythonCall], ToolCall]

_CALL_BLOCK = re.compile(
    r"<(tool_?call|function_?call)>(.*?)(?:</\1>|(?=<(?:tool_?call|function_?call)>)|<\|endoftext\|>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_MISTRAL = "[TOOL_CALLS]"
_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n?(.*?)\n?\s*```\s*\Z", re.DOTALL)
_NAME_IN_TEXT = re.compile(r"""["'](?:name|api_name)["']\s*:\s*["']([^"']{1,120})["']""")
_NAME_KEYS = ("name", "tool_name", "api_name", "api")
_ARGUMENT_KEYS = ("arguments", "parameters", "args", "kwargs", "input")


class Reply(msgspec.Struct, frozen=True):
    """What a text says: reasoning before `</think>`, other text, calls, and whether calls were written.

    `has_calls` is True for an empty list of calls too: "no call" said in the form of a call.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""
    has_calls: bool = False


def read_reply(text: str, read_python: ReadPythonCall | None = None) -> Reply:
    """Split a model's text into reasoning, calls and the words around them.

    Python-style calls are read only when `read_python` says how to turn one into a tool call.
    """
    said = _read_json(text, "")  # first: what looks like a mark inside JSON is a part of its data
    reasoning, rest = _split_reasoning(text)
    if said is None and rest is not text:
        said = _read_json(rest, reasoning)
    if said is not None:
        return said
    blocks = list(_CALL_BLOCK.finditer(rest))
    if blocks:
        calls = tuple(call for block in blocks for call in _read_block(block.group(2)))
        return Reply(_CALL_BLOCK.sub("", rest).strip(), calls, reasoning, has_calls=True)
    if _MISTRAL in rest:
        before, _, after = rest.partition(_MISTRAL)
        return Reply(before.strip(), tuple(_read_block(after)), reasoning, has_calls=True)
    return _read_bare(rest, reasoning, read_python)


def read_call(value: Any) -> ToolCall:
    """Read one call in any of the JSON forms sources use; what is none comes back as unreadable.

    >>> read_call({"function": {"name": "f", "arguments": '{"a": 1}'}, "id": "c1"})
    ToolCall(name='f', arguments={'a': 1}, call_id='c1', unreadable='')
    """
    if not isinstance(value, dict):
        return ToolCall(name="", unreadable=_as_text(value))
    function = value.get("function")
    fields = {**value, **function} if isinstance(function, dict) else value
    name = next((fields[key] for key in _NAME_KEYS if isinstance(fields.get(key), str)), "")
    if not name and isinstance(function, str):
        name = function
    arguments = next((fields[key] for key in _ARGUMENT_KEYS if key in fields), None)
    call_id = value.get("id", value.get("tool_call_id"))
    return call_with_arguments(name, arguments, call_id if isinstance(call_id, str) else "")


def call_with_arguments(name: str, arguments: Any, call_id: str = "") -> ToolCall:
    """Make a call of arguments given as an object or as its JSON text; other text is kept as unreadable."""
    if isinstance(arguments, str):
        try:
            arguments = parse_inner(arguments) if arguments.strip() else {}
        except JsonTextError:
            return ToolCall(name=name, call_id=call_id, unreadable=arguments)
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        return ToolCall(name=name, call_id=call_id, unreadable=_as_text(arguments))
    return ToolCall(name=name, arguments=arguments, call_id=call_id)


def read_calls_text(text: str) -> tuple[ToolCall, ...]:
    """Read text that is meant to hold calls and nothing else; unreadable text gives one unreadable call."""
    return tuple(_read_block(text))


def python_call(call: PythonCall) -> ToolCall:
    """Turn a Python-style call into a tool call; arguments without a name make it unreadable."""
    if call.fault or call.positional:
        return ToolCall(name=call.name, unreadable=call.text)
    return ToolCall(name=call.name, arguments=call.keywords)


def _split_reasoning(text: str) -> tuple[str, str]:
    before, mark, after = text.rpartition("</think>")
    return (before.replace("<think>", "").strip(), after) if mark else ("", text)


def _read_block(text: str) -> list[ToolCall]:
    body = strip_fence(text).strip()
    value = json_or_literal(body)
    if value is None and body:
        lines = [json_or_literal(line) for line in body.splitlines() if line.strip()]
        if lines and all(isinstance(line, dict) for line in lines):
            value = lines
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    if isinstance(value, list):
        return [read_call(item) for item in value]
    if isinstance(value, dict):
        return [read_call(value)]
    return [_unreadable(body)] if body else []


def _read_json(text: str, reasoning: str) -> Reply | None:
    """Read a text that is JSON, or a Python literal, and nothing else; None when it is none of calls."""
    body = strip_fence(text).strip()
    value = json_or_literal(body) if body[:1] in ("[", "{") else None
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        thought = value.get("thought")
        calls = tuple(read_call(item) for item in value["tool_calls"])
        return Reply(thought if isinstance(thought, str) else "", calls, reasoning, has_calls=True)
    items = [value] if isinstance(value, dict) else value
    if isinstance(items, list) and all(looks_like_call(item) for item in items):
        return Reply("", tuple(read_call(item) for item in items), reasoning, has_calls=True)
    return None


def _read_bare(text: str, reasoning: str, read_python: ReadPythonCall | None) -> Reply:
    body = strip_fence(text).strip()
    if read_python and "(" in body:
        try:
            python_calls = tuple(read_python(call) for call in parse_calls(body))
            return Reply("", python_calls, reasoning, has_calls=True)
        except PythonTextError:
            pass
    return Reply(text.strip(), (), reasoning)


def looks_like_call(value: Any) -> bool:
    """Say whether a JSON value has a function's name and a place for arguments."""
    if not isinstance(value, dict):
        return False
    fields = value["function"] if isinstance(value.get("function"), dict) else value
    has_name = any(isinstance(fields.get(key), str) for key in (*_NAME_KEYS, "function"))
    return has_name and any(key in fields for key in _ARGUMENT_KEYS)


def strip_fence(text: str) -> str:
    """Return what stands inside a fenced block, when the whole text is one."""
    match = _FENCE.match(text)
    return match.group(1) if match else text


def json_or_literal(text: str) -> Any:
    """Return the JSON value, or the Python literal, that the text is; None when it is neither."""
    try:
        return parse_inner(text)
    except JsonTextError:
        pass
    try:
        return parse_literal(text)
    except PythonTextError:
        return None


def _unreadable(text: str) -> ToolCall:
    named = _NAME_IN_TEXT.search(text)
    return ToolCall(name=named.group(1) if named else "", unreadable=text)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
