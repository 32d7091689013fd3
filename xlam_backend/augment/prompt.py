"""Writes what a model gets before a step of a trajectory told in some way, and what it is to answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from xlam_backend.augment.augmented import AugmentRefusedError
from xlam_backend.augment.few_shot import write_examples
from xlam_backend.augment.section_styles import SectionStyle, style_by_name
from xlam_backend.domain.telling import Section, Telling
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.output_formats.answer import Answer
from xlam_backend.output_formats.json_writing import json_text


def write_prompt(trajectory: Trajectory, telling: Telling, step: int = 0) -> str:
    """Write the prompt before a step, counted from 0; earlier steps stand in its history.

    AugmentRefusedError when a mark of the style stands in one of the texts.
    """
    style = style_by_name(telling.style_name)
    texts = prompt_sections(trajectory, telling, step)
    if not style.fits(texts):
        raise AugmentRefusedError(
            f"A mark of the style {style.name!r} stands in one of its texts.", "Choose another style."
        )
    return style.join(texts)


def write_answer(trajectory: Trajectory, telling: Telling, step: int = 0) -> str:
    """Write what the model is to answer in a step; without an output format, as one JSON object."""
    form = output_format_by_name(telling.format_name or "json_object")
    taken = trajectory.steps[step]
    return form.render(Answer(taken.thought, taken.tool_calls), arguments_first=telling.arguments_first)


def prompt_sections(trajectory: Trajectory, telling: Telling, step: int = 0) -> dict[Section, str]:
    """Return the sections that are not empty, in the order of the telling."""
    texts = dict(_sections(trajectory, telling, step))
    return {section: texts[section] for section in telling.section_order if texts.get(section)}


def _sections(trajectory: Trajectory, telling: Telling, step: int) -> Iterator[tuple[Section, str]]:
    form = output_format_by_name(telling.format_name) if telling.format_name else None
    yield "task instruction", trajectory.task_instruction
    if trajectory.tools_stated:
        yield "tools", _write_tools(trajectory, telling, style_by_name(telling.style_name))
    yield "format instruction", trajectory.format_instruction
    yield "examples", write_examples(trajectory.few_shot_examples, form)
    yield "query", trajectory.query
    if step:
        past = enumerate(trajectory.steps[:step], 1)
        yield "history", json_text([history_step(earlier, number) for number, earlier in past])


def _write_tools(trajectory: Trajectory, telling: Telling, style: SectionStyle) -> str:
    tools = [_tool_object(tool, telling.tool_keys) for tool in trajectory.tools]
    if style.tool_indent is None:
        return json_text(tools)
    texts = (msgspec.json.format(msgspec.json.encode(tool), indent=style.tool_indent) for tool in tools)
    return "\n\n".join(text.decode() for text in texts)


def _tool_object(tool: Tool, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return a tool as an object, its keys in this order, then whatever else its source says."""
    known = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {**{key: known[key] for key in keys}, **{k: v for k, v in tool.extra.items() if k not in known}}


def history_step(step: Step, number: int) -> dict[str, Any]:
    """Return an earlier step as the paper's Figure 5 has it."""
    seen = [observation.content for observation in step.observations]
    return {
        "thought": step.thought,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in step.tool_calls],
        "step_id": number,
        "next_observation": seen[0] if len(seen) == 1 else seen or "",
        "user_input": step.user_input,
    }
