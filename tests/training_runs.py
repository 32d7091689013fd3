"""Folders of training runs and models as real ones leave them, written by hand: no model is trained."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import msgspec

from xlam_backend.activities.train_run import KIND
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.person import Person
from xlam_backend.runs import tree
from xlam_backend.runs.folder import (
    LOG,
    MANIFEST,
    OUTCOME,
    PROGRESS,
    STATUS,
    InputFacts,
    Manifest,
    RunProgress,
    Status,
    attempt_folder,
    runs_folder,
    write_record,
)
from xlam_backend.store.models import write_model
from xlam_backend.training.checkpoints import CHECKPOINTS, mark_complete
from xlam_backend.training.metrics_file import MetricsLine, SamplePrediction, metrics_path, tell_samples
from xlam_backend.training.models import keep_model
from xlam_backend.training.plan import TrainingPlan, write_plan

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANN = Person("ann", "researcher")


def write_training(
    data_folder, run_id, plan=None, *, state="succeeded", steps=40, attempt=1, store_id="", more=None
):
    """Write the folder of a training run that has told so many steps; returns it."""
    plan = plan or TrainingPlan(release="0" * 32)
    folder = runs_folder(data_folder) / run_id
    for name in ("input", "output", "state"):
        (folder / name).mkdir(parents=True)
    attempt_folder(folder, attempt).mkdir()
    (attempt_folder(folder, attempt) / LOG).write_text("03:04:05 40 examples, 0 held out\n")
    write_record(
        folder / MANIFEST,
        Manifest(
            run_id=run_id,
            kind=KIND,
            title=f"{plan.name or 'a model'}: {plan.method.upper()} of tiny",
            lane="gpu",
            params=write_plan(plan),
            seeds={"seed": plan.seed},
            input=InputFacts(40, "40 rows"),
            versions={"code": "abc"},
            person=ANN,
            created_at=BEGAN,
            store_id=store_id,
            host=tree.host_name(),
        ),
    )
    write_record(
        folder / STATUS,
        Status(
            state=state,
            attempt=attempt,
            heartbeat=BEGAN + timedelta(seconds=steps),
            boot_id=tree.boot_id(),
            host=tree.host_name(),
            started_at=BEGAN,
            ended_at=BEGAN + timedelta(seconds=steps),
            peak_rss_bytes=2**30,
        ),
    )
    write_record(folder / PROGRESS, RunProgress(attempt, steps, steps, f"step {steps}", {"loss": 0.5}))
    write_record(folder / OUTCOME, {"loss": 0.5, "steps": steps})
    write_steps(folder, range(1, steps + 1), method=plan.method, attempt=attempt, more=more)
    return folder


def write_steps(folder, steps, *, method="sft", attempt=1, more=None):
    """Write the figures of these steps, as a trainer tells them, in one go."""
    encode = msgspec.json.encode
    with metrics_path(folder).open("ab") as file:
        for step in steps:
            numbers = _numbers(step, method) | {name: of(step) for name, of in (more or {}).items()}
            line = MetricsLine(BEGAN.timestamp() + step * 0.5, attempt, step, numbers=numbers)
            file.write(encode(line) + b"\n")


def _numbers(step, method):
    wave = math.sin(step * 12.9898) * 0.5
    found = {
        "loss": 0.4 + 2.0 / (1 + step / 30) + 0.12 * wave,
        "learning_rate": 5e-5 * min(1.0, step / 100) * (1 + math.cos(step / 70_000)) / 2,
        "grad_norm": 1.0 + 4.0 / (1 + step / 50) + 0.4 * wave,
        "mean_token_accuracy": 1 - 0.6 / (1 + step / 60),
        "tokens_per_second": 3_100 + 60 * wave,
        "memory_bytes": 9.1e8,
        "epoch": step / 100,
    }
    if method == "dpo":
        rising = 1 - 1 / (1 + step / 40)
        found |= {
            "rewards/chosen": 0.2 * rising,
            "rewards/rejected": -1.1 * rising,
            "rewards/margins": 1.3 * rising + 0.1 * wave,
            "rewards/accuracies": 0.5 + 0.45 * rising,
            "logps/chosen": -40.0 + rising,
            "logps/rejected": -42.0 - 9 * rising,
        }
    if step % 10 == 0:
        found["eval_loss"] = 0.5 + 1.9 / (1 + step / 30)
    return found


def write_samples(folder, step, *, attempt=1, count=2):
    """Write what the model wrote for held-out rows: the first as wanted, the others not."""
    made = tuple(
        SamplePrediction(
            f"row-{number}",
            f"<b>user</b> *Book* a table {number}",
            f"[book(table={number})]",
            f"[book(table={number})]" if number == 0 else "[boo",
        )
        for number in range(count)
    )
    tell_samples(folder, attempt=attempt, step=step, samples=made, at=BEGAN.timestamp())


def write_checkpoint(folder, step, *, is_whole=True):
    """Write a checkpoint with the files that count."""
    place = folder / CHECKPOINTS / f"checkpoint-{step}"
    place.mkdir(parents=True)
    for name in ("model.safetensors", "trainer_state.json"):
        (place / name).write_bytes(b"x" * 2_048)
    if is_whole:
        mark_complete(place, step=step, process_count=1)
    return place


def write_kept_model(store, name, *, files=None, **facts):
    """Keep a model of a few bytes; returns its record."""
    record = KeptModel(
        **{
            "name": name,
            "run_id": f"run-of-{name.lower()}",
            "method": "sft",
            "tuning": "full",
            "base_model": "tiny",
            "parameter_count": 120_000,
            "trained_count": 120_000,
            "byte_count": 4_096,
            "step_count": 40,
            "example_count": 160,
            "loss": 0.41,
            "plan": write_plan(TrainingPlan(release="0" * 32)),
            "person": "ann",
            "made_at": BEGAN,
            **facts,
        }
    )
    made = store.folder / "made" / name
    made.mkdir(parents=True)
    for file, content in (files or {"model.safetensors": b"w" * 4_000, "config.json": b"{}"}).items():
        (made / file).write_bytes(content)
    keep_model(store.folder, made, record)
    with store.write() as cursor:
        write_model(cursor, store, record)
    return record
