"""Unified format 2.0 (ActionStudio), as JSON Lines or Parquet."""

from __future__ import annotations

from xlam_backend.exports.base import (
    LINES_AND_PARQUET,
    ColumnKind,
    ExportFormat,
    ExportRow,
    ExportSettings,
    Rendered,
    training_row,
)
from xlam_backend.exports.unified_1 import TELLING_LEFT_OUT
from xlam_backend.formats import unified_2

COLUMNS: dict[str, ColumnKind] = {
    "unique_trajectory_id": "text",
    "task_instruction": "text",
    "tools": "json",
    "conversation": "json",
    "few_shot_examples": "json",
    "format_instruction": "text",
    "tools_stated": "truth",
}


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the whole trajectory."""
    told = training_row(row)
    left_out = () if told.telling is None else (TELLING_LEFT_OUT,)
    return Rendered((unified_2.render(told.trajectory, told.row_id),), left_out=left_out)


FORMAT = ExportFormat(
    name="unified_2",
    title="Unified 2.0 (ActionStudio: tools, conversation)",
    words="Everything a trajectory says, as a conversation; read back to the same trajectory.",
    cannot_hold=(),
    render=render,
    endings=LINES_AND_PARQUET,
    columns=COLUMNS,
    importer="unified_2",
)
