"""The form of xlam-function-calling-60k: {id, query, answers, tools}, the last two as JSON text.

Parameters are flat and their types Python's words; a parameter that may be left out says `, optional`.
Parameters of another form are written so only where reading them back gives the same meaning.
"""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.domain.parameter_type import ParameterType
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import ToolSchema, is_json_schema, read_schema
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.exports.base import (
    CannotHoldError,
    ExportFormat,
    ExportRow,
    ExportSettings,
    Rendered,
    training_row,
)
from xlam_backend.formats.call_fields import split_call_fields
from xlam_backend.output_formats.json_writing import json_text

_FIELDS = frozenset({"id", "query", "answers", "tools"})
_TOOL_FIELDS = frozenset({"name", "description", "parameters", "function"})
_WORDS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}
_SPEC_KEYS = frozenset({"type", "description", "default", "items"})
_PLAIN_IDS = 10**15


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the one step of calls."""
    told = training_row(row)
    if told.telling is not None:
        raise CannotHoldError("it is told in a way of its own (augmentation)")
    trajectory = told.trajectory
    _refuse(trajectory)
    step = trajectory.steps[0]
    extra, fields = split_call_fields(step)
    answers = [_answer(step, place, beside) for place, beside in enumerate(fields)]
    record: dict[str, Any] = {
        "id": _row_id(row.row_id),
        "query": trajectory.query,
        "answers": json_text(answers),
        "tools": json_text([_tool(tool) for tool in trajectory.tools]),
    }
    left_out = []
    if extra:
        left_out.append("fields of the source beside its step")
    if step.step_id is not None:
        left_out.append("the source's number of the step")
    return Rendered(({**record, **trajectory.extra},), left_out=tuple(left_out))


def _row_id(row_id: str) -> int | str:
    """Write an id that is a plain number as one, as the source does."""
    is_number = row_id.isascii() and row_id.isdigit() and str(int(row_id[:20])) == row_id
    return int(row_id) if is_number and int(row_id) < _PLAIN_IDS else row_id


def _answer(step: Step, place: int, beside: dict[str, Any]) -> dict[str, Any]:
    call = step.tool_calls[place]
    answer: dict[str, Any] = {"name": call.name, "arguments": call.arguments, **beside}
    return {**answer, "id": call.call_id} if call.call_id else answer


def _refuse(trajectory: Trajectory) -> None:
    if len(trajectory.steps) != 1:
        raise CannotHoldError("it has not exactly one step")
    if not trajectory.tools_stated:
        raise CannotHoldError("its source does not say which tools there were")
    step = trajectory.steps[0]
    more = {
        "it has a task instruction": trajectory.task_instruction,
        "it has a format instruction": trajectory.format_instruction,
        "it has few-shot examples": trajectory.few_shot_examples,
        "its step has a thought or reply": step.thought,
        "its step has results of tools": step.observations,
        "the user says something after its step": step.user_input,
        "the arguments of a call are no JSON object": any(call.unreadable for call in step.tool_calls),
        "a field of its source has the name of one of the form's": trajectory.extra.keys() & _FIELDS,
    }
    for reason, is_there in more.items():
        if is_there:
            raise CannotHoldError(reason)


def _tool(tool: Tool) -> dict[str, Any]:
    if tool.extra.keys() & _TOOL_FIELDS:
        raise CannotHoldError("a field beside a tool has the name of one of the form's")
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": _flat_parameters(tool),
        **tool.extra,
    }


def _flat_parameters(tool: Tool) -> Any:
    if not isinstance(tool.parameters, dict):
        raise CannotHoldError("the parameters of a tool are no JSON object")
    if not is_json_schema(tool.parameters):
        return tool.parameters
    schema = read_schema(tool)
    flat = {name: _flat_spec(schema, name) for name in schema.parameters}
    read = read_schema(msgspec.structs.replace(tool, parameters=flat))
    if _meaning(read) != _meaning(schema):
        raise CannotHoldError("the parameters of a tool mean something else in flat form")
    return flat


def _flat_spec(schema: ToolSchema, name: str) -> dict[str, Any]:
    spec = schema.parameters[name].spec
    if not isinstance(spec, dict) or not spec.keys() <= _SPEC_KEYS:
        raise CannotHoldError("a parameter says more than type, description and default")
    word = _word(spec)
    if name not in schema.required:
        word += ", optional"
    flat: dict[str, Any] = {"description": spec.get("description", ""), "type": word}
    return {**flat, "default": spec["default"]} if "default" in spec else flat


def _word(spec: dict[str, Any]) -> str:
    word = _WORDS.get(spec["type"]) if isinstance(spec.get("type"), str) else None
    items = spec.get("items")
    if word is None or (items is not None and spec["type"] != "array"):
        raise CannotHoldError("a parameter's type has no word in the form")
    if items is None:
        return word
    if not isinstance(items, dict) or items.keys() - {"type"}:
        raise CannotHoldError("a parameter says more than type, description and default")
    return f"List[{_word(items)}]"


def _meaning(schema: ToolSchema) -> Any:
    """Return what a schema says of its parameters, however it is written."""
    named = {
        name: (_kinds(one.type), one.description, one.default) for name, one in schema.parameters.items()
    }
    return named, schema.required, schema.open_ended


def _kinds(declared: ParameterType | None) -> tuple[str, ...]:
    """Return the kind of a type, then that of its items, and so on."""
    return () if declared is None else (declared.kind, *_kinds(declared.items))


FORMAT = ExportFormat(
    name="xlam_60k",
    title="xlam-function-calling-60k",
    words="One request, its tools and its calls, the last two as JSON text.",
    cannot_hold=(
        "more than one step, thoughts, replies, results and instructions",
        "parameters that say more than type, description and default, or mean something else when flat",
        "augmented trajectories, and those whose source does not say which tools there were",
    ),
    leaves_out=("the source's number of the step, and fields beside the step",),
    render=render,
    importer="xlam_60k",
)
