"""Models that runs have left: a folder each in models/, with the weights, the tokenizer and model.json."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

import msgspec

from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.errors import NotFoundError, RunError, SettingError, UnknownNameError
from xlam_backend.runs.folder import read_record, write_record

MODELS_FOLDER = "models"
RECORD = "model.json"
DELETED_FOLDER = ".deleted"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class ModelOnDisk(msgspec.Struct, frozen=True):
    """A kept model and where it lies."""

    record: KeptModel
    folder: Path

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name


def models_folder(data_folder: Path) -> Path:
    """Return where the models of a data folder lie."""
    return data_folder / MODELS_FOLDER


def is_model_name(text: str) -> bool:
    """Tell whether a text can be the name of a model's folder: it may come from a URL."""
    return bool(_NAME.fullmatch(text)) and not text.endswith(".")


def refuse_bad_name(name: str) -> None:
    """Refuse what cannot be the name of a model.

    Raises:
        SettingError: it holds other characters than letters, digits, points and dashes, or is too long.
    """
    if not is_model_name(name):
        raise SettingError(
            f"{name!r} cannot be the name of a model.", "Use letters, digits, '.', '-' and '_', 80 at most."
        )


def list_models(data_folder: Path) -> list[ModelOnDisk]:
    """Return the models of a data folder that can be read, the newest first."""
    place = models_folder(data_folder)
    found = []
    for folder in place.iterdir() if place.is_dir() else ():
        record = read_record(folder / RECORD, KeptModel)
        if record is not None and record.name == folder.name:
            found.append(ModelOnDisk(record, folder))
    return sorted(found, key=lambda one: (one.record.made_at, one.name), reverse=True)


def find_model(data_folder: Path, name: str) -> ModelOnDisk:
    """Return the model of this name.

    Raises:
        UnknownNameError: there is none.
        NotFoundError: its folder cannot be read.
    """
    folder = models_folder(data_folder) / name
    if not is_model_name(name) or not folder.is_dir():
        raise UnknownNameError("model", name, [one.name for one in list_models(data_folder)])
    record = read_record(folder / RECORD, KeptModel)
    if record is None:
        raise NotFoundError(f"The model {name!r} cannot be read.", f"See {folder}, or train it again.")
    return ModelOnDisk(record, folder)


def keep_model(data_folder: Path, made: Path, record: KeptModel) -> Path:
    """Put the folder that a run made in its place, with its record; returns where it lies now.

    A folder is moved, not copied, where both lie on one disk: it is there whole or not at all. Called
    again after a crash it finds what it has done before.

    Raises:
        RunError: another model has this name, or the run has left none.
    """
    target = models_folder(data_folder) / record.name
    there = read_record(target / RECORD, KeptModel)
    if there is not None and there.run_id == record.run_id:
        return target
    if target.exists():
        raise RunError(f"There is a model {record.name!r} already.", "Repeat the run under another name.")
    if not made.is_dir():
        raise RunError("The run has left no model.", "Resume or repeat it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_record(made / RECORD, record)
    try:
        made.rename(target)
    except OSError:  # another disk: copied aside, then renamed
        aside = target.with_name(f".keeping-{record.name}")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(made, aside)
        aside.rename(target)
        with suppress(OSError):
            shutil.rmtree(made)
    return target


def folder_bytes(folder: Path) -> int:
    """Return how much a folder holds."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
