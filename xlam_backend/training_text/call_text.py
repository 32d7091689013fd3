"""How the released models' texts write tools and calls: JSON with a blank after "," and ":"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import read_schema
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.formats.tool_forms import as_flat
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.training_text.base import UntellableError


def tools_list(trajectory: Trajectory) -> str:
    """Write the tools as one JSON list, as styles A and B have them; refused when they are not known."""
    if not trajectory.tools_stated:
        raise UntellableError("the source does not say which tools there were")
    return json_text([flat_tool(tool) for tool in trajectory.tools])


def flat_tool(tool: Tool) -> dict[str, Any]:
    """Return a tool with flat parameters, each that a call must give marked `"required": true`.

    >>> flat_tool(Tool("add", "Adds.", {"a": {"type": "int"}, "b": {"type": "int, optional"}}))["parameters"]
    {'a': {'type': 'int', 'required': True}, 'b': {'type': 'int, optional'}}
    """
    required = read_schema(tool).required
    flat = as_flat(tool)
    if isinstance(flat, dict):
        flat = {name: _marked(spec, is_required=name in required) for name, spec in flat.items()}
    return {"name": tool.name, "description": tool.description, "parameters": flat}


def _marked(spec: Any, *, is_required: bool) -> Any:
    if not isinstance(spec, dict):
        return spec
    return {**spec, "required": True} if is_required else spec


def call_objects(calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
    """Return calls as the released models write them: name, then arguments as an object."""
    return [{"name": call.name, "arguments": call.arguments} for call in calls]
