"""`models`: what training runs have left: list, show, merge, export, delete, put back."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from xlam_backend.activities.merge_run import start_merge
from xlam_backend.activities.model_export_run import remove_model_export, start_model_export
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.runs import finish_run, progress_words, refuse_not_taken, tell_started
from xlam_backend.settings import data_dir
from xlam_backend.store.models import read_model_of_run
from xlam_backend.training.exporting import ModelExportPlan, list_model_exports
from xlam_backend.training.model_shelf import ShelfModel, read_shelf_model
from xlam_backend.training.models import ModelOnDisk, list_models
from xlam_backend.training.removal import delete_model, free_model, list_deleted, restore_model

NAME = click.argument("name", metavar="MODEL")
DETACH = click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")


@click.group("models", cls=StudioGroup)
def models() -> None:
    """Models that training runs have left: folders in models/ of the data folder."""


@models.command("list", needs_store=False)
@click.option("--deleted", is_flag=True, help="Those that were deleted and can be put back.")
@pass_caller
def list_all(caller: Caller, deleted: bool) -> None:
    """List the models, the newest first."""
    found = list_deleted(data_dir()) if deleted else list_models(data_dir())
    header = ("model", "how", "base model", "parameters", "bytes", "loss", "parent", "made")
    caller.answer_table([one.record for one in found], header, [_row(one) for one in found])


@models.command("show")
@NAME
@pass_caller
def show(caller: Caller, name: str) -> None:
    """Show a MODEL: where it comes from, what it scored, its files."""
    shelf = read_shelf_model(caller.store, name)
    record = {**msgspec.structs.asdict(shelf), "model": shelf.record, "folder": str(shelf.model.folder)}
    caller.answer(record, *_lines(shelf))


@models.command("merge")
@NAME
@click.option("--name", "new_name", default="", metavar="NAME", help="What the whole model is called.")
@DETACH
@pass_caller
def merge(caller: Caller, name: str, new_name: str, detach: bool) -> None:
    """Put an adapter MODEL into the weights of its base: a whole model comes of it."""
    run_id = start_merge(caller.store, name, name=new_name, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    outcome = _finish(caller, run_id, "Merging")
    made = read_model_of_run(caller.store, run_id)
    told = {"run_id": run_id, "model": made.name if made else "", **outcome}
    caller.answer(told, f"{told['model']}: {outcome['parameters']:,} parameters, {outcome['bytes']:,} bytes.")


@models.command("export")
@NAME
@click.option("--licence", default="", metavar="KEY", help="What the card says, as the hub writes it.")
@DETACH
@pass_caller
def export(caller: Caller, name: str, licence: str, detach: bool) -> None:
    """Make a folder of a MODEL that is ready for the hub; nothing is sent anywhere."""
    plan = ModelExportPlan(name, licence)
    before = {one.name for one in list_model_exports(caller.store.folder)}
    run_id = start_model_export(caller.store, plan, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    outcome = _finish(caller, run_id, "Exporting")
    made = [one for one in list_model_exports(caller.store.folder) if one.name not in before]
    folder = str(made[0].folder) if made else ""
    told = {"run_id": run_id, "folder": folder, **outcome}
    caller.answer(told, f"{folder}: {outcome['files']:,} files, {outcome['bytes']:,} bytes.")


@models.command("exports", needs_store=False)
@pass_caller
def exports(caller: Caller) -> None:
    """List the folders that were exported."""
    found = list_model_exports(data_dir())
    rows = [
        (one.name, f"{one.byte_count:,}", f"{one.made_at:%Y-%m-%d %H:%M}", str(one.folder)) for one in found
    ]
    told = [{**msgspec.structs.asdict(one), "folder": str(one.folder)} for one in found]
    caller.answer_table(told, ("name", "bytes", "made", "folder"), rows)


@models.command("remove-export")
@click.argument("name", metavar="NAME")
@pass_caller
def remove_export(caller: Caller, name: str) -> None:
    """Remove an exported folder; the model itself stays."""
    remove_model_export(caller.store, name, person=caller.person(), now=caller.now)
    caller.answer({"name": name, "removed": True}, f"{name}: removed")


@models.command("delete")
@NAME
@click.option("--because", default="", metavar="TEXT", help="Why; it stands in the log.")
@pass_caller
def delete(caller: Caller, name: str, because: str) -> None:
    """Take a MODEL away; `models restore` puts it back until its space is freed."""
    made = delete_model(caller.store, name, because=because, person=caller.person(), now=caller.now)
    caller.answer(
        {"name": name, "deleted": True, "folder": str(made.folder)},
        f"{name}: deleted. To put it back: python -m xlam_backend models restore {name}",
    )


@models.command("restore")
@NAME
@pass_caller
def restore(caller: Caller, name: str) -> None:
    """Put a deleted MODEL back."""
    made = restore_model(caller.store, name, person=caller.person(), now=caller.now)
    caller.answer({"name": name, "folder": str(made.folder)}, f"{name} lies in {made.folder} again.")


@models.command("free")
@NAME
@click.option("--yes", is_flag=True, help="Do it: the files go for good.")
@pass_caller
def free(caller: Caller, name: str, yes: bool) -> None:
    """Delete the files of a deleted MODEL for good, to free their space."""
    if not yes:
        raise click.UsageError(f"The files of {name} go for good. To do it: --yes")
    freed = free_model(caller.store, name, person=caller.person(), now=caller.now)
    caller.answer(freed, f"{name}: {freed.byte_count:,} bytes freed.")


def _finish(caller: Caller, run_id: str, words: str) -> dict[str, Any]:
    status = finish_run(caller, run_id, lambda made: f"{words}: {progress_words(made)}")
    refuse_not_taken(status)
    return status.outcome


def _row(model: ModelOnDisk) -> tuple[str, ...]:
    record = model.record
    return (
        record.name,
        f"{record.method}, {record.tuning}",
        record.base_model,
        f"{record.parameter_count:,}",
        f"{record.byte_count:,}",
        "" if record.loss is None else f"{record.loss:.4g}",
        record.parent,
        record.made_at.astimezone().isoformat(sep=" ", timespec="minutes"),
    )


def _lines(shelf: ShelfModel) -> list[str]:
    record = shelf.record
    lines = [
        f"{record.name}: {record.method}, {record.tuning}, {record.parameter_count:,} parameters, "
        f"{shelf.byte_count:,} bytes",
        f"made by {record.person} in the run {record.run_id}",
        f"weights from: {', '.join(shelf.ancestors) or 'nothing: built from scratch'}",
        f"learnt: {'release ' + record.release_id if record.release_id else 'preference pairs'}",
    ]
    lines += [f"adapter on it: {name}" for name in shelf.adapters]
    lines += [f"began with it: {name}" for name in shelf.children]
    lines += [
        f"scored: {score.correct:,} of {score.total:,} on {score.question_set} "
        f"({score.version}, {score.mode})"
        for score in shelf.scores
    ]
    return [*lines, f"folder: {shelf.model.folder}"]


COMMANDS = (models,)
