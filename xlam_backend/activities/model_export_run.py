"""The run that exports a model: a folder that is ready for the hub, there whole or not at all."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, SettingError, StoppedError
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.runs.launch import MAKING
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.training.exporting import (
    SUMS,
    ExportedModel,
    ModelExportJob,
    ModelExportPlan,
    model_exports_folder,
    new_export_name,
    plan_export,
    write_export,
)
from xlam_backend.training.models import is_model_name

KIND = "export model"
_JOB, _MODEL, _WRITTEN, _TARGET = "job.json", "model", "written.json", "target.txt"


def start_model_export(store: Store, plan: ModelExportPlan, *, person: Person, now: datetime) -> str:
    """Export a model into the data folder; returns the id of the run.

    Raises:
        InputError: it is an adapter that nobody else could load.
    """
    require(person, "export")
    plan_export(store, plan)
    title = f"Export the model {plan.model}"
    return start_run(store, KIND, msgspec.to_builtins(plan), title=title, person=person, now=now)


def remove_model_export(store: Store, name: str, *, person: Person, now: datetime) -> None:
    """Remove an exported model; the model itself stays.

    Raises:
        NotFoundError: there is no such export.
    """
    require(person, "export")
    folder = model_exports_folder(store.folder) / name
    if not is_model_name(name) or not (folder / SUMS).is_file():
        raise NotFoundError(f"There is no exported model {name!r}.", "The Models page lists them.")
    with store.write() as cursor:
        detail = {"act": "remove exported model"}
        write_audit(cursor, store, person, "export", f"exported model {name}", detail, now=now)
    shutil.rmtree(folder)


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write down which files go along, and the card."""
    plan = _read_params(params)
    job = plan_export(store, plan)
    (folder / INPUT / _JOB).write_bytes(msgspec.json.encode(job))
    return Prepared(len(job.files), f"{len(job.files):,} files of {plan.model}")


def work(context: RunContext) -> None:
    """Copy the files; an export that was stopped or killed begins anew."""
    job = msgspec.json.decode((context.folder / INPUT / _JOB).read_bytes(), type=ModelExportJob)
    made = context.folder / OUTPUT / _WRITTEN
    if not made.is_file():
        try:
            written = write_export(
                job,
                context.folder / OUTPUT / _MODEL,
                tell=lambda done: context.progress(done, job.byte_count, _words(done, job.byte_count)),
                should_stop=context.should_stop,
            )
        except StoppedError:
            return
        context.write_part(_WRITTEN, msgspec.json.encode(written))
    written = msgspec.json.decode(made.read_bytes(), type=ExportedModel)
    outcome: dict[str, Any] = {"files": written.file_count, "bytes": written.byte_count}
    if written.left_out:
        outcome["left out"] = list(written.left_out)
    context.set_outcome(outcome)


def take_in(taking: Taking) -> int:
    """Put the folder in its place; once, whatever happens in between."""
    plan = _read_params(taking.params)
    note = taking.folder / OUTPUT / _TARGET
    if not note.is_file():  # the choice is kept, so that a second try does not make a second folder
        note.write_text(new_export_name(taking.store.folder, plan.model), encoding="utf-8")
    target = model_exports_folder(taking.store.folder) / note.read_text(encoding="utf-8")
    made = taking.folder / OUTPUT / _MODEL
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            made.rename(target)
        except OSError:  # another disk
            aside = target.with_name(f"{MAKING}{target.name}")
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(made, aside)
            aside.rename(target)
    with taking.store.write() as cursor:
        detail = {"act": "export model", "folder": target.name, "run": taking.folder.name}
        write_audit(
            cursor, taking.store, taking.person, "export", f"model {plan.model}", detail, now=taking.now
        )
        taking.mark(cursor, 0)
    return 0


def _words(done: int, total: int) -> str:
    return f"{done / 2**20:,.0f} of {total / 2**20:,.0f} MiB copied"


def _read_params(params: dict[str, Any]) -> ModelExportPlan:
    try:
        return msgspec.convert(params, ModelExportPlan)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"This is no plan of an export: {error}.", "Start from the Models page."
        ) from error


RUN_KIND = RunKind(KIND, "Export a model", "cpu", prepare, work, take_in_whole=take_in)
