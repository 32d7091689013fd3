"""The run that exports much: rows out of the store, records written by a worker, files into exports/."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.exports.export import card_of, refuse_nothing_written
from xlam_backend.exports.folder import exports_folder, new_target
from xlam_backend.exports.job import ExportJob, job_rows, read_job, write_job
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.exports.writing import Places, Written, draft_of, places_of, publish, write_rows
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store

KIND = "export"
_WRITTEN, _TARGET = "written.json", "target.txt"
_TITLES: dict[str, Callable[[ExportPlan], str]] = {
    "view": lambda plan: plan.filters.dataset or "a view",
    "release": lambda plan: f"release {plan.release[:12]}",
    "pairs": lambda _plan: "preference pairs",
}


def start_export_run(store: Store, plan: ExportPlan, *, person: Person, now: datetime) -> str:
    """Export in a run of its own, into the data folder; returns the run's id.

    Raises:
        AccessDeniedError: the person may not export.
        SettingError: the plan cannot be carried out.
    """
    require(person, "export")
    plan.check()
    params: dict[str, Any] = msgspec.to_builtins(plan)
    title = f"Export {_TITLES[plan.origin](plan)} as {plan.format_name}"
    return start_run(store, KIND, params, title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> ExportPlan:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of an export.
    """
    try:
        return msgspec.convert(params, ExportPlan).check()
    except msgspec.ValidationError as error:
        raise SettingError(f"This is no plan of an export: {error}.", "Start from the page.") from error


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the rows, and what the card says of where they come from."""
    plan = read_params(params)
    job = write_job(store, folder / INPUT, plan)
    return Prepared(job.total, f"{job.total:,} rows as {plan.format_name}")


def work(context: RunContext) -> None:
    """Write the files; one that was stopped or killed begins anew: no file is there in part."""
    job = read_job(context.folder / INPUT)
    data = context.folder / OUTPUT / f"data{job.plan.ending}"
    made = context.folder / OUTPUT / _WRITTEN
    if data.exists():
        context.set_outcome(_outcome(msgspec.json.decode(made.read_bytes(), type=Written)))
        return
    context.progress(0, job.total, _words(0, job.total))
    try:
        written = write_rows(
            job_rows(context.folder / INPUT, job),
            job.plan.form,
            places_of(data),
            settings=job.plan.settings,
            tell=lambda count: context.progress(count, job.total, _words(count, job.total)),
            should_stop=context.should_stop,
        )
    except StoppedError:
        return
    refuse_nothing_written(written)
    made.write_bytes(msgspec.json.encode(written))
    publish(places_of(data), None, has_refused=bool(written.refused))
    context.set_outcome(_outcome(written))


def _words(done: int, total: int) -> str:
    return f"{done:,} of {total:,} rows written"


def _outcome(written: Written) -> dict[str, Any]:
    outcome: dict[str, Any] = {
        "rows": written.row_count,
        "records": written.record_count,
        "bytes": written.byte_count,
        "sha256": written.sha256,
    }
    if written.refused:
        outcome["not written"] = written.refused
    if written.left_out:
        outcome["left out"] = written.left_out
    return outcome


def take_in_whole(taking: Taking) -> int:
    """Put the finished files into the folder of exports, with a card; once, whatever happens in between."""
    job = read_job(taking.folder / INPUT)
    output = taking.folder / OUTPUT
    written = msgspec.json.decode((output / _WRITTEN).read_bytes(), type=Written)
    target = _target_of(taking, job)
    places = places_of(target)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        made = places_of(output / f"data{job.plan.ending}")
        _link(made.data, draft_of(places.data))
        if written.refused:
            _link(made.refused, draft_of(places.refused))
        card = card_of(job.plan, target.name, written, job.facts, now=taking.now)
        publish(places, card, has_refused=bool(written.refused))
    with taking.store.write() as cursor:
        detail = {
            "format": job.plan.format_name,
            "records": written.record_count,
            "sha256": written.sha256,
            "run": taking.folder.name,
        }
        subject = f"file {target.name}"
        write_audit(cursor, taking.store, taking.person, "export", subject, detail, now=taking.now)
        taking.mark(cursor, 0)
    return 0


def _target_of(taking: Taking, job: ExportJob) -> Path:
    """Return where the export goes; the choice is kept, so that a second try does not make a second file."""
    note = taking.folder / OUTPUT / _TARGET
    if note.is_file():
        return exports_folder(taking.store.folder) / note.read_text("utf-8")
    target = new_target(exports_folder(taking.store.folder), job.plan, now=taking.now)
    draft = draft_of(note)
    draft.write_text(target.name, "utf-8")
    draft.replace(note)
    return target


def _link(made: Path, target: Path) -> None:
    """Give a file a second name; where the file system cannot, copy it."""
    target.unlink(missing_ok=True)
    with suppress(OSError):
        os.link(made, target)
        return
    shutil.copyfile(made, target)


def files_of_run(data_folder: Path, run_folder: Path) -> Places | None:
    """Return the files that a run has put into the folder of exports; None when it has not (yet)."""
    note = run_folder / OUTPUT / _TARGET
    if not note.is_file():
        return None
    target = exports_folder(data_folder) / note.read_text("utf-8")
    return places_of(target) if target.is_file() else None


RUN_KIND: RunKind = RunKind(KIND, "Export", "cpu", prepare, work, take_in_whole=take_in_whole)
