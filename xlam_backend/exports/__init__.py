"""Rows of training data in the formats that trainers expect; every format, in the order people see them."""

from __future__ import annotations

from xlam_backend.errors import UnknownNameError
from xlam_backend.exports import (
    openai_fine_tuning,
    sharegpt,
    training_texts,
    trl_dpo,
    trl_sft,
    unified_1,
    unified_2,
    xlam_60k,
)
from xlam_backend.exports.base import ExportFormat

EXPORT_FORMATS: tuple[ExportFormat, ...] = (
    unified_1.FORMAT,
    unified_2.FORMAT,
    trl_sft.FORMAT,
    trl_dpo.FORMAT,
    xlam_60k.FORMAT,
    sharegpt.FORMAT,
    openai_fine_tuning.FORMAT,
    *training_texts.TEXT_FORMATS,
    training_texts.TEMPLATE_FORMAT,
)

_BY_NAME = {form.name: form for form in EXPORT_FORMATS}


def export_format_by_name(name: str) -> ExportFormat:
    """Return the format of this name."""
    form = _BY_NAME.get(name)
    if form is None:
        raise UnknownNameError("export format", name, _BY_NAME)
    return form
