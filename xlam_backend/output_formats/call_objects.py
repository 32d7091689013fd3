"""Calls as objects with the keys name and arguments: what the formats that use them share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import Answer, AnswerTextError


def call_object(call: ToolCall, arguments_first: bool) -> dict[str, Any]:
    """Return a call as an object, its two keys in the order asked for."""
    if arguments_first:
        return {"arguments": call.arguments, "name": call.name}
    return {"name": call.name, "arguments": call.arguments}


def call_objects(calls: Iterable[ToolCall], arguments_first: bool) -> list[dict[str, Any]]:
    """Return calls as objects."""
    return [call_object(call, arguments_first) for call in calls]


def read_call_object(value: Any, number: int) -> ToolCall:
    """Read one call, which has a name, arguments and nothing else; `number` counts calls from 1."""
    if not isinstance(value, dict):
        raise AnswerTextError(f"call {number} is no object")
    if value.keys() != {"name", "arguments"}:
        raise AnswerTextError(f"call {number} has other keys than name and arguments")
    name, arguments = value["name"], value["arguments"]
    if not isinstance(name, str):
        raise AnswerTextError(f"the name of call {number} is no text")
    if not isinstance(arguments, dict):
        raise AnswerTextError(f"the arguments of call {number} are no object")
    return ToolCall(name, arguments)


def read_call_objects(value: Any) -> tuple[ToolCall, ...]:
    """Read a list of calls."""
    if not isinstance(value, list):
        raise AnswerTextError("the calls are no list")
    return tuple(read_call_object(item, number) for number, item in enumerate(value, 1))


def answer_object(answer: Answer, arguments_first: bool) -> dict[str, Any]:
    """Return an answer as an object with thought, where there is one, and tool_calls."""
    calls = call_objects(answer.calls, arguments_first)
    return {"thought": answer.thought, "tool_calls": calls} if answer.thought else {"tool_calls": calls}


def read_answer_object(value: Any) -> Answer:
    """Read an answer that is an object with tool_calls, and perhaps thought."""
    if not isinstance(value, dict):
        raise AnswerTextError("the answer is no object")
    if "tool_calls" not in value:
        raise AnswerTextError("the key tool_calls is missing")
    other = value.keys() - {"thought", "tool_calls"}
    if other:
        raise AnswerTextError(f"{min(other)[:100]!r} is no key of an answer")
    thought = value.get("thought", "")
    if not isinstance(thought, str):
        raise AnswerTextError("the thought is no text")
    return Answer(thought, read_call_objects(value["tool_calls"]))
