"""Takes models and checkpoints away: a model can be put back until its files are freed; a checkpoint not."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError, NotFoundError
from xlam_backend.runs.folder import read_record, run_folder
from xlam_backend.runs.launch import held_folder
from xlam_backend.runs.state import list_runs
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.models import ModelEvent, write_model_event
from xlam_backend.training.checkpoints import delete_checkpoints, list_checkpoints
from xlam_backend.training.models import (
    DELETED_FOLDER,
    RECORD,
    ModelOnDisk,
    find_model,
    folder_bytes,
    is_model_name,
    list_models,
    models_folder,
)
from xlam_backend.training.start import base_of_adapter

_FREEING = ".freeing-"
# The parameter in which a kind of run names the kept model it reads.
_NAMED_IN = {
    "train": "start_from",
    "evaluate_model": "kept_model",
    "merge": "adapter",
    "export model": "model",
}


class Freed(msgspec.Struct, frozen=True):
    """What was taken away: names, and how many bytes they held."""

    names: tuple[str, ...]
    byte_count: int


def list_deleted(data_folder: Path) -> list[ModelOnDisk]:
    """Return the models that were deleted and can still be put back."""
    place = models_folder(data_folder) / DELETED_FOLDER
    found = []
    for folder in place.iterdir() if place.is_dir() else ():
        record = read_record(folder / RECORD, KeptModel)
        if record is not None and record.name == folder.name:
            found.append(ModelOnDisk(record, folder))
    return sorted(found, key=lambda one: one.name)


def adapters_on(data_folder: Path, name: str) -> tuple[str, ...]:
    """Return the adapters that are put on this model, and are nothing without it."""
    target = (models_folder(data_folder) / name).resolve()
    return tuple(
        one.name
        for one in list_models(data_folder)
        if one.record.is_adapter and one.name != name and _base_folder(data_folder, one.folder) == target
    )


def delete_model(store: Store, name: str, *, because: str = "", person: Person, now: datetime) -> ModelOnDisk:
    """Take a model away; its files stay in models/.deleted until somebody frees them.

    Raises:
        AccessDeniedError: the person may not.
        UnknownNameError: there is none of this name.
        InputError: an open run uses it, or adapters are put on it that would be nothing without it.
    """
    require(person, "train")
    with store.write() as cursor:  # looked at in here: somebody else may delete it in this moment
        model = find_model(store.folder, name)
        _refuse_in_use(store.folder, name)
        target = models_folder(store.folder) / DELETED_FOLDER / name
        target.parent.mkdir(exist_ok=True)
        event = ModelEvent(name, "deleted", person.name, because.strip()[:500], utc_timestamp(now))
        write_model_event(cursor, event)
        detail = {"act": "delete model", "bytes": model.record.byte_count, "because": because}
        write_audit(cursor, store, person, "train", f"model {name}", detail, now=now)
        model.folder.rename(target)
    return ModelOnDisk(model.record, target)


def restore_model(store: Store, name: str, *, person: Person, now: datetime) -> ModelOnDisk:
    """Put a deleted model back.

    Raises:
        AccessDeniedError: the person may not.
        NotFoundError: no deleted model has this name.
    """
    require(person, "train")
    target = models_folder(store.folder) / name
    with store.write() as cursor:
        model = _deleted(store.folder, name)
        write_model_event(cursor, ModelEvent(name, "restored", person.name, "", utc_timestamp(now)))
        write_audit(cursor, store, person, "train", f"model {name}", {"act": "restore model"}, now=now)
        model.folder.rename(target)
    return ModelOnDisk(model.record, target)


def free_model(store: Store, name: str, *, person: Person, now: datetime) -> Freed:
    """Delete the files of a model that was deleted before, for good; its row stays in the store.

    Raises:
        AccessDeniedError: the person may not remove data.
        NotFoundError: no deleted model has this name.
    """
    require(person, "remove data")
    place = models_folder(store.folder) / DELETED_FOLDER
    with store.write() as cursor:
        model = _deleted(store.folder, name)
        freed = Freed((name,), folder_bytes(model.folder))
        detail = {"act": "free model", "bytes": freed.byte_count}
        write_audit(cursor, store, person, "remove data", f"model {name}", detail, now=now)
        model.folder.rename(place / f"{_FREEING}{name}")
    for leaving in place.glob(f"{_FREEING}*"):  # also what was left when this was killed before
        shutil.rmtree(leaving, ignore_errors=True)
    return freed


def drop_checkpoints(
    store: Store, run_id: str, names: Sequence[str], *, person: Person, now: datetime
) -> Freed:
    """Delete checkpoints of a run that has ended, for good; what the run has kept as a model stays.

    Raises:
        AccessDeniedError: the person may not.
        RunError: the run is still open.
        NotFoundError: it has no such checkpoint.
    """
    require(person, "train")
    folder = run_folder(store.folder, run_id)
    with held_folder(folder):  # nobody resumes it from one of these meanwhile
        sizes = {one.name: one.byte_count for one in list_checkpoints(folder)}
        if missing := [name for name in names if name not in sizes]:
            raise NotFoundError(f"The run {run_id} has no {missing[0]}.", "Look at what it has.")
        freed = Freed(tuple(names), sum(sizes[name] for name in names))
        with store.write() as cursor:
            detail = {"act": "delete checkpoints", "names": ", ".join(names), "bytes": freed.byte_count}
            write_audit(cursor, store, person, "train", f"run {run_id}", detail, now=now)
        delete_checkpoints(folder, names)
    return freed


def _refuse_in_use(data_folder: Path, name: str) -> None:
    if held := adapters_on(data_folder, name):
        raise InputError(
            f"{', '.join(held)}: adapters of {name}, which cannot be used without it.",
            "Merge or delete them first.",
        )
    for run in list_runs(data_folder):
        if run.is_open and run.params.get(_NAMED_IN.get(run.kind, "")) == name:
            raise InputError(
                f"{name} is used by the run {run.run_id} ({run.title}).",
                "Wait for its end, or stop it first.",
            )


def _deleted(data_folder: Path, name: str) -> ModelOnDisk:
    folder = models_folder(data_folder) / DELETED_FOLDER / name
    record = read_record(folder / RECORD, KeptModel) if is_model_name(name) else None
    if record is None:
        raise NotFoundError(f"No deleted model is called {name!r}.", "`models list --deleted` names them.")
    return ModelOnDisk(record, folder)


def _base_folder(data_folder: Path, folder: Path) -> Path | None:
    try:
        return Path(base_of_adapter(data_folder, folder)).resolve()
    except (NotFoundError, InputError, OSError):
        return None
