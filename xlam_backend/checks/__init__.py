"""Every check, in the order of the catalogue."""

from __future__ import annotations

from xlam_backend.checks import (
    argument_type,
    contamination,
    damaged_text,
    default_contradicts_type,
    duplicate_tools,
    enum_violation,
    failed_call,
    format_instruction,
    illegal_tool_name,
    inappropriate_content,
    licence,
    missing_argument,
    placeholder_value,
    repeated_call,
    repeated_text,
    required_not_in_properties,
    similar_tool_names,
    stated_format,
    tool_spec_invalid,
    turn_order,
    type_alias,
    unasked_default,
    undefined_argument,
    undefined_function,
    ungrounded_value,
    unreadable_call,
    value_before_source,
    value_provenance,
)
from xlam_backend.checks.base import Check

CHECKS: tuple[Check, ...] = (
    tool_spec_invalid.CHECK,
    required_not_in_properties.CHECK,
    duplicate_tools.CHECK,
    default_contradicts_type.CHECK,
    type_alias.CHECK,
    illegal_tool_name.CHECK,
    similar_tool_names.CHECK,
    unreadable_call.CHECK,
    undefined_function.CHECK,
    undefined_argument.CHECK,
    missing_argument.CHECK,
    argument_type.CHECK,
    enum_violation.CHECK,
    stated_format.CHECK,
    repeated_call.CHECK,
    placeholder_value.CHECK,
    ungrounded_value.CHECK,
    value_provenance.CHECK,
    unasked_default.CHECK,
    turn_order.CHECK,
    damaged_text.CHECK,
    format_instruction.CHECK,
    repeated_text.CHECK,
    inappropriate_content.CHECK,
    failed_call.CHECK,
    value_before_source.CHECK,
)

# Their findings come from runs and from what people say about sources; no record waits for them.
RUN_CHECKS: tuple[Check, ...] = (licence.RUN_CHECK, contamination.RUN_CHECK)

ALL_CHECKS: tuple[Check, ...] = (*CHECKS, *RUN_CHECKS)
