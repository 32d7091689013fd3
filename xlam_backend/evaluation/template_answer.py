"""Reads the calls in what a model wrote after its chat template: a JSON list at the end, or tagged objects.

Our own template ends an answer with a list, [{"name": ..., "arguments": {...}}]; models with templates of
their own write such objects between <tool_call> tags, alone, or under the key tool_calls. What begins like
a call and cannot be read is a fault, never "no call".
"""

from __future__ import annotations

import json
import re
from typing import Any

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import Answer, AnswerTextError, find_fault
from xlam_backend.output_formats.call_objects import read_call_objects

_TAGGED = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)
_LIST = re.compile(r"(?:^|(?<=\n))\s*\[\s*(?:\{|\])")
_OBJECT = re.compile(r"(?:^|(?<=\n))\s*\{\s*\"(?:name|arguments|tool_calls|function)\"")
_ARGUMENTS = ("arguments", "parameters")


def read_template_answer(text: str) -> tuple[ToolCall, ...]:
    r"""Return the calls of an answer, none where it only says something.

    Raises:
        AnswerTextError: it begins a call that cannot be read.

    >>> read_template_answer('I look.\n[{"name": "add", "arguments": {"a": 1}}]')[0].arguments
    {'a': 1}
    >>> read_template_answer("None of them can help.")
    ()
    """
    if "<tool_call>" in text:
        values = [_json(found.strip()) for found in _TAGGED.findall(text)]
        return _calls([item for value in values for item in (value if isinstance(value, list) else [value])])
    place = _LIST.search(text) or _OBJECT.search(text)
    if place is None:
        return ()
    value = _json(text[place.start() :].strip())
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    return _calls(value if isinstance(value, list) else [value])


def _calls(items: list[Any]) -> tuple[ToolCall, ...]:
    calls = read_call_objects([_plain(item) for item in items])
    if fault := find_fault(Answer("", calls)):
        raise AnswerTextError(fault)
    return calls


def _plain(item: Any) -> Any:
    """Bring the ways in which models write a call to one: name and arguments, an object."""
    if not isinstance(item, dict):
        return item
    if isinstance(item.get("function"), dict):
        item = item["function"]
    given = next((item[key] for key in _ARGUMENTS if key in item), None)
    if isinstance(given, str):
        given = _json(given)
    return {"name": item.get("name"), "arguments": given}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnswerTextError(f"the call is no JSON: {error}"[:200]) from None
