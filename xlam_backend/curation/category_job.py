"""What a run of the categories works on, and its result: queries in shards, categories and members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.curation.grouping import (
    LEARNT_FROM,
    Vectors,
    assign,
    count_words,
    learn_middles,
    name_of,
    telling_words,
    text_order,
)
from xlam_backend.domain.category import CategorySettings, NewCategory
from xlam_backend.store.categories import read_queries, versions_to_sort
from xlam_backend.store.connection import Store
from xlam_backend.store.table_file import read_tables, tables_to_bytes

SHARD_ROWS = 20_000
_JOB = "job.json"

Embed = Callable[[Sequence[str]], Vectors]
Tell = Callable[[int, int], None]


class SortJob(msgspec.Struct, frozen=True):
    """How many trajectories and shards stand in the input folder."""

    trajectory_count: int
    shard_count: int


class Sorted(msgspec.Struct, frozen=True):
    """The categories, and (trajectory_no, category_no, similarity) of what was sorted."""

    categories: tuple[NewCategory, ...]
    members: pa.Table
    no_text_count: int


def write_job(store: Store, folder: Path, settings: CategorySettings) -> SortJob:
    """Write the queries that are to be sorted."""
    numbers = versions_to_sort(store, settings)
    starts = range(0, len(numbers), SHARD_ROWS)
    for at, start in enumerate(starts):
        queries = read_queries(store, numbers[start : start + SHARD_ROWS])
        (folder / _shard_file(at)).write_bytes(tables_to_bytes([queries], {}))
    job = SortJob(len(numbers), len(starts))
    (folder / _JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> SortJob:
    """Read what `write_job` wrote."""
    return msgspec.json.decode((folder / _JOB).read_bytes(), type=SortJob)


def sort_queries(folder: Path, job: SortJob, settings: CategorySettings, embed: Embed, tell: Tell) -> Sorted:
    """Embed the queries shard by shard, learn the groups from a sample, and sort all of them.

    Vectors are asked for twice instead of kept: the second time they come from disk.
    """
    sample = _draw_sample(folder, job, settings)
    tell(0, job.trajectory_count)
    middles = learn_middles(embed(sample), settings.count, seed=settings.seed) if sample else None
    numbers: list[int] = []
    places: list[np.ndarray] = []
    similarity: list[np.ndarray] = []
    counted = count_words([], [], 0 if middles is None else len(middles))
    done = no_text = 0
    for shard in _iter_shards(folder, job):
        said, queries = _with_words(shard)
        no_text += len(shard) - len(said)
        if middles is not None and queries:
            nearest, cosines = assign(embed(queries), middles)
            numbers += said
            places.append(nearest)
            similarity.append(cosines)
            for words, more in zip(counted, count_words(queries, nearest.tolist(), len(middles))):
                words.update(more)
        done += len(shard)
        tell(done, job.trajectory_count)
    return _named(numbers, places, similarity, telling_words(counted), no_text)


def _named(
    numbers: list[int],
    places: list[np.ndarray],
    similarity: list[np.ndarray],
    words: list[tuple[str, ...]],
    no_text: int,
) -> Sorted:
    """Number the categories by size, the largest is 1; what nobody stands in is left out."""
    nearest = np.concatenate(places) if places else np.zeros(0, np.int64)
    sizes = np.bincount(nearest, minlength=len(words))
    order = [at for at in np.argsort(-sizes, kind="stable").tolist() if sizes[at]]
    number_of = np.zeros(max(len(words), 1), np.int32)
    number_of[order] = np.arange(1, len(order) + 1)
    members = {
        "trajectory_no": pa.array(numbers, pa.int64()),
        "category_no": pa.array(number_of[nearest], pa.int32()),
        "similarity": pa.array(np.concatenate(similarity) if similarity else [], pa.float64()),
    }
    categories = tuple(
        NewCategory(number, name_of(words[at], number), words[at]) for number, at in enumerate(order, start=1)
    )
    return Sorted(categories, pa.table(members), no_text)


def _draw_sample(folder: Path, job: SortJob, settings: CategorySettings) -> list[str]:
    """Return different queries to learn from, in an order only they decide; a seeded draw if many."""
    queries = [query for shard in _iter_shards(folder, job) for query in _with_words(shard)[1]]
    places = text_order(queries)
    if len(places) > LEARNT_FROM:
        rng = np.random.default_rng(settings.seed)
        chosen = np.sort(rng.choice(len(places), LEARNT_FROM, replace=False))
        places = [places[at] for at in chosen.tolist()]
    return [queries[place] for place in places]


def _iter_shards(folder: Path, job: SortJob) -> Iterator[pa.Table]:
    for at in range(job.shard_count):
        yield read_tables(folder / _shard_file(at)).tables[0]


def _with_words(shard: pa.Table) -> tuple[list[int], list[str]]:
    pairs = zip(shard["trajectory_no"].to_pylist(), shard["query"].to_pylist())
    said = [(number, query) for number, query in pairs if query.strip()]
    return [number for number, _ in said], [query for _, query in said]


def _shard_file(at: int) -> str:
    return f"queries-{at:05}.arrow"
