"""What a trainer tells while it learns, one JSON line each: figures of a step, and samples of what it writes.

The lines stand in state/metrics.jsonl of the run's folder, which a resume goes on with. A line says which
attempt it is of: a later attempt begins at a checkpoint, and does some steps anew.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from xlam_backend.runs.folder import STATE
from xlam_backend.runs.secrets import redact

METRICS = "metrics.jsonl"


class SamplePrediction(msgspec.Struct, frozen=True):
    """What the model wrote for one held-out row: the end of the prompt, what was to be written, what was."""

    row_id: str
    prompt: str
    wanted: str
    written: str


class MetricsLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What was told of one step of one attempt.

    at       seconds since 1970
    numbers  by the trainer's own names (loss, grad_norm, rewards/margins); None stands for no number
    samples  what the model wrote for held-out rows at this step
    """

    at: float
    attempt: int
    step: int
    kind: Literal["metrics", "sample"] = "metrics"
    numbers: dict[str, float | None] = {}
    samples: tuple[SamplePrediction, ...] = ()


def metrics_path(run_folder: Path) -> Path:
    """Return where the lines of a run stand."""
    return run_folder / STATE / METRICS


def tell_metrics(
    run_folder: Path, *, attempt: int, step: int, numbers: Mapping[str, float], at: float
) -> None:
    """Add the figures of one step; what is not finite is written as None, for JSON knows no such numbers."""
    finite = {
        name: float(number) if math.isfinite(number) else None
        for name, number in numbers.items()
        if not isinstance(number, bool)
    }
    _append(run_folder, MetricsLine(at, attempt, step, numbers=finite))


def tell_samples(
    run_folder: Path, *, attempt: int, step: int, samples: tuple[SamplePrediction, ...], at: float
) -> None:
    """Add what the model wrote for the held-out rows at one step."""
    _append(run_folder, MetricsLine(at, attempt, step, "sample", samples=samples))


def _append(run_folder: Path, line: MetricsLine) -> None:
    """Add one line in a single write: one that is torn by a kill is one line, and the next begins anew."""
    text = redact(msgspec.json.encode(line).decode()) + "\n"
    descriptor = os.open(metrics_path(run_folder), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (("\n" if torn else "") + text).encode())
    finally:
        os.close(descriptor)
