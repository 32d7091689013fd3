"""Training runs beside each other: which settings differ, what each came to, and their curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from xlam_backend.errors import InputError
from xlam_backend.runs.folder import run_folder
from xlam_backend.runs.state import RunStatus, read_run
from xlam_backend.training.curves import Curves, read_curves
from xlam_backend.training.plan import TrainingPlan, describe_settings
from xlam_backend.training.setting_words import value_words
from xlam_backend.training.watching import plan_of

MOST_COMPARED = 5
# Told apart by these already, or only for the record.
_NOT_COMPARED = frozenset({"name", "note"})
_FIGURES = (
    ("loss", "loss"),
    ("eval_loss", "loss on held-out rows"),
    ("rewards/accuracies", "reward accuracy"),
    ("rewards/margins", "reward margin"),
    ("tokens_per_second", "tokens per second"),
)


class ComparedRun(msgspec.Struct, frozen=True):
    """A run beside others; `label` is short and its own."""

    label: str
    status: RunStatus
    plan: TrainingPlan | None
    curves: Curves


class ComparedRow(msgspec.Struct, frozen=True):
    """A setting or a figure with its value in each run, "" where it has none."""

    name: str
    words: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs do not all have the same value."""
        return len(set(self.values)) > 1


class TrainingComparison(msgspec.Struct, frozen=True):
    """Some runs, the settings in which they differ, how many they share, and their figures."""

    runs: tuple[ComparedRun, ...]
    settings: tuple[ComparedRow, ...]
    shared_count: int
    figures: tuple[ComparedRow, ...]


def compare_trainings(data_folder: Path, run_ids: Sequence[str]) -> TrainingComparison:
    """Hold training runs side by side, in the order given.

    Raises:
        InputError: fewer than two or more than five are named.
        NotFoundError: one does not exist.
    """
    wanted = list(dict.fromkeys(run_ids))
    if not 2 <= len(wanted) <= MOST_COMPARED:
        raise InputError(
            f"{len(wanted)} training runs cannot be compared.", f"Name two, and at most {MOST_COMPARED}."
        )
    statuses = [read_run(data_folder, run_id) for run_id in wanted]
    runs = tuple(
        ComparedRun(label, status, plan_of(status), read_curves(run_folder(data_folder, status.run_id)))
        for label, status in zip(run_labels(statuses), statuses)
    )
    rows = _setting_rows(runs)
    return TrainingComparison(
        runs,
        tuple(row for row in rows if row.differs),
        sum(not row.differs for row in rows),
        tuple(_figure_rows(runs)),
    )


def run_labels(statuses: Sequence[RunStatus]) -> list[str]:
    """Return a short name for each run, no two alike: the model's name, else the day and time it began."""
    plans = [plan_of(status) for status in statuses]
    names = [plan.name if plan and plan.name else "" for plan in plans]
    return [
        name if name and names.count(name) == 1 else f"{name} {status.run_id}".strip()
        for name, status in zip(names, statuses)
    ]


def _setting_rows(runs: Sequence[ComparedRun]) -> list[ComparedRow]:
    return [
        ComparedRow(
            setting.name,
            setting.words,
            tuple(value_words(getattr(run.plan, setting.name)) if run.plan else "" for run in runs),
        )
        for setting in describe_settings()
        if setting.name not in _NOT_COMPARED
    ]


def _figure_rows(runs: Sequence[ComparedRun]) -> list[ComparedRow]:
    rows = [
        ComparedRow("state", "state", tuple(run.status.state for run in runs)),
        ComparedRow("steps", "steps", tuple(f"{run.curves.last_step:,}" for run in runs)),
        ComparedRow("seconds", "seconds", tuple(f"{run.status.seconds:,.0f}" for run in runs)),
    ]
    for name, words in _FIGURES:
        values = tuple(_number(run.curves.latest(name)) for run in runs)
        if any(values):
            rows.append(ComparedRow(name, words, values))
    return rows


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"
