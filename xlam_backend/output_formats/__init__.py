"""Every format in which a model is asked to write its answer, in the order people see them."""

from __future__ import annotations

from xlam_backend.errors import UnknownNameError
from xlam_backend.output_formats import (
    javascript_calls,
    json_lines,
    json_object,
    key_value_lines,
    markdown_list,
    markdown_table,
    plain_text,
    python_calls,
    react,
    s_expression,
    toml,
    tool_call_tags,
    tool_calls_mark,
    xml,
    yaml,
)
from xlam_backend.output_formats.base import OutputFormat

OUTPUT_FORMATS: tuple[OutputFormat, ...] = (
    json_object.FORMAT,
    json_lines.FORMAT,
    xml.FORMAT,
    yaml.FORMAT,
    toml.FORMAT,
    python_calls.FORMAT,
    javascript_calls.FORMAT,
    markdown_table.FORMAT,
    markdown_list.FORMAT,
    key_value_lines.FORMAT,
    s_expression.FORMAT,
    tool_call_tags.FORMAT,
    tool_calls_mark.FORMAT,
    react.FORMAT,
    plain_text.FORMAT,
)

_BY_NAME = {form.name: form for form in OUTPUT_FORMATS}


def output_format_by_name(name: str) -> OutputFormat:
    """Return the format of this name."""
    known = _BY_NAME.get(name)
    if known is None:
        raise UnknownNameError("output format", name, _BY_NAME)
    return known
