"""With which weights a training begins: a base model, a kept model, or a checkpoint of another run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.errors import InputError, NotFoundError, SettingError
from xlam_backend.runs.folder import is_run_id, read_record, run_folder
from xlam_backend.settings import is_folder_name, named_folder
from xlam_backend.training.checkpoints import CHECKPOINTS, faults_of
from xlam_backend.training.models import ModelOnDisk, find_model, models_folder
from xlam_backend.training.plan import TINY, TrainingPlan

_CHECKPOINT = re.compile(r"(?P<run>[^/]+)/(?P<checkpoint>checkpoint-\d+)")
_ADAPTER = "adapter_config.json"
BASE = "base"  # beside an adapter of a model that is nowhere else


class Start(msgspec.Struct, frozen=True):
    """The weights a training begins with.

    base        a folder or a name on the hub; "tiny": it is built
    revision    of a name on the hub
    adapter     a folder with an adapter that is put on the base, "" for none
    parent      the kept model that these are the weights of, "" for none
    base_model  the name of the base model at the root of it all
    """

    base: str
    revision: str = ""
    adapter: str = ""
    parent: str = ""
    base_model: str = TINY
    is_scripted: bool = False


class _Began(msgspec.Struct):
    start: Start
    is_scripted: bool = False


def find_start(data_folder: Path, plan: TrainingPlan) -> Start:
    """Return the weights that a plan names.

    Raises:
        UnknownNameError: there is no such model.
        NotFoundError: there is no such run or checkpoint, or it is not whole.
        SettingError: there is no such folder.
    """
    if plan.start_from:
        named = _CHECKPOINT.fullmatch(plan.start_from)
        if named:
            return _start_of_checkpoint(data_folder, named["run"], named["checkpoint"])
        return start_of_model(data_folder, find_model(data_folder, plan.start_from))
    if plan.base_model == TINY:
        return Start(TINY)
    if folder := named_folder(plan.base_model):
        return Start(str(folder.resolve()), base_model=plan.base_model)
    if is_folder_name(plan.base_model):
        raise SettingError(
            f"There is no folder {plan.base_model!r}.", "Name a folder with a model, or a model on the hub."
        )
    return Start(plan.base_model, plan.revision, base_model=plan.base_model)


def start_of_model(data_folder: Path, model: ModelOnDisk) -> Start:
    """Return the weights of a kept model."""
    record = model.record
    return Start(
        **_weights_in(data_folder, model.folder),
        parent=record.name,
        base_model=record.base_model,
        is_scripted=record.is_scripted,
    )


def _start_of_checkpoint(data_folder: Path, run_id: str, checkpoint: str) -> Start:
    if not is_run_id(run_id):
        raise NotFoundError(f"There is no run {run_id!r}.", "The Runs page lists them all.")
    run = run_folder(data_folder, run_id)
    folder = run / CHECKPOINTS / checkpoint
    if not folder.is_dir():
        raise NotFoundError(
            f"The run {run_id} has no {checkpoint}.", f'List them: train checkpoints "{run_id}"'
        )
    if faults := faults_of(folder):
        raise NotFoundError(f"{checkpoint} of {run_id} is not whole: {faults[0]}", "Choose another one.")
    job = read_record(run / "input" / "job.json", _Began)
    if job is None:
        raise NotFoundError(f"What the run {run_id} began with cannot be read.", "Choose another one.")
    return Start(
        **_weights_in(data_folder, folder),
        base_model=job.start.base_model,
        is_scripted=job.is_scripted,
    )


def _weights_in(data_folder: Path, folder: Path) -> dict[str, str]:
    if not (folder / _ADAPTER).is_file():
        return {"base": str(folder)}
    return {"base": base_of_adapter(data_folder, folder), "adapter": str(folder)}


def base_of_adapter(data_folder: Path, folder: Path) -> str:
    """Return the folder or the name on the hub of the model that an adapter belongs on.

    Raises:
        NotFoundError: it is not there any more.
        InputError: the adapter does not name it.
    """
    if (folder / BASE).is_dir():
        return str(folder / BASE)
    said = (read_record(folder / _ADAPTER, dict[str, Any]) or {}).get("base_model_name_or_path", "")
    if not isinstance(said, str) or not said:
        raise InputError(f"The adapter in {folder} does not name its base model.", "Train it again.")
    if Path(said).is_absolute():
        moved = models_folder(data_folder) / Path(said).name
        for place in (Path(said), moved):
            if place.is_dir():
                return str(place)
        raise NotFoundError(f"The base model of the adapter, {said}, is gone.", "Train it again.")
    return said
