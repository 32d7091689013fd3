"""Tells whether a call's arguments fit a tool: all known, all required there, all of the declared type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlam_backend.domain.tool_schema import Parameter, ToolSchema
from xlam_backend.domain.type_values import accepts


def fits(schema: ToolSchema, arguments: Mapping[str, Any]) -> bool:
    """Tell whether these arguments could be meant for this tool."""
    if not schema.required <= arguments.keys():
        return False
    for name, value in arguments.items():
        parameter = schema.parameters.get(name)
        if parameter is None:
            if not schema.open_ended:
                return False
        elif not accepts_argument(parameter, value):
            return False
    return True


def accepts_argument(parameter: Parameter, value: Any) -> bool:
    """Tell whether a value is of a parameter's type; null also stands for an optional one left out."""
    return (value is None and may_be_null(parameter)) or accepts(parameter.type, value)


def may_be_null(parameter: Parameter) -> bool:
    """Tell whether null may be given: the parameter is optional, or null is its default or declared."""
    return not parameter.required or parameter.default is None or parameter.type.nullable
