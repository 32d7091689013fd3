"""Where an argument's value comes from: the span, observation, enum or default that supports it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from xlam_backend.domain.json_pointer import join_pointer
from xlam_backend.domain.said_text import SaidText
from xlam_backend.domain.tool_schema import MISSING, Parameter, ToolSchema
from xlam_backend.domain.trajectory import Observation, ToolCall, Trajectory
from xlam_backend.domain.value_match import Match, match_exactly, match_text, match_value

Source = Literal["query", "user", "observation", "instruction", "enum", "default", "tool", "nothing"]
SOURCES: dict[str, str] = {
    "query": "the request",
    "user": "what the user said later",
    "observation": "an earlier observation",
    "instruction": "the task instruction",
    "enum": "the values the parameter allows",
    "default": "the parameter's default",
    "tool": "the text of the tool",
    "nothing": "nothing found",
}


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What supports one value.

    `rule` says how it was found ("exact", "case", "number", "date", ...; "choice" for booleans and
    enum values, "empty" for null and empty values, which claim nothing). For a text source, `start`
    and `end` are the span of characters and `text` its words; for an observation, `step` and
    `observation` are its indexes and `pointer` the place inside its content (the span is then inside
    that place). For the tool's text, `pointer` names the parameter.
    """

    source: Source
    rule: str = ""
    text: str = ""
    start: int = -1
    end: int = -1
    step: int = -1
    observation: int = -1
    pointer: str = ""

    @property
    def is_grounded(self) -> bool:
        """Whether anything supports the value."""
        return self.source != "nothing"


NOTHING = Evidence("nothing")


class SaidBefore(msgspec.Struct, frozen=True):
    """One text that stood before a call, and where."""

    source: Source
    said: SaidText
    step: int = -1
    observation: int = -1
    pointer: str = ""


def evidence_of_call(
    call: ToolCall, schema: ToolSchema | None, before: list[SaidBefore]
) -> dict[str, Evidence]:
    """Return the evidence of every value of a call, by the value's JSON Pointer in the arguments.

    `schema` is the called tool's (None when it is not offered: then no enum, default or tool text
    can speak for a value). `before` is what had been said when the call was made.
    """
    return {
        pointer: found
        for name, value in call.arguments.items()
        for pointer, found in evidence_of_argument(name, value, schema, before).items()
    }


def evidence_of_argument(
    name: str, value: Any, schema: ToolSchema | None, before: list[SaidBefore]
) -> dict[str, Evidence]:
    """Return the evidence of every value inside one argument, as `evidence_of_call` does for all."""
    parameter = None if schema is None else schema.parameters.get(name)
    return {
        pointer: find_evidence(leaf, before, schema, parameter) for pointer, leaf in leaves(value, (name,))
    }


def texts_before(trajectory: Trajectory, step: int) -> list[SaidBefore]:
    """Return what had been said when the agent made the calls of `step`, the request first."""
    return [text for text in said_in(trajectory) if text.step < step]


def said_in(trajectory: Trajectory) -> list[SaidBefore]:
    """Return all that was said, the request first; what stands before all steps has step -1."""
    texts = [SaidBefore("query", SaidText(trajectory.query))]
    for index, step in enumerate(trajectory.steps):
        if step.user_input:
            texts.append(SaidBefore("user", SaidText(step.user_input), index))
        for place, observation in enumerate(step.observations):
            texts += _texts_of_observation(observation, index, place)
    if trajectory.task_instruction:
        texts.append(SaidBefore("instruction", SaidText(trajectory.task_instruction)))
    return texts


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every value that holds no other, with its pointer; an empty list or object is a leaf."""
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [((*path, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list) and value:
            waiting += [((*path, i), value[i]) for i in range(len(value) - 1, -1, -1)]
        else:
            yield join_pointer(path), value


def texts_inside(value: Any) -> Iterator[str]:
    """Yield the texts a value holds, without their places: quicker than `leaves`."""
    waiting = [value]
    while waiting:
        held = waiting.pop()
        kind = type(held)
        if kind is str:
            yield held
        elif kind is dict:
            waiting += held.values()
        elif kind is list:
            waiting += held


def find_evidence(
    value: Any, before: list[SaidBefore], schema: ToolSchema | None, parameter: Parameter | None
) -> Evidence:
    """Return the best support of one value: what was said, word for word before otherwise; then the tool."""
    if value is None or value in ("", [], {}):
        return Evidence("default", "empty")
    if isinstance(value, bool):
        return _evidence_of_choice(value, parameter)
    if isinstance(value, str):
        for text in before:
            match = match_exactly(value, text.said)
            if match is not None:
                return _evidence(text, match)
    for text in before:
        match = match_value(value, text.said)
        if match is not None:
            return _evidence(text, match)
    return evidence_in_tool(value, schema, parameter)


def evidence_in_tool(value: Any, schema: ToolSchema | None, parameter: Parameter | None) -> Evidence:
    """Return the default, enum or text of the tool that names the value."""
    if parameter is not None:
        if parameter.default is not MISSING and _is_part_of(value, parameter.default):
            return Evidence("default", "exact")
        if parameter.enum is not None and value in parameter.enum:
            return Evidence("enum", "choice")
        match = _match_in_description(value, parameter.description)
        if match is not None:
            return _tool_evidence(match, parameter.description, "/" + parameter.name)
    if schema is not None and isinstance(value, str):
        match = _match_in_description(value, schema.tool.description)
        if match is not None:
            return _tool_evidence(match, schema.tool.description, "")
    return NOTHING


def _evidence_of_choice(value: bool, parameter: Parameter | None) -> Evidence:
    """Return the evidence of a boolean: its default, else that it is one of the two there are."""
    is_default = parameter is not None and parameter.default is value
    return Evidence("default", "exact") if is_default else Evidence("enum", "choice")


def _is_part_of(value: Any, default: Any) -> bool:
    """Tell whether a value is the default, or stands in it."""
    if type(value) is type(default):
        return bool(value == default)
    return any(leaf == value for _, leaf in leaves(default))


def _match_in_description(value: Any, description: str) -> Match | None:
    """Find a value in a tool's or parameter's text, but for case as it stands."""
    if not description:
        return None
    if not isinstance(value, str):
        return match_value(value, SaidText(description))
    said = SaidText(description)
    match = match_text(value, said)
    return match if match is not None and match.rule in ("exact", "case", "spelling") else None


def _evidence(text: SaidBefore, match: Match) -> Evidence:
    """Write down a match in something said."""
    words = text.said.text[match.start : match.end]
    return Evidence(
        text.source,
        match.rule,
        words,
        match.start,
        match.end,
        text.step,
        text.observation,
        text.pointer,
    )


def _tool_evidence(match: Match, description: str, pointer: str) -> Evidence:
    """Write down a match in the tool's text."""
    return Evidence(
        "tool", match.rule, description[match.start : match.end], match.start, match.end, pointer=pointer
    )


def _texts_of_observation(observation: Observation, step: int, place: int) -> list[SaidBefore]:
    """Return the texts of an observation: one when it is text, one for each value otherwise."""
    content = observation.content
    if isinstance(content, str):
        return [SaidBefore("observation", SaidText(content), step, place)]
    texts = []
    for pointer, leaf in leaves(content):
        if leaf is None or isinstance(leaf, (bool, dict, list)):
            continue
        said = SaidText(leaf if isinstance(leaf, str) else str(leaf))
        texts.append(SaidBefore("observation", said, step, place, pointer))
    return texts
