"""Carries out edits on a trajectory; everything they do not name stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from xlam_backend.domain.finding import Edit
from xlam_backend.domain.json_pointer import show_pointer, split_pointer
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.errors import FixRefusedError

# Returns a changed copy of an object or list; the text is the key or index inside it.
_Change = Callable[[Any, str], Any]


def apply_edits(trajectory: Trajectory, edits: Iterable[Edit]) -> Trajectory:
    """Return the trajectory with these edits made. Every place in an edit is one of the trajectory given.

    An edit that stands twice is made once: two findings may ask for the same repair.

    Raises:
        FixRefusedError: an edit names a place that is not there, or would overwrite something.
    """
    for edit in sorted(_distinct(edits), key=_turn):
        trajectory = _EDITS[edit.target, edit.op](trajectory, edit)
    return trajectory


def _distinct(edits: Iterable[Edit]) -> list[Edit]:
    return list({msgspec.json.encode(edit): edit for edit in edits}.values())


def _turn(edit: Edit) -> tuple[int, ...]:
    """Order edits so that none moves what another names: values first, then from inside out."""
    parts = split_pointer(edit.pointer)
    last_index = int(parts[-1]) if parts and parts[-1].isdecimal() else 0
    moves = 0 if edit.op == "set" else 1
    # Calls that are added to a step come in their order; elsewhere the last goes first.
    call = edit.call if edit.target == "call" and edit.op == "set" else -edit.call
    return (moves, -edit.step, call, -edit.tool, -len(parts), -last_index, edit.op != "remove")


# --- calls -------------------------------------------------------------------------------------


def _rename_call(trajectory: Trajectory, edit: Edit) -> Trajectory:
    step, call = _find_call(trajectory, edit)
    name = _new_name(edit)
    renamed = _with_call(step, edit.call, msgspec.structs.replace(call, name=name))
    observations = tuple(
        msgspec.structs.replace(seen, name=name) if _answers(seen, call, step) else seen
        for seen in step.observations
    )
    return _with_step(trajectory, edit.step, msgspec.structs.replace(renamed, observations=observations))


def _set_call(trajectory: Trajectory, edit: Edit) -> Trajectory:
    name, arguments = _new_call(edit)
    step = trajectory.steps[edit.step] if 0 <= edit.step < len(trajectory.steps) else Step()
    if edit.call == len(step.tool_calls) and 0 <= edit.step < len(trajectory.steps):
        added = msgspec.structs.replace(step, tool_calls=(*step.tool_calls, ToolCall(name, arguments)))
        return _with_step(trajectory, edit.step, added)
    _, call = _find_call(trajectory, edit)
    if name != call.name:
        trajectory = _rename_call(trajectory, msgspec.structs.replace(edit, value=name))
    step, call = _find_call(trajectory, edit)
    changed = msgspec.structs.replace(call, arguments=arguments, unreadable="")
    return _with_step(trajectory, edit.step, _with_call(step, edit.call, changed))


def _new_call(edit: Edit) -> tuple[str, dict[str, Any]]:
    value = edit.value
    if not isinstance(value, dict) or value.keys() - {"name", "arguments"}:
        raise _refusal(edit, "a call is an object with a name and arguments")
    name, arguments = value.get("name"), value.get("arguments", {})
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        raise _refusal(edit, "a call has a name, and arguments that are an object")
    return name, arguments


def _answers(seen: Observation, call: ToolCall, step: Step) -> bool:
    """Tell whether an observation that names its tool came from this call."""
    if not seen.name or seen.name != call.name:
        return False
    if seen.call_id and call.call_id:
        return seen.call_id == call.call_id
    return sum(other.name == call.name for other in step.tool_calls) == 1


def _remove_call(trajectory: Trajectory, edit: Edit) -> Trajectory:
    step, call = _find_call(trajectory, edit)
    if step.observations and len(step.tool_calls) != 1 and not call.call_id:
        raise _refusal(edit, "what came back cannot be told apart by call")
    calls = (*step.tool_calls[: edit.call], *step.tool_calls[edit.call + 1 :])
    kept = tuple(seen for seen in step.observations if calls and seen.call_id != call.call_id)
    return _with_step(
        trajectory, edit.step, msgspec.structs.replace(step, tool_calls=calls, observations=kept)
    )


# --- arguments ---------------------------------------------------------------------------------


def _set_argument(trajectory: Trajectory, edit: Edit) -> Trajectory:
    return _change_argument(trajectory, edit, lambda parent, key: _with_item(parent, key, edit.value))


def _rename_argument(trajectory: Trajectory, edit: Edit) -> Trajectory:
    name = _new_name(edit)

    def rename(parent: Any, key: str) -> Any:
        if not isinstance(parent, dict) or (name in parent and name != key):
            raise _refusal(edit, f"there is an argument {name!r} already")
        return {name if held == key else held: value for held, value in parent.items()}

    return _change_argument(trajectory, edit, rename)


def _remove_argument(trajectory: Trajectory, edit: Edit) -> Trajectory:
    return _change_argument(trajectory, edit, _without_item)


def _change_argument(trajectory: Trajectory, edit: Edit, change: _Change) -> Trajectory:
    step, call = _find_call(trajectory, edit)
    arguments = _change_at(call.arguments, edit, change)
    changed = msgspec.structs.replace(call, arguments=arguments)
    return _with_step(trajectory, edit.step, _with_call(step, edit.call, changed))


def _change_at(document: Any, edit: Edit, change: _Change) -> Any:
    """Return a copy of a document changed at the edit's pointer; the rest is shared."""
    parts = split_pointer(edit.pointer)
    if not parts:
        raise _refusal(edit, "it names no place inside")
    holders = [document]
    for part in parts:
        holder = holders[-1]
        key = _key(holder, part)
        if key is None:
            raise _refusal(edit, f"{show_pointer(edit.pointer)!r} is not there")
        holders.append(holder[key])
    changed = change(holders[-2], parts[-1])
    for holder, part in zip(reversed(holders[:-2]), reversed(parts[:-1]), strict=True):
        changed = _with_item(holder, part, changed)
    return changed


