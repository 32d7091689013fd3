"""`train list`, `show`, `compare`, `drop-checkpoints`: how training runs go, and beside each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from xlam_backend.activities.manager import list_runs
from xlam_backend.activities.train_run import KIND
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import pass_caller
from xlam_backend.cli.plain_text import shorten, table_lines
from xlam_backend.cli.runs import progress_words
from xlam_backend.cli.train import COMMANDS as COMMANDS
from xlam_backend.cli.train import train
from xlam_backend.runs.state import RunStatus
from xlam_backend.settings import data_dir
from xlam_backend.training.comparing import ComparedRow, compare_trainings
from xlam_backend.training.curves import thin_out
from xlam_backend.training.removal import drop_checkpoints
from xlam_backend.training.setting_words import setting_rows
from xlam_backend.training.watching import TrainingView, plan_of, read_training

_MOST_POINTS = 20


@train.command("list", needs_store=False)
@pass_caller
def list_trainings(caller: Caller) -> None:
    """List the training runs, the newest first."""
    found = [status for status in list_runs(data_dir()) if status.kind == KIND]
    header = ("run", "state", "method", "loss", "title", "when")
    caller.answer_table(found, header, [_row(status) for status in found])


@train.command("show", needs_store=False)
@click.argument("run_id", metavar="RUN")
@click.option(
    "--points",
    type=click.IntRange(2, 10_000),
    default=_MOST_POINTS,
    show_default=True,
    help="How many points of each curve.",
)
@pass_caller
def show(caller: Caller, run_id: str, points: int) -> None:
    """Show how a training RUN goes: its figures, its curves thinned out, what the model wrote last."""
    view = read_training(data_dir(), run_id, now=datetime.now(UTC))
    caller.answer(_record(view, points), *_lines(view))


@train.command("compare", needs_store=False)
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@pass_caller
def compare(caller: Caller, run_ids: tuple[str, ...]) -> None:
    """Hold two to five training runs beside each other: what each came to, which settings differ."""
    found = compare_trainings(data_dir(), run_ids)
    labels = [run.label for run in found.runs]
    record = {
        "runs": [{"run_id": run.status.run_id, "label": run.label} for run in found.runs],
        "figures": [_by_run(row, labels) for row in found.figures],
        "settings": [_by_run(row, labels) for row in found.settings],
        "shared_count": found.shared_count,
    }
    rows = [(row.words, *row.values) for row in found.figures]
    rows += [(row.name, *row.values) for row in found.settings]
    caller.answer(
        record,
        *(() if caller.as_json else table_lines(("", *labels), rows)),
        f"{found.shared_count:,} settings are the same.",
    )


@train.command("drop-checkpoints")
@click.argument("run_id", metavar="RUN")
@click.argument("names", metavar="CHECKPOINT...", nargs=-1, required=True)
@pass_caller
def drop(caller: Caller, run_id: str, names: tuple[str, ...]) -> None:
    """Delete checkpoints of a training RUN that has ended, for good; the model it kept stays."""
    freed = drop_checkpoints(caller.store, run_id, names, person=caller.person(), now=caller.now)
    caller.answer(freed, f"{', '.join(freed.names)}: deleted, {freed.byte_count:,} bytes freed.")


def _by_run(row: ComparedRow, labels: list[str]) -> dict[str, Any]:
    return {"name": row.name, "words": row.words, "values": dict(zip(labels, row.values))}


def _row(status: RunStatus) -> tuple[str, ...]:
    plan = plan_of(status)
    loss = status.outcome.get("loss") or (status.progress.numbers.get("loss") if status.progress else None)
    return (
        status.run_id,
        status.state,
        f"{plan.method}, {plan.tuning}" if plan else "",
        f"{loss:.4g}" if isinstance(loss, int | float) else "",
        status.title,
        status.created_at.astimezone().isoformat(sep=" ", timespec="minutes"),
    )


def _record(view: TrainingView, points: int) -> dict[str, Any]:
    curves = view.curves
    thin = {name: thin_out(series, points) for name, series in curves.series.items()}
    return {
        "run_id": view.status.run_id,
        "state": view.status.state,
        "attempt": view.status.attempt,
        "step": view.step,
        "total_steps": view.total_steps,
        "seconds_left": view.seconds_left,
        "loss": view.loss,
        "worries": view.worries,
        "latest": {name: series.latest for name, series in curves.series.items()},
        "curves": {
            name: {"steps": series.steps.tolist(), "values": _numbers(series.values.tolist())}
            for name, series in thin.items()
        },
        "attempts": [{"attempt": one.attempt, "step": one.step} for one in curves.attempts],
        "samples": curves.samples[-1].samples if curves.samples else (),
        "undone_count": curves.undone_count,
        "torn_count": curves.torn_count,
    }


def _numbers(values: list[float]) -> list[float | None]:
    return [value if value == value else None for value in values]  # JSON knows no NaN


def _lines(view: TrainingView) -> list[str]:
    status, curves = view.status, view.curves
    left = "" if view.seconds_left is None else f", about {view.seconds_left:,.0f} s left"
    lines = [
        f"{status.title} (attempt {status.attempt}, by {status.person})",
        f"progress: {progress_words(status)}",
        f"step {view.step:,} of {view.total_steps:,}{left}",
        *(f"look at this: {worry}" for worry in view.worries),
        *(
            f"{name}: {series.latest:.5g}"
            for name, series in curves.series.items()
            if series.latest is not None
        ),
    ]
    if view.plan:
        lines += [f"set: {row.name} = {row.value}" for row in setting_rows(view.plan) if row.is_changed]
    for sample in curves.samples[-1].samples if curves.samples else ():
        lines += [f"wanted:  {shorten(sample.wanted, 90)}", f"written: {shorten(sample.written, 90)}"]
    return lines
