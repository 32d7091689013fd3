"""Writes down parts of a trajectory for a judge, no longer than a given number of characters.

What is left out is said in place, so that the judge knows it has not seen everything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Step, ToolCall, Trajectory

LONGEST_TEXT = 6_000  # of one text among many; the newest steps matter most
_DEEPEST = 60
_TOO_DEEP = "a value that is nested too deep to be written down"
_SHARE_OF_TOOLS = 3  # tools may take a third of the room


def told_task(trajectory: Trajectory) -> dict[str, Any]:
    """Return the request, and the instruction where there is one."""
    task: dict[str, Any] = {"request": cut(trajectory.query)}
    if trajectory.task_instruction:
        task["instruction"] = cut(trajectory.task_instruction)
    return task


def told_before(
    trajectory: Trajectory, step: int, room: int, *, with_thoughts: bool = False
) -> dict[str, Any]:
    """Return the task and the steps before `step`; of a long history the newest steps that have room."""
    task = told_task(trajectory)
    task["earlier_steps"] = told_steps(trajectory.steps[:step], room, with_thoughts=with_thoughts)
    return task


def told_steps(steps: Sequence[Step], room: int, *, with_thoughts: bool = True) -> list[Any]:
    """Return steps as JSON values, numbered from 1; the oldest are left out when there is no room."""
    told: list[Any] = []
    used = 0
    for at in range(len(steps) - 1, -1, -1):
        one = told_step(steps[at], at, with_thought=with_thoughts)
        used += size_of(one)
        if told and used > room:
            told.append(f"{at + 1} earlier steps are left out here: no room")
            break
        told.append(one)
    return told[::-1]


def told_step(step: Step, index: int, *, with_thought: bool = True) -> dict[str, Any]:
    """Return one step as a JSON value."""
    told: dict[str, Any] = {"step": index + 1}
    if with_thought and step.thought:
        told["thought"] = cut(step.thought)
    if step.tool_calls:
        told["calls"] = [told_call(call) for call in step.tool_calls]
    if step.observations:
        told["observations"] = [cut(seen.content) for seen in step.observations]
    if step.user_input:
        told["user"] = cut(step.user_input)
    return told


def told_call(call: ToolCall) -> dict[str, Any]:
    """Return a call as a JSON value."""
    if call.unreadable:
        return {"name": call.name, "unreadable": cut(call.unreadable)}
    return {"name": call.name, "arguments": cut(call.arguments)}


def told_tool(tool: Tool | None, longest: int = LONGEST_TEXT) -> dict[str, Any] | None:
    """Return a tool as a JSON value, None when it is not on offer."""
    if tool is None:
        return None
    return {
        "name": tool.name,
        "description": cut(tool.description, longest),
        "parameters": cut(tool.parameters, longest),
    }


def told_tools(trajectory: Trajectory, room: int, first: str = "") -> list[Any]:
    """Return the tools on offer, the one named `first` before the others; shortened when there are many."""
    if not trajectory.tools_stated:
        return ["the source does not say which tools were on offer"]
    ordered = sorted(trajectory.tools, key=lambda tool: tool.name != first)
    room //= _SHARE_OF_TOOLS
    told: list[Any] = []
    used = 0
    for at, tool in enumerate(ordered):
        one: Any = told_tool(tool, max(400, room // 2))
        used += size_of(one)
        if at and used > room:
            told.append({"further_tools": [other.name[:100] for other in ordered[at : at + 100]]})
            break
        told.append(one)
    return told


def cut(value: Any, longest: int = LONGEST_TEXT) -> Any:
    """Return a value whose text is not longer than this; a longer one becomes the beginning of its text.

    >>> cut("abcdef", 3), cut({"a": 1}, 3), cut([1], 9)
    ('abc [3 more characters are left out here]', '{"a [5 more characters are left out here]', [1])
    """
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    if _is_deep(value):
        return _TOO_DEEP
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) <= longest:
        return value
    return f"{text[:longest]} [{len(text) - longest:,} more characters are left out here]"


def size_of(value: Any) -> int:
    """Return about how many characters a value takes in a prompt."""
    return len(json.dumps(value, ensure_ascii=False))


def _is_deep(value: Any) -> bool:
    """Tell whether lists and objects stand in each other deeper than JSON writers follow."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (
                outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
            )
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
