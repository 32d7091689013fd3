"""What a search for contamination works on: the texts of evaluation sets and training data, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xlam_backend.dedupe.contamination import EvaluationIndex, words_of_turns
from xlam_backend.domain.contamination import ContaminationSettings
from xlam_backend.store.connection import Store
from xlam_backend.store.contamination import (
    evaluation_numbers,
    highest_version,
    read_evaluation_turns,
    read_turns,
    training_versions,
)
from xlam_backend.store.table_file import read_tables, tables_to_bytes

SHARD_ROWS = 20_000
_JOB = "job.json"
_FIND_ROWS = 5_000  # looked up at once: so much stays in the processor's cache

_COMPARE_ROWS = 2_000  # with an evaluation set of 10,000: 80 MB of cosines

# Gives a vector of length 1 for each text.
Embed: TypeAlias = Callable[[Sequence[str]], npt.NDArray[Any]]

MATCH_SCHEMA = pa.schema(
    [
        ("dataset_no", pa.int32()),
        ("trajectory_no", pa.int64()),
        ("evaluation_trajectory_no", pa.int64()),
        ("score", pa.float64()),
        ("shared", pa.string()),
    ]
)


class SearchJob(msgspec.Struct, frozen=True):
    """What stands in the input folder: how many shards, rows and evaluation texts, by evaluation set."""

    trajectory_count: int
    shard_count: int
    evaluation: dict[int, int]  # dataset_no: how many trajectories
    highest_version_no: int


def write_job(store: Store, folder: Path, settings: ContaminationSettings) -> SearchJob:
    """Write the texts of the evaluation sets and of what can be trained on, shard by shard.

    Raises:
        InputError: no dataset is marked, or nothing can be trained on.
    """
    evaluation = {}
    for dataset_no in evaluation_numbers(store):
        texts = read_evaluation_turns(store, dataset_no)
        (folder / _evaluation_file(dataset_no)).write_bytes(tables_to_bytes([texts], {}))
        evaluation[dataset_no] = len(texts)
    highest = highest_version(store)
    numbers = training_versions(store, settings.dataset)
    count = 0
    for start in range(0, len(numbers), SHARD_ROWS):
        texts = read_turns(store, numbers[start : start + SHARD_ROWS])
        (folder / _shard_file(count)).write_bytes(tables_to_bytes([texts], {}))
        count += 1
    job = SearchJob(len(numbers), count, evaluation, highest)
    (folder / _JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> SearchJob:
    """Read what `write_job` wrote."""
    return msgspec.json.decode((folder / _JOB).read_bytes(), type=SearchJob)


def iter_shards(folder: Path, job: SearchJob) -> Iterator[tuple[int, pa.Table]]:
    """Yield the shards of the training data with their numbers."""
    for number in range(job.shard_count):
        yield number, read_tables(folder / _shard_file(number)).tables[0]


def read_evaluation(folder: Path, dataset_no: int) -> pa.Table:
    """Return the texts of an evaluation set."""
    return read_tables(folder / _evaluation_file(dataset_no)).tables[0]


class GramSearch:
    """The evaluation sets of a job, ready to be held against training data by n-grams."""

    def __init__(self, folder: Path, job: SearchJob, settings: ContaminationSettings) -> None:
        self._least_share = settings.least_share
        self._sets = []
        for dataset_no in sorted(job.evaluation):
            texts = read_evaluation(folder, dataset_no)
            index = EvaluationIndex(texts["turns"].to_pylist(), gram_words=settings.gram_words)
            self._sets.append((dataset_no, texts["trajectory_no"].to_pylist(), index))

    def find(self, shard: pa.Table) -> pa.Table:
        """Return the matches of a shard, a table of MATCH_SCHEMA."""
        found = []
        for start in range(0, len(shard), _FIND_ROWS):
            part = shard.slice(start, _FIND_ROWS)
            numbers = part["trajectory_no"].to_pylist()
            words = [words_of_turns(turns) for turns in part["turns"].to_pylist()]
            for dataset_no, evaluation_nos, index in self._sets:
                found += [
                    (dataset_no, numbers[each.row], evaluation_nos[each.item], each.score, each.shared)
                    for each in index.find(words, least_share=self._least_share)
                ]
        return match_table(found)


class EmbeddingSearch:
    """The evaluation sets of a job as vectors of their queries, ready to be held against training data."""

    def __init__(self, folder: Path, job: SearchJob, settings: ContaminationSettings, embed: Embed) -> None:
        self._least = settings.least_cosine
        self._embed = embed
        self._sets = []
        for dataset_no in sorted(job.evaluation):
            texts = read_evaluation(folder, dataset_no)
            numbers, queries = _with_words(texts)
            if queries:
                self._sets.append((dataset_no, numbers, embed(queries)))

    def find(self, shard: pa.Table) -> pa.Table:
        """Return the matches of a shard, a table of MATCH_SCHEMA."""
        numbers, queries = _with_words(shard)
        if not queries or not self._sets:
            return match_table([])
        vectors = self._embed(queries)
        found = []
        for start in range(0, len(numbers), _COMPARE_ROWS):
            part = vectors[start : start + _COMPARE_ROWS]
            for dataset_no, evaluation_nos, known in self._sets:
                cosines = part @ known.T
                best = cosines.argmax(axis=1)
                scores = cosines[np.arange(len(part)), best]
                found += [
                    (
                        dataset_no,
                        numbers[start + row],
                        evaluation_nos[best[row]],
                        min(float(scores[row]), 1.0),
                        "",
                    )
                    for row in np.flatnonzero(scores >= self._least).tolist()
                ]
        return match_table(found)


def _with_words(texts: pa.Table) -> tuple[list[int], list[str]]:
    """Return the trajectories whose query says something, and these queries."""
    pairs = zip(texts["trajectory_no"].to_pylist(), texts["turns"].to_pylist())
    said = [(number, turns[0]) for number, turns in pairs if turns[0].strip()]
    return [number for number, _ in said], [query for _, query in said]


def match_table(found: list[tuple[int, int, int, float, str]]) -> pa.Table:
    """Return matches as a table of MATCH_SCHEMA."""
    columns: list[Sequence[Any]] = list(zip(*found)) if found else [()] * len(MATCH_SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, MATCH_SCHEMA)], schema=MATCH_SCHEMA
    )


def _evaluation_file(dataset_no: int) -> str:
    return f"evaluation-{dataset_no}.arrow"


def _shard_file(number: int) -> str:
    return f"training-{number:05}.arrow"
