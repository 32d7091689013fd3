"""From a failing slice back to the data: the questions, the release, the nearest samples, what is missing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.errors import NotFoundError, SettingError, UnknownNameError
from xlam_backend.evaluation.overview import asked_set
from xlam_backend.feedback.coverage import Coverage, measure_coverage
from xlam_backend.feedback.failures import Failure, Slice, read_failures
from xlam_backend.feedback.lack import Lack, lack_of
from xlam_backend.feedback.nearest import NearestSample, find_nearest
from xlam_backend.feedback.release_index import ReleaseIndex, open_index
from xlam_backend.feedback.requests import SampleRequest, suggest_requests
from xlam_backend.releases.reading import Release, find_release, list_releases
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation
from xlam_backend.store.models import read_models


class SliceAnalysis(msgspec.Struct, frozen=True):
    """What a failing slice has to do with a release."""

    evaluation: Evaluation
    wanted: Slice
    release_id: str
    lack: Lack
    samples: tuple[NearestSample, ...]
    coverage: Coverage
    requests: tuple[SampleRequest, ...]
    question_words: str


def release_of(store: Store, evaluation: Evaluation) -> str:
    """Return the release that an evaluated model learnt, itself or through a model it went on from.

    "" where that is not known: it is no kept model, or it learnt pairs alone.
    """
    by_name = {model.name: model for model in read_models(store, with_deleted=True)}
    name, seen = evaluation.kept_model, set[str]()
    while name in by_name and name not in seen:
        seen.add(name)
        if by_name[name].release_id:
            return by_name[name].release_id
        name = by_name[name].parent
    return ""


def learnt_release(store: Store, evaluation_no: int) -> str:
    """Return the release that the model of this evaluation learnt, "" where that is not known.

    Raises:
        NotFoundError: there is no such evaluation.
    """
    return release_of(store, read_evaluation(store, evaluation_no))


def choose_release(store: Store, evaluation: Evaluation, name: str = "") -> Release:
    """Return the release of this name (the beginning of its id), else the one that the model learnt.

    Raises:
        NotFoundError: there is no such release.
        SettingError: none is named, and the model's own is not known.
    """
    wanted = name or release_of(store, evaluation)
    if wanted:
        return find_release(store.folder, wanted)
    there = list_releases(store.folder)
    if not there:
        raise NotFoundError("There is no release yet.", "Freeze a mixture first.")
    raise SettingError(
        f"It is not known which release {evaluation.model} was trained on.",
        f"Name the release to look into, for example {there[0].release_id[:12]}.",
    )


def analyse_slice(
    store: Store, evaluation_no: int, wanted: Slice, *, release_name: str = "", most: int = 25
) -> SliceAnalysis:
    """Hold a failing slice against a release: the nearest rows, what is known against them, what is missing.

    Raises:
        NotFoundError: there is no such evaluation, or no such release.
        SettingError: no release is named, and the model's own is not known.
        UnknownNameError: the slice names an item that did not fail.
    """
    evaluation = read_evaluation(store, evaluation_no)
    release = choose_release(store, evaluation, release_name)
    failures = read_failures(store, evaluation_no, wanted)
    if not failures and wanted.item:
        raise UnknownNameError("failed item", wanted.item, _failed_ids(store, evaluation_no))
    asked = asked_set(store, evaluation)
    lack = lack_of(failures, asked.questions)
    index = kept_index(store.folder, release)
    samples = find_nearest(store, index, lack, most=most)
    return SliceAnalysis(
        evaluation,
        wanted,
        release.release_id,
        lack,
        samples,
        measure_coverage(store, index, lack),
        suggest_requests(samples),
        asked.words,
    )


def kept_index(data_folder: Path, release: Release) -> ReleaseIndex:
    """Return the index of a release, which is kept in memory: a release never changes."""
    return _indexes(data_folder, release.release_id)


@lru_cache(maxsize=2)
def _indexes(data_folder: Path, release_id: str) -> ReleaseIndex:
    return open_index(data_folder, find_release(data_folder, release_id))


def _failed_ids(store: Store, evaluation_no: int) -> list[str]:
    found: tuple[Failure, ...] = read_failures(store, evaluation_no)
    return [failure.item.item_id for failure in found]
