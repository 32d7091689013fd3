"""Style B: xLAM-7b-r, 8x7b-r and 8x22b-r, as in the paper's Figure 5, or as the published client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlam_backend.augment.prompt import history_step
from xlam_backend.domain.telling import Section, Telling
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.training_text.base import (
    Segment,
    TextStyle,
    TrainingText,
    chosen_step,
    refuse_examples,
    refuse_unreadable,
)
from xlam_backend.training_text.call_text import call_objects, flat_tool, tools_list
from xlam_backend.training_text.xlam_fc_r import join_marked

TASK_INSTRUCTION = (
    "Based on the previous context and API request history, "
    "generate an API request or a response as an AI assistant."
)
FORMAT_INSTRUCTION = """\
The output should be of the JSON format, which specifies a list of generated function calls. The example \
format is as follows, please make sure the parameter type is correct. If no function call is needed, please \
make tool_calls an empty list "[]".
```
{"thought": "the thought process, or an empty string", "tool_calls": [{"name": "api_name1", "arguments": \
{"argument1": "value1", "argument2": "value2"}}]}
```"""
_CLIENT_KEYS = ("step_id", "thought", "tool_calls", "next_observation", "user_input")


def write(trajectory: Trajectory, step: int, _telling: Telling | None) -> TrainingText:
    """Write a step as Figure 5 has it: the query is the first user turn, the rest is history."""
    past = [history_step(earlier, number) for number, earlier in enumerate(trajectory.steps[:step], 1)]
    return _write(trajectory, step, tools_list(trajectory), trajectory.query, past)


def write_as_client(trajectory: Trajectory, step: int, _telling: Telling | None) -> TrainingText:
    """Write a step as the published client does: the query is what the user said last."""
    earlier = trajectory.steps[:step]
    past = [
        {key: one[key] for key in _CLIENT_KEYS}
        for one in (history_step(before, number) for number, before in enumerate(earlier, 1))
    ]
    tools_list(trajectory)  # refuses what has no tools
    tools = json_text([_without_required(flat_tool(tool)) for tool in trajectory.tools])
    return _write(trajectory, step, tools, _last_user_turn(trajectory.query, earlier), past)


def _write(
    trajectory: Trajectory, step: int, tools: str, query: str, past: list[dict[str, Any]]
) -> TrainingText:
    taken = chosen_step(trajectory, step)
    refuse_examples(trajectory)
    for each in trajectory.steps[: step + 1]:
        refuse_unreadable(each)
    texts: dict[Section, str] = {
        "task instruction": trajectory.task_instruction or TASK_INSTRUCTION,
        "tools": tools,
        "format instruction": FORMAT_INSTRUCTION,
        "query": query,
    }
    if past:
        texts["history"] = json_text(past)
    target = json_text({"thought": taken.thought, "tool_calls": call_objects(taken.tool_calls)})
    left_out: tuple[str, ...] = ()
    if trajectory.format_instruction:
        left_out = ("its own format instruction (the style has one)",)
    prompt = join_marked("xlam_r", texts) + "\n\n"
    return TrainingText((Segment(prompt), Segment(target, is_target=True)), left_out)


def _last_user_turn(query: str, earlier: Sequence[Step]) -> str:
    said = [step.user_input for step in earlier if step.user_input]
    return said[-1] if said else query


def _without_required(tool: dict[str, Any]) -> dict[str, Any]:
    flat = tool["parameters"]
    if not isinstance(flat, dict):
        return tool
    plain = {
        name: {key: value for key, value in spec.items() if key != "required"}
        if isinstance(spec, dict)
        else spec
        for name, spec in flat.items()
    }
    return {**tool, "parameters": plain}


STYLE = TextStyle(
    "xlam_r",
    "B · xLAM-7b-r, 8x7b-r, 8x22b-r",
    "Figure 5 of the paper: the first request, the steps so far, and an answer with thought and calls.",
    write,
)
CLIENT_STYLE = TextStyle(
    "xlam_r_client",
    "B · as the published client writes it",
    "Like B, but the query is the last thing the user said, and no parameter is marked as required.",
    write_as_client,
)
