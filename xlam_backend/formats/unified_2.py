"""Unified format 2.0 (ActionStudio), in and out, losing nothing that format 1.0 says.

Format 2.0 has no place for few-shot examples, a format instruction, step ids or what the source said
beyond them: these stand as fields of their own, and only where a trajectory has them. The query is the
first user message before any answer of the assistant. Calls without an id get one, so that tool
messages can name the call they answer; such ids begin with `xlam-` and are dropped on the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.errors import UnreadableRecordError
from xlam_backend.formats.call_fields import call_fields, parse_call, parse_step_id, split_call_fields
from xlam_backend.formats.call_ids import call_ids, observed_id, own_id
from xlam_backend.formats.record_fields import (
    as_object,
    list_field,
    render_unknown_fields,
    text_field,
    unknown_fields,
)
from xlam_backend.formats.tool_forms import parse_schema_function, render_schema_function

_KNOWN = frozenset(
    {
        "unique_trajectory_id",
        "task_instruction",
        "tools",
        "conversation",
        "few_shot_examples",
        "format_instruction",
        "tools_stated",
    }
)
_ASSISTANT_KNOWN = frozenset({"role", "content", "tool_calls", "step_id"})


def render(trajectory: Trajectory, unique_id: str) -> dict[str, Any]:
    """Write a trajectory as one record of format 2.0."""
    record: dict[str, Any] = {
        "unique_trajectory_id": unique_id,
        "task_instruction": trajectory.task_instruction,
        "tools": [
            {"type": "function", "function": render_schema_function(tool)} for tool in trajectory.tools
        ],
        "conversation": list(_messages(trajectory)),
    }
    if trajectory.few_shot_examples:
        record["few_shot_examples"] = list(trajectory.few_shot_examples)
    if trajectory.format_instruction:
        record["format_instruction"] = trajectory.format_instruction
    if not trajectory.tools_stated:
        record["tools_stated"] = False
    return {**record, **render_unknown_fields(trajectory.extra, _KNOWN)}


def parse(record: Any) -> Trajectory:
    """Read one record of format 2.0; UnreadableRecordError says what is wrong with it."""
    fields = as_object(record, "a record")
    query, turns, system = _split_turns(list_field(fields, "conversation"))
    return Trajectory(
        query=query,
        tools=tuple(_parse_tool(tool) for tool in list_field(fields, "tools")),
        steps=tuple(_parse_turn(turn, number) for number, turn in enumerate(turns, start=1)),
        task_instruction="\n\n".join(
            part for part in (text_field(fields, "task_instruction"), *system) if part
        ),
        format_instruction=text_field(fields, "format_instruction"),
        few_shot_examples=tuple(list_field(fields, "few_shot_examples")),
        tools_stated=fields.get("tools_stated") is not False,
        extra=unknown_fields(fields, _KNOWN),
    )


def _messages(trajectory: Trajectory) -> Iterator[dict[str, Any]]:
    if trajectory.query:
        yield {"role": "user", "content": trajectory.query}
    for number, step in enumerate(trajectory.steps):
        ids = call_ids(step, number)
        yield _assistant_message(step, ids)
        for position, observation in enumerate(step.observations):
            yield _tool_message(observation, observed_id(step, position, ids))
        if step.user_input:
            yield {"role": "user", "content": step.user_input}


def _assistant_message(step: Step, ids: Sequence[str]) -> dict[str, Any]:
    extra, calls_extra = split_call_fields(step)
    message: dict[str, Any] = {"role": "assistant", "content": step.thought}
    if step.tool_calls:
        message["tool_calls"] = [
            {"type": "function", "function": {**_render_call(call), **fields}, "id": call_id}
            for call, fields, call_id in zip(step.tool_calls, calls_extra, ids, strict=True)
        ]
    if step.step_id is not None:
        message["step_id"] = step.step_id
    return {**message, **render_unknown_fields(extra, _ASSISTANT_KNOWN)}


def _render_call(call: ToolCall) -> dict[str, Any]:
    record: dict[str, Any] = {"name": call.name, "arguments": call.arguments}
    return {**record, "unreadable": call.unreadable} if call.unreadable else record


def _tool_message(observation: Observation, call_id: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "tool", "content": observation.content}
    if observation.name:
        message["name"] = observation.name
    return {**message, "tool_call_id": call_id} if call_id else message


def _split_turns(
    conversation: Sequence[Any],
) -> tuple[str, list[list[dict[str, Any]]], list[str]]:
    """Return the query, the messages step by step (an assistant message opens a step), and system texts.

    A tool or user message that follows a user's, or comes before any answer, opens a step of its own, so
    that nothing is lost and the checks can see the broken order.
    """
    query = ""
    turns: list[list[dict[str, Any]]] = []
    system: list[str] = []
    for position, item in enumerate(conversation):
        message = as_object(item, f"message {position + 1}")
        role = message.get("role")
        if role == "system":
            system.append(text_field(message, "content"))
        elif role == "user" and not turns and not query:
            query = text_field(message, "content")
        elif role not in ("assistant", "user", "tool"):
            raise UnreadableRecordError(f"message {position + 1} has the unknown role {role!r}.")
        elif role == "assistant" or not turns or turns[-1][-1].get("role") == "user":
            turns.append([message])
        else:
            turns[-1].append(message)
    return query, turns, system


def _parse_turn(turn: Sequence[dict[str, Any]], number: int) -> Step:
    assistant = turn[0] if turn[0].get("role") == "assistant" else {}
    calls = [as_object(call, "a tool call") for call in list_field(assistant, "tool_calls")]
    functions = [as_object(call.get("function"), "the function of a tool call") for call in calls]
    return Step(
        thought=text_field(assistant, "content"),
        tool_calls=tuple(
            parse_call(function, own_id(text_field(call, "id") or text_field(function, "id")))
            for call, function in zip(calls, functions, strict=True)
        ),
        observations=tuple(_observations(turn)),
        user_input=next(
            (text_field(message, "content") for message in turn if message.get("role") == "user"), ""
        ),
        step_id=parse_step_id(assistant.get("step_id"), number),
        extra={**unknown_fields(assistant, _ASSISTANT_KNOWN), **call_fields(functions)},
    )


def _observations(turn: Iterable[dict[str, Any]]) -> Iterator[Observation]:
    for message in turn:
        if message.get("role") == "tool":
            yield Observation(
                content=message.get("content"),
                call_id=own_id(text_field(message, "tool_call_id")),
                name=text_field(message, "name"),
            )


def _parse_tool(record: Any) -> Any:
    fields = as_object(record, "a tool")
    return parse_schema_function(fields.get("function", fields))
