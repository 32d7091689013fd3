"""How a training run goes: where it is, how long it will take, and what a person should look at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from xlam_backend.errors import SettingError
from xlam_backend.runs.details import RunDetails, read_details
from xlam_backend.runs.folder import run_folder
from xlam_backend.runs.state import RunStatus
from xlam_backend.training.curves import Curves, read_curves, smooth
from xlam_backend.training.plan import TrainingPlan, read_plan

MEASURED_STEPS = 20  # from here on the pace of this run is what counts, not the estimate
_SILENT_SECONDS = 120.0
_SILENT_STEPS = 20
_LOSS_WEIGHT = 0.9
_RISE = 1.5


class TrainingView(msgspec.Struct, frozen=True):
    """A training run as it stands.

    plan        None when its parameters are not those of a training run of this version
    total_steps 0 before it is known
    loss        the running mean of the loss
    worries     what a person should look at, in words
    """

    details: RunDetails
    plan: TrainingPlan | None
    curves: Curves
    step: int
    total_steps: int
    seconds_left: float | None
    is_measured: bool
    loss: float | None
    worries: tuple[str, ...]

    @property
    def status(self) -> RunStatus:
        """How the run stands."""
        return self.details.status


def read_training(data_folder: Path, run_id: str, *, now: datetime) -> TrainingView:
    """Return how a training run goes.

    Raises:
        NotFoundError: there is no such run.
    """
    details = read_details(data_folder, run_id)
    curves = read_curves(run_folder(data_folder, run_id))
    status = details.status
    total = status.progress.total if status.progress else 0
    step = max(curves.last_step, status.progress.done if status.progress else 0)
    loss = curves.series.get("loss")
    return TrainingView(
        details=details,
        plan=plan_of(status),
        curves=curves,
        step=step,
        total_steps=total,
        seconds_left=_seconds_left(status, curves, total - step),
        is_measured=_steps_of_attempt(curves) >= MEASURED_STEPS,
        loss=None if loss is None else smooth(loss, _LOSS_WEIGHT).latest,
        worries=tuple(_worries(status, curves, now)),
    )


def plan_of(status: RunStatus) -> TrainingPlan | None:
    """Return the settings of a training run; None when this version cannot read them."""
    try:
        return read_plan(status.params)
    except SettingError:
        return None


def _steps_of_attempt(curves: Curves) -> int:
    return curves.last_step - curves.attempts[-1].step + 1 if curves.attempts else 0


def _seconds_left(status: RunStatus, curves: Curves, steps_left: int) -> float | None:
    if not status.is_open or steps_left < 0:
        return None
    if curves.step_seconds is None or not curves.attempts or curves.attempts[-1].attempt != status.attempt:
        return status.seconds_left
    return curves.step_seconds * steps_left


def _worries(status: RunStatus, curves: Curves, now: datetime) -> Iterator[str]:
    loss = curves.series.get("loss")
    if loss is not None and np.isnan(loss.values).any():
        first = int(loss.steps[np.isnan(loss.values)][0])
        yield (
            f"The loss is no number any more since step {first:,}. Stop it; try a lower learning rate, "
            "another precision, or begin with an earlier checkpoint."
        )
    elif loss is not None and _has_risen(loss.values):
        yield "The loss stands far above where it was: the learning rate may be too high."
    if curves.torn_count:
        yield f"{curves.torn_count:,} lines of figures cannot be read; the curves are drawn of the others."
    silent = now.timestamp() - curves.last_at if curves.last_at is not None else 0.0
    patience = max(_SILENT_SECONDS, _SILENT_STEPS * (curves.step_seconds or 0.0))
    if status.state == "running" and silent > patience:
        yield f"Nothing was told for {math.floor(silent / 60):,} minutes; the log may say why."


def _has_risen(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    """Tell whether the last tenth lies far above the lowest tenth before it; not for a few steps."""
    width = values.size // 10
    if width < MEASURED_STEPS:
        return False
    tenths = values[-10 * width :].reshape(10, width).mean(axis=1)
    return bool(tenths[-1] > _RISE * tenths[:-1].min() and tenths[-1] - tenths[:-1].min() > 0.05)
