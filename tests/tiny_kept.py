"""A tiny model kept in a data folder, built in a moment: it can be asked, and knows nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.runs.folder import write_record
from xlam_backend.training.models import RECORD, models_folder
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.tiny_model import build_tiny

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


def keep_tiny(data_folder, name="tiny-1", **record):
    """Build one layer of width 16 and keep it; returns its folder."""
    folder = models_folder(data_folder) / name
    plan = TrainingPlan(tiny_layers=1, tiny_hidden=16, tiny_vocabulary=320, max_length=8192)
    build_tiny(folder, plan, lambda _speller: ["forecast city Oslo days 3"])
    kept = KeptModel(
        name=name,
        run_id="r",
        method="sft",
        tuning="full",
        base_model="tiny",
        person="ada",
        made_at=MADE_AT,
        **record,
    )
    write_record(folder / RECORD, kept)
    return folder
