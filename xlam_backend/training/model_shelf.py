"""The kept models as a person looks at them: what each is, came from and is used by, and what it scored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.bfcl.categories import VERSIONS
from xlam_backend.bfcl.overall import overall_score
from xlam_backend.domain.evaluation import Evaluation, Tally
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.errors import XlamError
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import list_evaluations, read_all_tallies
from xlam_backend.training.models import ModelOnDisk, find_model, folder_bytes, list_models
from xlam_backend.training.plan import TINY
from xlam_backend.training.removal import adapters_on


class ModelScore(msgspec.Struct, frozen=True):
    """What one evaluation of a model came to, in percent.

    overall      None where categories of the leaderboard's version were not run
    of_run       the same sum over what was run, with its 95 % interval
    correct      of so many answers that were scored (total)
    """

    evaluation_no: int
    question_set: str
    version: str
    mode: str
    made_at: datetime
    overall: float | None
    of_run: float | None
    low: float | None
    high: float | None
    correct: int
    total: int
    is_scripted: bool = False


class ModelFile(msgspec.Struct, frozen=True):
    """A file of a model's folder."""

    name: str
    byte_count: int


class ShelfModel(msgspec.Struct, frozen=True):
    """A kept model with what belongs to it.

    ancestors   the kept models its weights came from, the nearest first; one that is gone is named too
    children    kept models that began with its weights
    adapters    adapters that are nothing without it
    """

    model: ModelOnDisk
    byte_count: int
    files: tuple[ModelFile, ...]
    ancestors: tuple[str, ...]
    children: tuple[str, ...]
    adapters: tuple[str, ...]
    scores: tuple[ModelScore, ...]

    @property
    def record(self) -> KeptModel:
        """What model.json says of it."""
        return self.model.record


def model_of_run(data_folder: Path, run_id: str) -> ModelOnDisk | None:
    """Return the model that a run has left; None when it left none, or it was deleted."""
    return next((one for one in list_models(data_folder) if one.record.run_id == run_id), None)


def read_shelf_model(store: Store, name: str) -> ShelfModel:
    """Return one model with what belongs to it.

    Raises:
        UnknownNameError: there is none of this name.
    """
    model = find_model(store.folder, name)
    children = tuple(one.name for one in list_models(store.folder) if one.record.parent == name)
    files = tuple(
        ModelFile(str(path.relative_to(model.folder)), path.stat().st_size)
        for path in sorted(model.folder.rglob("*"))
        if path.is_file()
    )
    return ShelfModel(
        model,
        folder_bytes(model.folder),
        files,
        _ancestors(store.folder, model.record),
        children,
        adapters_on(store.folder, name),
        read_scores(store).get(name, ()),
    )


def read_scores(store: Store) -> dict[str, tuple[ModelScore, ...]]:
    """Return what every kept model scored, by its name, the newest evaluation first."""
    tallies = read_all_tallies(store)
    found: dict[str, tuple[ModelScore, ...]] = {}
    for one in list_evaluations(store):
        if one.kept_model:
            score = _score(one, tallies.get(one.evaluation_no, {}))
            found[one.kept_model] = (*found.get(one.kept_model, ()), score)
    return found


def _score(one: Evaluation, tallies: dict[str, Tally]) -> ModelScore:
    version = next((known for known in VERSIONS if known == one.version), VERSIONS[-1])
    overall = overall_score(version, tallies)
    return ModelScore(
        one.evaluation_no,
        one.question_set,
        version,
        one.mode,
        one.made_at,
        overall.value,
        overall.mean_of_run,
        overall.low,
        overall.high,
        sum(tally.correct for tally in tallies.values()),
        sum(tally.total for tally in tallies.values()),
        one.is_scripted,
    )


def _ancestors(data_folder: Path, record: KeptModel) -> tuple[str, ...]:
    found: list[str] = []
    while record.parent and record.parent not in found:
        found.append(record.parent)
        try:
            record = find_model(data_folder, record.parent).record
        except XlamError:  # it was deleted meanwhile
            break
    if record.base_model not in (TINY, *found):
        found.append(record.base_model)
    return tuple(found)
