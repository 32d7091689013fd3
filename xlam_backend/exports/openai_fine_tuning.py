"""OpenAI fine-tuning, JSON Lines: `messages` with arguments as JSON text, and `tools`.

The service refuses names it does not know, calls that are not answered one by one, and examples that do not
end with the assistant; such rows are refused here, with the reason, before they are paid for.
"""

from __future__ import annotations

import re
from typing import Any

from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.exports.base import (
    CannotHoldError,
    ExportFormat,
    ExportRow,
    ExportSettings,
    Rendered,
    training_row,
)
from xlam_backend.exports.chat_rows import CANNOT_HOLD, LEAVES_OUT, chat_rows, rendered
from xlam_backend.formats.call_ids import call_ids, observed_id
from xlam_backend.output_formats.json_writing import json_text

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the conversation; of an augmented row one for each step."""
    told = training_row(row)
    if told.telling is None:
        _refuse(told.trajectory)
    found = chat_rows(told, makes_ids=True)
    records = []
    for one in found.rows:
        record: dict[str, Any] = {"messages": [_message(message) for message in one.messages]}
        records.append({**record, "tools": one.tools} if one.tools else record)
    return rendered(found, records)


def _refuse(trajectory: Trajectory) -> None:
    names = {tool.name for tool in trajectory.tools}
    names |= {call.name for step in trajectory.steps for call in step.tool_calls}
    if not all(_NAME.fullmatch(name) for name in names):
        raise CannotHoldError("a tool's name is not made of letters, digits, _ and - (64 at most)")
    steps = trajectory.steps
    if steps and (steps[-1].observations or steps[-1].user_input):
        raise CannotHoldError("it does not end with what the assistant says")
    for number, step in enumerate(steps):
        if not _answers_match(step, number, is_last=number == len(steps) - 1):
            raise CannotHoldError("the results of a step are not one for each of its calls")


def _answers_match(step: Step, number: int, *, is_last: bool) -> bool:
    ids = call_ids(step, number)
    answered = [observed_id(step, place, ids) for place in range(len(step.observations))]
    return (is_last and not answered) or (sorted(answered) == sorted(ids) and len(set(ids)) == len(ids))


def _message(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool":  # the service knows no name here
        return {key: value for key, value in message.items() if key != "name"}
    calls = message.get("tool_calls")
    if calls is None:
        return message
    written = [
        {**call, "function": {**call["function"], "arguments": json_text(call["function"]["arguments"])}}
        for call in calls
    ]
    return {**message, "content": message["content"] or None, "tool_calls": written}


FORMAT = ExportFormat(
    name="openai_fine_tuning",
    title="OpenAI fine-tuning",
    words="For OpenAI's fine-tuning service and those like it: arguments as JSON text, an id on every call.",
    cannot_hold=(
        *CANNOT_HOLD,
        "names of tools beyond letters, digits, _ and -",
        "steps whose results are not one for each call, and trajectories that end with a result",
    ),
    leaves_out=(*LEAVES_OUT, "the ids of rows, and the names of tools beside their results"),
    render=render,
    importer="openai_chat",
)
