"""TRL, preference training: `prompt`, `chosen` and `rejected` as messages, and `tools`."""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.trajectory import Step
from xlam_backend.exports.base import (
    CannotHoldError,
    ExportFormat,
    ExportRow,
    ExportSettings,
    Rendered,
    preference_row,
)
from xlam_backend.exports.chat_rows import CANNOT_HOLD, LEAVES_OUT, chat_of
from xlam_backend.formats.chat import answer_message


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the context and both ways to take the step."""
    pair = preference_row(row)
    own = Step(thought=pair.chosen.thought, tool_calls=pair.chosen.tool_calls)
    whole = msgspec.structs.replace(pair.trajectory, steps=(*pair.trajectory.steps[: pair.step], own))
    chat = chat_of(whole)
    record: dict[str, Any] = {
        "id": pair.row_id,
        "prompt": chat.messages[: chat.answers[-1]],
        "chosen": [_side(pair.chosen)],
        "rejected": [_side(pair.rejected)],
    }
    if not record["prompt"]:
        raise CannotHoldError("nothing stands before the step")
    if record["chosen"] == record["rejected"]:
        raise CannotHoldError("both sides are the same")
    if chat.tools is not None:
        record["tools"] = chat.tools
    left_out = (
        ("that results were no text (they stand as their JSON text)",) if _has_values(whole.steps) else ()
    )
    return Rendered((record,), left_out=left_out)


def _side(side: PairSide) -> dict[str, Any]:
    if not side.thought and not side.tool_calls:
        raise CannotHoldError("a side has neither a reply nor a call")
    if any(call.unreadable for call in side.tool_calls):
        raise CannotHoldError("the arguments of a call are no JSON object")
    return answer_message(side.thought, side.tool_calls, [call.call_id for call in side.tool_calls])


def _has_values(steps: tuple[Step, ...]) -> bool:
    return any(not isinstance(seen.content, str) for step in steps for seen in step.observations)


FORMAT = ExportFormat(
    name="trl_dpo",
    title="TRL DPO (prompt, chosen, rejected, tools)",
    words="For TRL's DPOTrainer: the context as messages, the better and the worse way to take the step.",
    cannot_hold=(*CANNOT_HOLD, "pairs whose sides are the same, or empty"),
    leaves_out=(*LEAVES_OUT, "margin, reason and origin of the pair; what followed the step"),
    render=render,
    subject="pair",
    importer="preference_pairs",
)
