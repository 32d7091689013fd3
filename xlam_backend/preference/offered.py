"""The tools on offer as whoever plants errors needs them: names, kinds, choices, what must be given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from xlam_backend.domain.parameter_type import ParameterType
from xlam_backend.domain.tool_schema import Parameter, ToolSchema

ArgumentKind = Literal["text", "number", "integer", "boolean", "list", "object", "other"]

_KINDS: dict[str, ArgumentKind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "set": "list",
    "tuple": "list",
    "object": "object",
}


class OfferedArgument(msgspec.Struct, frozen=True):
    """A declared argument: its kind ("other": nothing that could be missed), and its only allowed values."""

    kind: ArgumentKind
    choices: tuple[Any, ...] = ()
    is_required: bool = False


class OfferedTool(msgspec.Struct, frozen=True):
    """A tool on offer; `is_open` when it takes arguments that it does not name."""

    name: str
    arguments: Mapping[str, OfferedArgument]
    is_open: bool = False


def offered_tools(schemas: Iterable[ToolSchema]) -> dict[str, OfferedTool]:
    """Return the tools by name, of equal names the first, as the checks read them."""
    return {schema.name: _offered(schema) for schema in reversed(list(schemas))}


def _offered(schema: ToolSchema) -> OfferedTool:
    arguments = {name: _argument(parameter) for name, parameter in schema.parameters.items()}
    return OfferedTool(schema.name, arguments, schema.open_ended)


def _argument(parameter: Parameter) -> OfferedArgument:
    choices = parameter.enum or parameter.type.choices or ()
    return OfferedArgument(_kind(parameter.type), tuple(choices), parameter.required)


def _kind(declared: ParameterType) -> ArgumentKind:
    return "other" if declared.nullable else _KINDS.get(declared.kind, "other")
