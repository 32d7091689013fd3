"""How fast earlier trainings of the same kind went: what was measured goes before any formula."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from xlam_backend.errors import SettingError
from xlam_backend.runs.folder import run_folder
from xlam_backend.runs.state import list_runs
from xlam_backend.training.curves import read_curves
from xlam_backend.training.plan import TrainingPlan, read_plan
from xlam_backend.training.watching import MEASURED_STEPS

_KIND = "train"
_MOST_LOOKED_AT = 20
# Runs that are alike in these go at one pace of tokens; alike in the others too, at one pace of steps.
_SAME_TOKENS = (
    "method",
    "tuning",
    "base_model",
    "device",
    "sharding",
    "offload",
    "precision",
    "gradient_checkpointing",
    "tiny_layers",
    "tiny_hidden",
)
_SAME_STEPS = ("release", "pairs", "batch_size", "accumulation", "max_length", "example_of", "packing")


class Pace(msgspec.Struct, frozen=True):
    """The pace of an earlier run: seconds a step where that tells more, or tokens a second."""

    run_id: str
    step_seconds: float | None = None
    tokens_per_second: float | None = None


def find_pace(data_folder: Path, plan: TrainingPlan, *, devices: int) -> Pace | None:
    """Return the pace of the newest run of the same kind that did 20 steps; None where there is none."""
    looked_at = 0
    for status in list_runs(data_folder):
        if status.kind != _KIND or looked_at >= _MOST_LOOKED_AT:
            continue
        looked_at += 1
        try:
            other = read_plan(status.params)
        except SettingError:
            continue  # the run is of another version of the product
        if other.devices in (0, devices) and _alike(plan, other, _SAME_TOKENS):
            pace = _pace_of(data_folder, status.run_id, is_same=_alike(plan, other, _SAME_STEPS))
            if pace is not None:
                return pace
    return None


def _alike(plan: TrainingPlan, other: TrainingPlan, names: tuple[str, ...]) -> bool:
    return all(getattr(plan, name) == getattr(other, name) for name in names)


def _pace_of(data_folder: Path, run_id: str, *, is_same: bool) -> Pace | None:
    curves = read_curves(run_folder(data_folder, run_id))
    if curves.last_step < MEASURED_STEPS:
        return None
    if is_same and curves.step_seconds is not None:
        return Pace(run_id, step_seconds=curves.step_seconds)
    told = curves.series.get("tokens_per_second")
    known = told.values[np.isfinite(told.values)] if told is not None else np.array([])
    return Pace(run_id, tokens_per_second=float(np.median(known))) if known.size else None
