"""Unified format 1.0 (xLAM paper, Figure 4), as JSON Lines or Parquet."""

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
from xlam_backend.formats import unified_1

TELLING_LEFT_OUT = "how prompt and answers are told (the format says what, not how)"
COLUMNS: dict[str, ColumnKind] = {
    "unique_trajectory_id": "text",
    "task_instruction": "text",
    "few_shot_examples": "json",
    "query": "text",
    "tools": "json",
    "steps": "json",
    "format_instruction": "text",
    "tools_stated": "truth",
}


def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
    """Write the whole trajectory."""
    told = training_row(row)
    left_out = () if told.telling is None else (TELLING_LEFT_OUT,)
    return Rendered((unified_1.render(told.trajectory, told.row_id),), left_out=left_out)


FORMAT = ExportFormat(
    name="unified_1",
    title="Unified 1.0 (xLAM: query, tools, steps)",
    words="Everything a trajectory says; read back to the same trajectory.",
    cannot_hold=(),
    render=render,
    endings=LINES_AND_PARQUET,
    columns=COLUMNS,
    importer="unified_1",
)
