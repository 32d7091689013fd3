"""A kept model as a folder that can go to the hub: weights, tokenizer, card, and the hash of every file."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.errors import InputError, NotFoundError, RunError, SettingError, StoppedError
from xlam_backend.releases.reading import find_release
from xlam_backend.runs.folder import write_whole
from xlam_backend.store.connection import Store
from xlam_backend.training.hardware import free_disk
from xlam_backend.training.model_card import CardFacts, write_model_card
from xlam_backend.training.model_shelf import read_scores
from xlam_backend.training.models import RECORD, ModelOnDisk, find_model

MODEL_EXPORTS_FOLDER = "model_exports"
SUMS = "SHA256SUMS"
CARD = "README.md"

_ADAPTER = "adapter_config.json"
_BASE = "base_model_name_or_path"
# What transformers and peft read. Pickled files are not among them: whoever loads one runs it.
_ENDINGS = frozenset({".safetensors", ".json", ".jinja", ".txt", ".model"})
_NOT_TAKEN = frozenset({RECORD, "trainer_state.json", "complete.json"})
_PLACES = ("_name_or_path", _BASE)
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}")
_BLOCK = 4 * 2**20


class ModelExportPlan(msgspec.Struct, frozen=True):
    """Which model is exported; `licence` is what its card says, "other" when empty."""

    model: str
    licence: str = ""


class ModelExportJob(msgspec.Struct, frozen=True):
    """What the worker is told: where the model lies, which files go along, and its card."""

    folder: str
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    byte_count: int
    card: str


class ExportedModel(msgspec.Struct, frozen=True):
    """What was written."""

    file_count: int
    byte_count: int
    left_out: tuple[str, ...]


class ModelExport(msgspec.Struct, frozen=True):
    """An exported model in the data folder."""

    name: str
    folder: Path
    byte_count: int
    made_at: datetime


def model_exports_folder(data_folder: Path) -> Path:
    """Return where exported models lie."""
    return data_folder / MODEL_EXPORTS_FOLDER


def plan_export(store: Store, plan: ModelExportPlan) -> ModelExportJob:
    """Return what an export will hold, with its card.

    Raises:
        UnknownNameError: there is no such model.
        InputError: it is an adapter whose base model lies on this machine only.
        SettingError: the licence is no key of a licence.
        RunError: the disk has no room for it.
    """
    if plan.licence and not _LICENCE.fullmatch(plan.licence):
        raise SettingError(
            f"{plan.licence!r} is no key of a licence.", "Write it as the hub does: apache-2.0"
        )
    model = find_model(store.folder, plan.model)
    _refuse_local_base(model)
    files, left_out = _chosen(model.folder)
    size = sum((model.folder / name).stat().st_size for name in files)
    if free_disk(store.folder) < size * 1.05:
        raise RunError(f"There is no room for the export: {size / 2**30:.1f} GiB.", "Free some space first.")
    return ModelExportJob(str(model.folder), files, left_out, size, _card(store, model, plan.licence))


def write_export(
    job: ModelExportJob, target: Path, *, tell: Callable[[int], None], should_stop: Callable[[], bool]
) -> ExportedModel:
    """Copy the files, hashing each on its way; a folder that was begun before is begun anew.

    Raises:
        StoppedError: it was asked to stop.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    done, sums = 0, []
    for name in job.files:
        source = Path(job.folder) / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".json":
            content = _without_places(source.read_bytes())
            (target / name).write_bytes(content)
            sums.append((hashlib.sha256(content).hexdigest(), name))
            done += source.stat().st_size
        else:
            digest = hashlib.sha256()
            with (target / name).open("wb") as file:
                for block in _blocks(source):
                    if should_stop():
                        raise StoppedError("The export was stopped.", "Resume it to begin anew.")
                    digest.update(block)
                    file.write(block)
                    done += len(block)
                    tell(done)
            sums.append((digest.hexdigest(), name))
        tell(done)
    (target / CARD).write_text(job.card, encoding="utf-8")
    sums.append((hashlib.sha256(job.card.encode()).hexdigest(), CARD))
    write_whole(target / SUMS, "".join(f"{digest}  {name}\n" for digest, name in sorted(sums)).encode())
    return ExportedModel(len(sums), done, job.left_out)


def list_model_exports(data_folder: Path) -> list[ModelExport]:
    """Return the exported models of a data folder, the newest first."""
    place = model_exports_folder(data_folder)
    found = []
    for folder in place.iterdir() if place.is_dir() else ():
        sums = folder / SUMS
        if sums.is_file() and not folder.name.startswith("."):
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            made_at = datetime.fromtimestamp(sums.stat().st_mtime).astimezone()
            found.append(ModelExport(folder.name, folder, size, made_at))
    return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)


def new_export_name(data_folder: Path, model: str) -> str:
    """Return a name for an export's folder that none has: the model's, with a number where need be."""
    place = model_exports_folder(data_folder)
    number, name = 2, model
    while (place / name).exists():
        name, number = f"{model}-{number}", number + 1
    return name


def _refuse_local_base(model: ModelOnDisk) -> None:
    if not model.record.is_adapter:
        return
    said = _read_json(model.folder / _ADAPTER).get(_BASE, "")
    if not isinstance(said, str) or said.count("/") != 1 or said.startswith(("/", "~", ".")):
        raise InputError(
            f"{model.name} is an adapter on a model that lies on this machine only: nobody could load it.",
            "Merge it first, and export the whole model.",
        )


def _chosen(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()]
    taken = tuple(
        name
        for name in names
        if Path(name).suffix in _ENDINGS and Path(name).name not in _NOT_TAKEN and len(Path(name).parts) == 1
    )
    left_out = tuple(name for name in names if name not in taken and name != RECORD)
    if not any(name.endswith(".safetensors") for name in taken):
        raise NotFoundError("This model holds no weights as safetensors.", "Train it again.")
    return taken, left_out


def _card(store: Store, model: ModelOnDisk, licence: str) -> str:
    release = None
    if model.record.release_id:
        try:
            release = find_release(store.folder, model.record.release_id).manifest
        except NotFoundError:
            release = None  # the card says that it is gone
    scores = read_scores(store).get(model.name, ())
    return write_model_card(CardFacts(model.record, release, scores, licence))


def _without_places(content: bytes) -> bytes:
    """Return a JSON file without the folders of this machine that trainers note in it."""
    told = msgspec.json.decode(content)
    if not isinstance(told, dict):
        return content
    local = {name for name in _PLACES if isinstance(told.get(name), str) and _is_place(told[name])}
    if not local:
        return content
    kept = {name: value for name, value in told.items() if name not in local}
    return msgspec.json.format(msgspec.json.encode(kept), indent=2)


def _is_place(text: str) -> bool:
    return text.startswith(("/", "~", ".")) or text.count("/") > 1


def _read_json(path: Path) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(path.read_bytes())
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        return {}
    return told if isinstance(told, dict) else {}


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
