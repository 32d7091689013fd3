"""Exact training texts, one record a step: {id, step, prompt, completion}, as TRL and others take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlam_backend.exports.base import (
    LINES_AND_PARQUET,
    ColumnKind,
    ExportFormat,
    ExportRow,
    ExportSettings,
    Refusal,
    Rendered,
    training_row,
)
from xlam_backend.training_text import CHAT_TEMPLATE, TEXT_STYLES
from xlam_backend.training_text.base import TextStyle, TrainingText, UntellableError
from xlam_backend.training_text.template_worker import TOKENIZERS, TextRequest, template_texts

COLUMNS: dict[str, ColumnKind] = {"id": "text", "step": "number", "prompt": "text", "completion": "text"}
NO_STEP = "it has no step"
_ROWS_AT_ONCE = 200
_IMPORTERS = {"xlam_fc_r": "xlam_prompt", "xlam_r": "xlam_prompt", "xlam_r_client": "xlam_prompt"}


def _format_of(style: TextStyle) -> ExportFormat:
    def render(row: ExportRow, _settings: ExportSettings) -> Rendered:
        told = training_row(row)
        made: list[TrainingText | str] = []
        for step in range(len(told.trajectory.steps)):
            try:
                made.append(style.write(told.trajectory, step, told.telling))
            except UntellableError as error:
                made.append(error.reason)
        return _rendered(row.row_id, made)

    return ExportFormat(
        name=f"text_{style.name}",
        title=f"Training text: {style.title}",
        words=style.words,
        cannot_hold=("steps that the style cannot say: the training lens shows each, with the reason",),
        leaves_out=("what the style has no place for, counted",),
        render=render,
        endings=LINES_AND_PARQUET,
        columns=COLUMNS,
        importer=_IMPORTERS.get(style.name, ""),
        is_per_step=True,
    )


def render_with_template(rows: Sequence[ExportRow], settings: ExportSettings) -> list[Rendered]:
    """Write rows through the chat template of a tokenizer, in the process that has it loaded."""
    found = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        found += _some_with_template(rows[start : start + _ROWS_AT_ONCE], settings)
    return found


def _some_with_template(rows: Sequence[ExportRow], settings: ExportSettings) -> list[Rendered]:
    told = [training_row(row) for row in rows]
    requests = [
        TextRequest(row.trajectory, step, CHAT_TEMPLATE, settings.tokenizer)
        for row in told
        for step in range(len(row.trajectory.steps))
    ]
    texts = iter(TOKENIZERS.run(template_texts, requests) if requests else ())
    return [_rendered(row.row_id, [next(texts) for _ in row.trajectory.steps]) for row in told]


def _render_one_with_template(row: ExportRow, settings: ExportSettings) -> Rendered:
    return render_with_template([row], settings)[0]


def _rendered(row_id: str, made: Sequence[TrainingText | str]) -> Rendered:
    records: list[dict[str, Any]] = []
    refused = [] if made else [Refusal(row_id, NO_STEP)]
    left_out: list[str] = []
    for step, text in enumerate(made):
        if isinstance(text, str):
            refused.append(Refusal(row_id, text, step))
            continue
        left_out += text.left_out
        records.append({"id": row_id, "step": step + 1, "prompt": text.prompt, "completion": text.target})
    return Rendered(tuple(records), tuple(refused), tuple(dict.fromkeys(left_out)))


TEXT_FORMATS: tuple[ExportFormat, ...] = tuple(map(_format_of, TEXT_STYLES))
TEMPLATE_FORMAT = ExportFormat(
    name=f"text_{CHAT_TEMPLATE}",
    title="Training text: a tokenizer's own chat template",
    words="Prompt and completion as the chat template of a tokenizer of your choice writes them.",
    cannot_hold=(
        "steps that the template refuses, or whose tools or calls it would drop",
        "few-shot examples, and steps without a reply and without a call",
    ),
    leaves_out=("what the template does not write, counted",),
    render=_render_one_with_template,
    endings=LINES_AND_PARQUET,
    columns=COLUMNS,
    is_per_step=True,
    needs_tokenizer=True,
    render_many=render_with_template,
)
