"""The run that trains a model: SFT from a release, DPO from the pairs that count."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.person import Person
from xlam_backend.errors import RunError, SettingError
from xlam_backend.releases.reading import find_release
from xlam_backend.runs.base import Places, Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, STATE, read_manifest
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_model_names, write_model
from xlam_backend.training.devices import places_for
from xlam_backend.training.hardware import gpu_numbers
from xlam_backend.training.job import TrainingJob, change_job, read_job, write_job
from xlam_backend.training.launch import choose_devices, train
from xlam_backend.training.models import keep_model, list_models, refuse_bad_name
from xlam_backend.training.plan import TrainingPlan, read_plan, write_plan
from xlam_backend.training.prepared import prepare_training, read_prepared
from xlam_backend.training.reporting import refuse_missing_reporters, set_up_reporters
from xlam_backend.training.trainer import MODEL, read_result

KIND = "train"


def start_training(store: Store, plan: TrainingPlan, *, person: Person, now: datetime) -> str:
    """Start a training run; it begins when its devices are free. Returns the id of the run.

    Raises:
        SettingError: the plan cannot be carried out as it is.
        NotFoundError: there is no such release or model.
    """
    require(person, "train")
    refuse_missing_reporters(plan)
    if plan.name:
        refuse_bad_name(plan.name)
        if plan.name in _names(store):
            raise SettingError(f"There is a model {plan.name!r} already.", "Choose another name.")
    if plan.method == "sft" and plan.release:
        release = find_release(store.folder, plan.release)
        plan = msgspec.structs.replace(plan, release=release.release_id)
    return start_run(store, KIND, write_plan(plan), title=_title(plan), person=person, now=now)


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write down what is learnt, and with which weights it begins."""
    job = write_job(store, folder / INPUT, read_plan(params))
    what = f"rows of the release {job.release_name}" if job.release_id else "preference pairs"
    return Prepared(job.row_count, f"{job.row_count:,} {what}")


def places(params: dict[str, Any]) -> Places:
    """Return the devices that the plan asks for, of those that this machine has."""
    return places_for(read_plan(params), gpu_numbers())


def work(context: RunContext) -> None:
    """Write the rows as tokens, and learn; what was written is kept when the run is stopped."""
    job = change_job(context.folder, read_plan(context.params))
    set_up_reporters(context.folder, job.plan)
    result = read_result(context.folder)
    context.progress(0, 1, "loading the libraries")
    placement = None if result else choose_devices(job)
    made = prepare_training(context.folder, job, context)
    if placement is not None:
        context.log(f"{made.train_count:,} examples, {made.eval_count:,} held out; {made.figures}")
        result = train(context.folder, placement, context, attempt=context.attempt)
    if result is None:
        return
    context.set_outcome(
        {
            "model": _name(job, context.run_id),
            "steps": result.step_count,
            "loss": result.loss,
            "loss on held-out rows": result.eval_loss,
            "examples": made.train_count,
            "held out": made.eval_count,
            "dropped": sum(made.figures["dropped"].values()),
            "cut": made.figures["cut"],
            "tokens seen": result.token_count,
            "parameters": result.parameter_count,
            "trained": result.trained_count,
            "devices": result.process_count,
            "strategy": result.strategy,
            "precision": result.precision,
        }
    )


def take_in(taking: Taking) -> int:
    """Put the model in its place, and note how it came about."""
    folder = taking.folder
    job, result, made = read_job(folder / INPUT), read_result(folder), read_prepared(folder)
    if result is None or made is None:
        raise RunError("The run has left no model.", "Resume or repeat it.")
    manifest = read_manifest(folder)
    name = _free_name(taking.store, _name(job, folder.name), folder.name)
    record = KeptModel(
        name=name,
        run_id=folder.name,
        method=job.plan.method,
        tuning=job.plan.tuning,
        base_model=job.start.base_model,
        parent=job.start.parent,
        release_id=job.release_id,
        data_hash=manifest.input.sha256 if manifest else "",
        recipe=job.plan.recipe,
        recipe_version=job.plan.recipe_version,
        parameter_count=result.parameter_count,
        trained_count=result.trained_count,
        byte_count=result.byte_count,
        step_count=result.step_count,
        example_count=made.train_count,
        loss=result.loss,
        eval_loss=result.eval_loss,
        is_scripted=job.is_scripted,
        plan=write_plan(job.plan),
        person=taking.person.name,
        made_at=taking.now,
    )
    keep_model(taking.store.folder, folder / STATE / MODEL, record)
    with taking.store.write() as cursor:
        write_model(cursor, taking.store, record)
        detail = {"run": folder.name, "steps": result.step_count, "release": job.release_id}
        write_audit(cursor, taking.store, taking.person, "train", f"model {name}", detail, now=taking.now)
        taking.mark(cursor, 1)
    return 1


def drop_tokens(taking: Taking) -> None:
    """Drop the rows that were written as tokens: nobody reads them any more."""
    shutil.rmtree(taking.folder / STATE / "examples", ignore_errors=True)


def _title(plan: TrainingPlan) -> str:
    what = f"{plan.method.upper()} of {plan.start_from or plan.base_model}"
    return f"{plan.name}: {what}" if plan.name else what


def _name(job: TrainingJob, run_id: str) -> str:
    """Return what the model is called: as was wished, or after its base, its method and its run."""
    if job.plan.name:
        return job.plan.name
    base = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(job.start.parent or job.start.base_model).name).strip("-.")
    return f"{base[:40] or 'model'}-{job.plan.method}-{run_id.removesuffix(f'-{KIND}')}"


def _free_name(store: Store, name: str, run_id: str) -> str:
    """Return the name, with a number behind it where another model has taken it meanwhile."""
    taken = {one.name for one in list_models(store.folder) if one.record.run_id != run_id}
    taken |= read_model_names(store)
    number = 1
    while (found := name if number == 1 else f"{name[:76]}-{number}") in taken:
        number += 1
    return found


def _names(store: Store) -> set[str]:
    return {one.name for one in list_models(store.folder)} | read_model_names(store)


RUN_KIND = RunKind(
    KIND, "Train a model", "gpu", prepare, work, take_in_whole=take_in, then=drop_tokens, places=places
)
