"""Trajectories as chat messages with native tool calls: what chat templates and trainers' formats take.

{role: system | user | assistant | tool, content, tool_calls: [{type, function: {name, arguments}, id}]};
`arguments` is an object. What a tool gave back is text: anything else stands as its JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.formats.call_ids import call_ids, observed_id
from xlam_backend.formats.tool_forms import as_json_schema


class Chat(msgspec.Struct, frozen=True):
    """Messages, tools (None: the source does not say which there were), the place of each step's answer."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    answers: tuple[int, ...]


def as_chat(trajectory: Trajectory, *, makes_ids: bool = False) -> Chat:
    """Write a trajectory as a chat; with `makes_ids` every call has an id, made up where it had none."""
    messages: list[dict[str, Any]] = []
    if trajectory.task_instruction:
        messages.append({"role": "system", "content": trajectory.task_instruction})
    if trajectory.query:
        messages.append({"role": "user", "content": trajectory.query})
    answers = []
    for number, step in enumerate(trajectory.steps):
        answers.append(len(messages))
        messages += _step_messages(step, number, makes_ids=makes_ids)
    tools = [chat_tool(tool) for tool in trajectory.tools] if trajectory.tools_stated else None
    return Chat(messages, tools, tuple(answers))


def chat_tool(tool: Tool) -> dict[str, Any]:
    """Write a tool as chat templates take it, its parameters as JSON Schema."""
    described = {"name": tool.name, "description": tool.description, "parameters": as_json_schema(tool)}
    return {"type": "function", "function": described}


def answer_message(thought: str, calls: tuple[ToolCall, ...], ids: list[str]) -> dict[str, Any]:
    """Write what the assistant says; an id of "" is left out."""
    message: dict[str, Any] = {"role": "assistant", "content": thought}
    if calls:
        message["tool_calls"] = [_call(call, call_id) for call, call_id in zip(calls, ids, strict=True)]
    return message


def observation_text(content: Any) -> str:
    """Return what a tool gave back as text: text as it is, anything else as its JSON."""
    if isinstance(content, str):
        return content
    return msgspec.json.format(msgspec.json.encode(content), indent=0).decode()


def _step_messages(step: Step, number: int, *, makes_ids: bool) -> Iterator[dict[str, Any]]:
    ids = call_ids(step, number) if makes_ids else [call.call_id for call in step.tool_calls]
    yield answer_message(step.thought, step.tool_calls, ids)
    for position, observation in enumerate(step.observations):
        yield _tool_message(
            observation, observed_id(step, position, ids) if makes_ids else observation.call_id
        )
    if step.user_input:
        yield {"role": "user", "content": step.user_input}


def _call(call: ToolCall, call_id: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
    return {**made, "id": call_id} if call_id else made


def _tool_message(observation: Observation, call_id: str) -> dict[str, Any]:
    message = {"role": "tool", "content": observation_text(observation.content)}
    if observation.name:
        message["name"] = observation.name
    return {**message, "tool_call_id": call_id} if call_id else message