def _key(holder: Any, part: str) -> str | int | None:
    """Return how a holder names a part of itself, None when it has no such part."""
    if isinstance(holder, dict):
        return part if part in holder else None
    if isinstance(holder, list) and part.isdecimal() and int(part) < len(holder):
        return int(part)
    return None


def _with_item(holder: Any, part: str, value: Any) -> Any:
    if isinstance(holder, dict):
        return {**holder, part: value}
    index = int(part)
    return [*holder[:index], value, *holder[index + 1 :]]


def _without_item(holder: Any, part: str) -> Any:
    if isinstance(holder, dict):
        return {key: value for key, value in holder.items() if key != part}
    index = int(part)
    return [*holder[:index], *holder[index + 1 :]]


# --- tools -------------------------------------------------------------------------------------


def _rename_tool(trajectory: Trajectory, edit: Edit) -> Trajectory:
    tool = _find_tool(trajectory, edit)
    name = _new_name(edit)
    others = [other.name for index, other in enumerate(trajectory.tools) if index != edit.tool]
    if tool.name in others:
        raise _refusal(edit, f"two tools are called {tool.name!r}")
    if name in others:
        raise _refusal(edit, f"there is a tool {name!r} already")
    renamed = _with_tool(trajectory, edit.tool, msgspec.structs.replace(tool, name=name))
    steps = tuple(_with_called_name(step, tool.name, name) for step in trajectory.steps)
    return msgspec.structs.replace(renamed, steps=steps)


def _with_called_name(step: Step, old: str, new: str) -> Step:
    """Return a step in which the calls of one tool, and what they brought, have its new name."""
    names = {call.name for call in step.tool_calls} | {seen.name for seen in step.observations}
    if old not in names:
        return step
    calls = tuple(
        msgspec.structs.replace(call, name=new) if call.name == old else call for call in step.tool_calls
    )
    observations = tuple(
        msgspec.structs.replace(seen, name=new) if seen.name == old else seen for seen in step.observations
    )
    return msgspec.structs.replace(step, tool_calls=calls, observations=observations)


def _set_in_tool(trajectory: Trajectory, edit: Edit) -> Trajectory:
    tool = _find_tool(trajectory, edit)
    parameters = _change_at(tool.parameters, edit, lambda parent, key: _with_item(parent, key, edit.value))
    return _with_tool(trajectory, edit.tool, msgspec.structs.replace(tool, parameters=parameters))


def _remove_tool(trajectory: Trajectory, edit: Edit) -> Trajectory:
    _find_tool(trajectory, edit)
    tools = (*trajectory.tools[: edit.tool], *trajectory.tools[edit.tool + 1 :])
    return msgspec.structs.replace(trajectory, tools=tools)


# --- finding and putting back ------------------------------------------------------------------


def _find_call(trajectory: Trajectory, edit: Edit) -> tuple[Step, ToolCall]:
    if 0 <= edit.step < len(trajectory.steps):
        step = trajectory.steps[edit.step]
        if 0 <= edit.call < len(step.tool_calls):
            return step, step.tool_calls[edit.call]
    raise _refusal(edit, f"step {edit.step + 1} has no call {edit.call + 1}")


def _find_tool(trajectory: Trajectory, edit: Edit) -> Tool:
    if 0 <= edit.tool < len(trajectory.tools):
        return trajectory.tools[edit.tool]
    raise _refusal(edit, f"there is no tool {edit.tool + 1}")


def _new_name(edit: Edit) -> str:
    if isinstance(edit.value, str) and edit.value:
        return edit.value
    raise _refusal(edit, "it gives no new name")


def _with_call(step: Step, index: int, call: ToolCall) -> Step:
    calls = (*step.tool_calls[:index], call, *step.tool_calls[index + 1 :])
    return msgspec.structs.replace(step, tool_calls=calls)


def _with_step(trajectory: Trajectory, index: int, step: Step) -> Trajectory:
    steps = (*trajectory.steps[:index], step, *trajectory.steps[index + 1 :])
    return msgspec.structs.replace(trajectory, steps=steps)


def _with_tool(trajectory: Trajectory, index: int, tool: Tool) -> Trajectory:
    tools = (*trajectory.tools[:index], tool, *trajectory.tools[index + 1 :])
    return msgspec.structs.replace(trajectory, tools=tools)


def _refusal(edit: Edit, why: str) -> FixRefusedError:
    """Say that an edit does not fit the trajectory."""
    return FixRefusedError(
        f"The edit ({edit.target} {edit.op}) cannot be made: {why}.", "Check the trajectory again."
    )


_EDITS: dict[tuple[str, str], Callable[[Trajectory, Edit], Trajectory]] = {
    ("call", "set"): _set_call,
    ("call", "rename"): _rename_call,
    ("call", "remove"): _remove_call,
    ("argument", "set"): _set_argument,
    ("argument", "rename"): _rename_argument,
    ("argument", "remove"): _remove_argument,
    ("tool", "rename"): _rename_tool,
    ("tool", "set"): _set_in_tool,
    ("tool", "remove"): _remove_tool,
}
