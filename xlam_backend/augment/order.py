"""Puts what has no order into another one: tools, their parameters, the arguments of calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlam_backend.augment.draws import Draws
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import is_json_schema
from xlam_backend.domain.trajectory import Step, ToolCall

_DEEPEST = 60  # objects in objects; below that nothing is shuffled


def shuffle_parameter_order(tools: Iterable[Tool], draws: Draws) -> tuple[Tool, ...]:
    """Return the tools with their parameters in another order; parameters that are no object stay."""
    return tuple([_with_parameters(tool, draws) for tool in tools])


def _with_parameters(tool: Tool, draws: Draws) -> Tool:
    parameters = tool.parameters
    if not isinstance(parameters, dict) or not parameters:
        return tool
    if is_json_schema(parameters):
        properties = parameters["properties"]
        if len(properties) < 2:
            return tool
        parameters = {**parameters, "properties": _shuffled(properties, draws)}
    else:
        parameters = _shuffled(parameters, draws)
    return Tool(tool.name, tool.description, parameters, tool.extra)


def shuffle_argument_order(steps: Iterable[Step], draws: Draws) -> tuple[Step, ...]:
    """Return the steps with the arguments of each call in another order; the calls keep theirs.

    Objects that stand in arguments, and in each other, have their keys in another order too. A list stays
    as it is, with all that stands in it.
    """
    return tuple([_with_arguments(step, draws) for step in steps])


def _with_arguments(step: Step, draws: Draws) -> Step:
    if not step.tool_calls:
        return step
    calls = tuple(
        [
            ToolCall(call.name, _shuffled_deep(call.arguments, draws), call.call_id, call.unreadable)
            for call in step.tool_calls
        ]
    )
    return Step(step.thought, calls, step.observations, step.user_input, step.step_id, step.extra)


def _shuffled_deep(members: dict[str, Any], draws: Draws, depth: int = 0) -> dict[str, Any]:
    shuffled = {key: members[key] for key in draws.shuffled(members)}
    if depth < _DEEPEST:
        for key, value in shuffled.items():
            if type(value) is dict:
                shuffled[key] = _shuffled_deep(value, draws, depth + 1)
    return shuffled


def _shuffled(members: dict[str, Any], draws: Draws) -> dict[str, Any]:
    return {key: members[key] for key in draws.shuffled(members)}
