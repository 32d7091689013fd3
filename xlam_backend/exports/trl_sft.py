"""TRL, supervised fine-tuning: `messages` and `tools`, as its SFTTrainer and chat templates take them.

Arguments are objects: several chat templates would escape a JSON text once more. JSON Lines only: as Arrow
columns the arguments and parameters of all rows would be merged into one structure.
"""

from __future__ import annotations

from typing import Any

from xlam_backend.exports.base import ExportFormat, ExportRow, ExportSettings, Rendered, training_row
from xlam_backend.exports.chat_rows import CANNOT_HOLD, LEAVES_OUT, chat_rows, rendered


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the conversation; of an augmented row one for each step."""
    found = chat_rows(training_row(row))
    records: list[dict[str, Any]] = []
    for one in found.rows:
        record: dict[str, Any] = {"id": row.row_id, "messages": one.messages}
        records.append(record if one.tools is None else {**record, "tools": one.tools})
    return rendered(found, records)


FORMAT = ExportFormat(
    name="trl_sft",
    title="TRL SFT (messages, tools)",
    words="For TRL's SFTTrainer and any chat template: messages with native tool calls, and the tools.",
    cannot_hold=CANNOT_HOLD,
    leaves_out=LEAVES_OUT,
    render=render,
    importer="openai_chat",
)
