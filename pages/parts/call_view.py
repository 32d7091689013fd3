"""One tool call as HTML: each argument beside what the tool declares, its evidence, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.parts.evidence_marks import evidence_html
from pages.parts.json_html import json_text, value_html
from pages.parts.levels import level_chip
from pages.parts.rating_words import rating_line
from pages.parts.safe_text import LONGEST_TEXT, text_html
from xlam_backend.domain.evidence import Evidence
from xlam_backend.domain.finding import LEVELS, Level
from xlam_backend.domain.json_pointer import join_pointer, show_pointer, split_pointer
from xlam_backend.domain.tool_schema import MISSING, Parameter, ToolSchema
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.explore.trajectory_page import StoredFinding, StoredRating

_ROW_LOOK: dict[Level, str] = {"reject": "xs-bad", "fix": "xs-mend", "warn": "xs-look", "judge": "xs-look"}
_LONG_DESCRIPTION = 300


def call_html(
    call: ToolCall,
    schema: ToolSchema | None,
    findings: Sequence[StoredFinding],
    evidence: Mapping[str, Evidence],
    *,
    ratings: Sequence[StoredRating] = (),
    anchor: str,
    tools_stated: bool,
    longest: int = LONGEST_TEXT,
) -> str:
    """Return the card of one call; `ratings` are those that flag something in it."""
    by_argument: dict[str, list[StoredFinding]] = {}
    for found in findings:
        by_argument.setdefault(_argument_of(found, call, schema), []).append(found)
    about_call = by_argument.get("", [])
    rows = [
        _argument_rows(
            name, value, schema, by_argument.get(name, []), evidence, _ratings_of(name, ratings), longest
        )
        for name, value in call.arguments.items()
    ]
    rows += [
        _missing_rows(name, schema.parameters[name], of_name)
        for name, of_name in by_argument.items()
        if schema is not None and name and name not in call.arguments and name in schema.parameters
    ]
    worst = _worst(about_call)
    return (
        f'<section class="xs-call{" xs-bad" if worst in ("reject", "fix") else ""}" id="{anchor}">'
        f"{_header(call, schema, findings, tools_stated)}{_unreadable(call, longest)}"
        f"{_says(about_call, [one for one in ratings if not one.rating.pointer])}{_table(rows)}</section>"
    )


def finding_line(found: StoredFinding) -> str:
    """Return the chip and the words of one finding, on one line."""
    finding = found.finding
    return f"<div>{level_chip(finding.level)} {text_html(finding.message, 2000)}</div>"


def _header(
    call: ToolCall, schema: ToolSchema | None, findings: Sequence[StoredFinding], tools_stated: bool
) -> str:
    chips = ""
    if schema is None and tools_stated:
        chips = '<span class="xs-chip xs-reject">✖ not on offer</span>'
    elif schema is None:
        chips = '<span class="xs-chip xs-plain">the source states no tools</span>'
    levels = {found.finding.level for found in findings}
    chips += " ".join(level_chip(level) for level in LEVELS if level in levels)
    return f"<header><code>{text_html(call.name or '(no name)', 300)}</code>{chips}</header>"


def _unreadable(call: ToolCall, longest: int) -> str:
    if not call.unreadable:
        return ""
    return (
        '<div style="padding:.5rem .9rem"><h4>Arguments as the source wrote them: not readable</h4>'
        f"<pre>{text_html(call.unreadable, longest)}</pre></div>"
    )


def _says(findings: Sequence[StoredFinding], ratings: Sequence[StoredRating]) -> str:
    if not findings and not ratings:
        return ""
    lines = "".join([*map(finding_line, findings), *map(rating_line, ratings)])
    return f'<div class="xs-says" style="padding:.5rem .9rem">{lines}</div>'


def _table(rows: Sequence[str]) -> str:
    if not rows:
        return '<p class="xs-note" style="padding:.4rem .9rem">called without arguments</p>'
    return (
        '<table><colgroup><col class="xs-w1"><col class="xs-w2"><col class="xs-w3"><col></colgroup>'
        "<thead><tr><th>argument</th><th>value</th><th>where it comes from</th>"
        f"<th>what the tool declares</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _argument_rows(
    name: str,
    value: Any,
    schema: ToolSchema | None,
    findings: Sequence[StoredFinding],
    evidence: Mapping[str, Evidence],
    ratings: Sequence[StoredRating],
    longest: int,
) -> str:
    parameter = schema.parameters.get(name) if schema else None
    if parameter is not None:
        declared = declared_html(parameter)
    elif schema is None or schema.open_ended:
        declared = "" if schema is None else "any further argument is allowed"
    else:
        declared = '<span class="xs-gap">not among the parameters</span>'
    row = (
        f'<td class="xs-arg">{text_html(name, 300)}</td><td>{value_html(value, longest)}</td>'
        f'<td>{_evidence_of(name, evidence)}</td><td class="xs-declared">{declared}</td>'
    )
    return _rows(row, findings, ratings)


def _missing_rows(name: str, parameter: Parameter, findings: Sequence[StoredFinding]) -> str:
    row = (
        f'<td class="xs-arg">{text_html(name, 300)}</td><td class="xs-gap">not given</td><td></td>'
        f'<td class="xs-declared">{declared_html(parameter)}</td>'
    )
    return _rows(row, findings)


def _rows(row: str, findings: Sequence[StoredFinding], ratings: Sequence[StoredRating] = ()) -> str:
    worst = _worst(findings) or ("judge" if ratings else None)
    look = f' class="{_ROW_LOOK[worst]}"' if worst else ""
    if not findings and not ratings:
        return f"<tr>{row}</tr>"
    lines = "".join([*map(finding_line, findings), *map(rating_line, ratings)])
    says_look = f"{_ROW_LOOK[worst]} xs-says" if worst else "xs-says"
    return f'<tr{look}>{row}</tr><tr class="{says_look}"><td colspan="4">{lines}</td></tr>'


def declared_html(parameter: Parameter) -> str:
    """Return what a tool declares of one parameter: type, required or not, default, allowed values, text."""
    parts = [f"<code>{text_html(parameter.type.spelling or parameter.type.kind, 120)}</code>"]
    parts.append("required" if parameter.required else "optional")
    if parameter.default is not MISSING:
        parts.append(f"default <code>{text_html(json_text(parameter.default), 120)}</code>")
    if parameter.enum is not None:
        allowed = ", ".join(json_text(value) for value in parameter.enum)
        parts.append(f"one of <code>{text_html(allowed, 240)}</code>")
    text = f"<br>{text_html(parameter.description, _LONG_DESCRIPTION)}" if parameter.description else ""
    return " · ".join(parts) + text


def _evidence_of(name: str, evidence: Mapping[str, Evidence]) -> str:
    own = join_pointer([name])
    if own in evidence:
        return evidence_html(evidence[own])
    inner = {pointer: found for pointer, found in evidence.items() if pointer.startswith(own + "/")}
    lines = [
        f'<div class="xs-from">{text_html(_inner_path(pointer), 60)} {evidence_html(found)}</div>'
        for pointer, found in list(inner.items())[:12]
    ]
    if len(inner) > 12:
        lines.append(f'<div class="xs-from">and {len(inner) - 12} more values</div>')
    return "".join(lines)


def _inner_path(pointer: str) -> str:
    return show_pointer(join_pointer(split_pointer(pointer)[1:]))


def _argument_of(found: StoredFinding, call: ToolCall, schema: ToolSchema | None) -> str:
    """Return the argument a finding is about; "" when it is about the call as a whole."""
    parts = split_pointer(found.finding.pointer)
    name = parts[0] if parts else ""
    known = name in call.arguments or (schema is not None and name in schema.parameters)
    return name if known else ""


def _ratings_of(name: str, ratings: Sequence[StoredRating]) -> list[StoredRating]:
    return [one for one in ratings if split_pointer(one.rating.pointer)[:1] == (name,)]


def _worst(findings: Sequence[StoredFinding]) -> Level | None:
    levels = {found.finding.level for found in findings}
    return next((level for level in LEVELS if level in levels), None)
