"""ShareGPT with tools, as LLaMA-Factory and Axolotl read it: `conversations`, `tools` as JSON text, `system`.

LLaMA-Factory wants human and observation turns in turn with gpt and function_call turns, and skips a row
where they are not, with a warning nobody sees: such rows are refused here. A thought beside calls stands
before them between <think> marks, where it looks for one.
"""

from __future__ import annotations

from typing import Any

from xlam_backend.exports.base import (
    CannotHoldError,
    ExportFormat,
    ExportRow,
    ExportSettings,
    Rendered,
    training_row,
)
from xlam_backend.exports.chat_rows import CANNOT_HOLD, LEAVES_OUT, chat_rows, rendered
from xlam_backend.output_formats.json_writing import json_text

_ASKING = ("human", "observation")


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the conversation; of an augmented row one for each step."""
    found = chat_rows(training_row(row))
    return rendered(found, [_record(row.row_id, one.messages, one.tools) for one in found.rows])


def _record(
    row_id: str, messages: list[dict[str, Any]], tools: list[dict[str, Any]] | None
) -> dict[str, Any]:
    said = [message for message in messages if message["role"] != "system"]
    turns = [_turn(message) for message in said]
    _refuse_order(turns)
    record: dict[str, Any] = {"id": row_id, "conversations": turns}
    if tools is not None:
        record["tools"] = json_text([tool["function"] for tool in tools])
    if len(said) < len(messages):
        record["system"] = messages[0]["content"]
    return record


def _turn(message: dict[str, Any]) -> dict[str, str]:
    content = message["content"]
    if message["role"] == "tool":
        return {"from": "observation", "value": content}
    if message["role"] == "user":
        return {"from": "human", "value": content}
    calls = message.get("tool_calls")
    if not calls:
        return {"from": "gpt", "value": content}
    if "<think>" in content or "</think>" in content:
        raise CannotHoldError("a thought beside calls holds a <think> mark")
    functions = [call["function"] for call in calls]
    text = json_text(functions[0] if len(functions) == 1 else functions)
    return {"from": "function_call", "value": f"<think>{content}</think>\n{text}" if content else text}


def _refuse_order(turns: list[dict[str, str]]) -> None:
    for place, turn in enumerate(turns):
        if (turn["from"] in _ASKING) != (place % 2 == 0):
            raise CannotHoldError(
                "its turns are not one from the user or a tool, one from the model, and so on"
            )
    if len(turns) % 2:
        raise CannotHoldError("it does not end with what the model says")


FORMAT = ExportFormat(
    name="sharegpt",
    title="ShareGPT (LLaMA-Factory, Axolotl)",
    words="For LLaMA-Factory and Axolotl: turns from human, gpt, function_call and observation.",
    cannot_hold=(
        *CANNOT_HOLD,
        "conversations in which user (or tool) and model do not take turns: several results of one step, too",
    ),
    leaves_out=(*LEAVES_OUT, "the ids of calls, and the names of tools beside their results"),
    render=render,
    importer="sharegpt_tools",
)
