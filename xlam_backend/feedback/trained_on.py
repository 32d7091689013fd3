"""Forward from a trajectory: the releases that hold it, the runs that read them, the models, their scores."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.errors import XlamError
from xlam_backend.feedback.nearest import content_id_of
from xlam_backend.releases.reading import Release, list_releases, read_manifest
from xlam_backend.runs.folder import INPUT, runs_folder
from xlam_backend.runs.state import list_runs
from xlam_backend.store.connection import Store
from xlam_backend.store.derivations import read_family
from xlam_backend.store.models import read_models
from xlam_backend.store.parquet_file import read_parquet
from xlam_backend.store.trajectories import choose_version, find_trajectory, read_versions
from xlam_backend.training.job import TrainingJob, job_of_run, preference_rows
from xlam_backend.training.model_shelf import ModelScore, read_scores

TRAINING_KIND = "train"
_MOST_MADE = 10_000

How = Literal["itself", "made from it"]


class ReleaseWith(msgspec.Struct, frozen=True):
    """A release that holds a trajectory, or something that was made from it.

    `row_ids` are its rows of it; `is_current` says whether one of them is the state that counts today.
    `first_number` is the place of the first of them in the release.
    """

    release_id: str
    name: str
    how: How
    row_ids: tuple[str, ...]
    sources: tuple[str, ...]
    is_current: bool
    first_number: int


class RunWith(msgspec.Struct, frozen=True):
    """A training run whose data hold the trajectory: through a release, or as a preference pair."""

    run_id: str
    title: str
    state: str
    method: str
    release_id: str
    how: How


class ModelWith(msgspec.Struct, frozen=True):
    """A model that such a run has left, or that went on from one (`through` names it)."""

    model: KeptModel
    through: str
    scores: tuple[ModelScore, ...]


class TrainedOn(msgspec.Struct, frozen=True):
    """What became of a trajectory."""

    releases: tuple[ReleaseWith, ...] = ()
    runs: tuple[RunWith, ...] = ()
    models: tuple[ModelWith, ...] = ()


def find_trained_on(store: Store, trajectory_id: str) -> TrainedOn:
    """Return where a trajectory stands in releases, runs and models, and what these models score.

    Raises:
        NotFoundError: there is no such trajectory.
    """
    number = find_trajectory(store, trajectory_id)
    current = choose_version(trajectory_id, read_versions(store, number), None)
    made = {one.trajectory_id for one in read_family(store, number, most=_MOST_MADE).children}
    ids: dict[How, set[str]] = {"itself": {trajectory_id}, "made from it": made - {""}}
    releases = tuple(
        found
        for release in list_releases(store.folder, with_archived=True)
        for how, wanted in ids.items()
        if (found := _look_into(release, how, wanted, current.content_id))
    )
    runs = tuple(_runs_with(store.folder, ids, releases))
    return TrainedOn(releases, runs, tuple(_models_with(store, releases, runs)))


def _look_into(release: Release, how: How, wanted: set[str], current_content: str) -> ReleaseWith | None:
    places = _places(_trajectory_ids(release.folder), wanted)
    if not places:
        return None
    row_ids, sources = _read_places(release, places)
    return ReleaseWith(
        release.release_id,
        release.manifest.name,
        how,
        tuple(row_ids),
        tuple(sorted({*sources})),
        any(content_id_of(row_id) == current_content for row_id in row_ids),
        places[0],
    )


@lru_cache(maxsize=8)
def _trajectory_ids(folder: Path) -> pa.ChunkedArray:
    """Return the trajectory of every row of a release, which never changes."""
    parts = (part.name for part in read_manifest(folder).parts)
    columns = [read_parquet(folder / name, columns=["trajectory_id"])["trajectory_id"] for name in parts]
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())


def _places(ids: pa.ChunkedArray, wanted: set[str]) -> list[int]:
    if not wanted:
        return []
    hits = pc.is_in(ids, value_set=pa.array(sorted(wanted), pa.string()))
    found: list[int] = pc.indices_nonzero(hits).to_pylist()
    return found


def _read_places(release: Release, places: list[int]) -> tuple[list[str], list[str]]:
    """Return the ids and the sources of the rows at these places."""
    row_ids: list[str] = []
    sources: list[str] = []
    first = 0
    for part in release.manifest.parts:
        here = [place - first for place in places if 0 <= place - first < part.row_count]
        if here:
            table = read_parquet(release.folder / part.name, columns=["row_id", "source"]).take(here)
            row_ids += table["row_id"].to_pylist()
            sources += table["source"].to_pylist()
        first += part.row_count
    return row_ids, sources


def _runs_with(
    data_folder: Path, ids: dict[How, set[str]], releases: tuple[ReleaseWith, ...]
) -> Iterator[RunWith]:
    for run in list_runs(data_folder):
        if run.kind != TRAINING_KIND:
            continue
        folder = runs_folder(data_folder) / run.run_id
        job = _job_of(folder)
        if job is None:
            continue
        how = _how_release(job, releases) if job.release_id else _how_pairs(folder, ids)
        if how is not None:
            yield RunWith(run.run_id, run.title, run.state, job.plan.method, job.release_id, how)


def _job_of(folder: Path) -> TrainingJob | None:
    """Return what a training run works on; None where its folder no longer says."""
    try:
        return job_of_run(folder)
    except (OSError, msgspec.MsgspecError, XlamError):
        return None


def _how_release(job: TrainingJob, releases: tuple[ReleaseWith, ...]) -> How | None:
    for release in releases:
        if release.release_id == job.release_id and _is_read(release, job.plan.most_rows):
            return release.how
    return None


def _is_read(release: ReleaseWith, most_rows: int) -> bool:
    """Tell whether a run that takes so many rows (0: all) comes to the trajectory."""
    return not most_rows or release.first_number < most_rows


def _how_pairs(folder: Path, ids: dict[How, set[str]]) -> How | None:
    learnt = _trajectories_of_pairs(folder)
    return next((how for how, wanted in ids.items() if wanted & learnt), None)


@lru_cache(maxsize=64)
def _trajectories_of_pairs(folder: Path) -> frozenset[str]:
    """Return the trajectories of the pairs that a run was given; what a run is given never changes."""
    job = _job_of(folder)
    if job is None:
        return frozenset()
    try:
        return frozenset(row.trajectory_id for row in preference_rows(folder / INPUT, job))
    except (OSError, msgspec.MsgspecError):
        return frozenset()


def _models_with(
    store: Store, releases: tuple[ReleaseWith, ...], runs: tuple[RunWith, ...]
) -> Iterator[ModelWith]:
    """Yield the models of these runs, and those that went on from them: what they learnt is in there too.

    A model says itself which release it learnt, so that it is known when its run was deleted.
    """
    known = read_models(store, with_deleted=True)
    through: dict[str, str] = {}
    run_ids = {run.run_id for run in runs}
    for model in reversed(known):  # the oldest first: a model goes on from one that was there
        most = model.plan.get("most_rows", 0)
        has_learnt = any(one.release_id == model.release_id and _is_read(one, most) for one in releases)
        if model.run_id in run_ids or has_learnt:
            through[model.name] = ""
        elif model.parent in through:
            through[model.name] = model.parent
    scores = read_scores(store) if through else {}
    for model in known:
        if model.name in through:
            yield ModelWith(model, through[model.name], scores.get(model.name, ()))
