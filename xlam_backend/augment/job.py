"""What a run works on, as files: written by the store's owner, read by the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from xlam_backend.augment.derived import new_dataset
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.telling import DerivationKind
from xlam_backend.domain.tool import Tool
from xlam_backend.errors import InputError, SettingError
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.chunk_files import read_chunk, write_chunk
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.derivations import read_licences, without_made
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

SHARD_ROWS = 2_000
JOB = "job.json"


class DrawnParents(NamedTuple):
    """The versions a run works on, ascending, and how many match but were made in the same way themselves."""

    numbers: Integers
    left_out_count: int


class DeriveJob(msgspec.Struct, frozen=True):
    """What a run is to do: how many trajectories in how many shards, and the dataset they go into.

    `more` is what the kind of run keeps beside that, such as its prompts.
    """

    shard_count: int
    trajectory_count: int
    left_out_count: int
    dataset: NewDataset
    more: dict[str, Any] = {}


def draw_parents(
    store: Store, filters: Filters, kind: DerivationKind, *, size: int, seed: int
) -> DrawnParents:
    """Return what a run works on: the same settings and data give the same.

    What was augmented is not augmented again, nor is what was rephrased rephrased again: else a run over
    all data would take up what the last one made.
    """
    matching = find_all_numbers(store, filters)
    parents = without_made(store, matching, kind)
    drawn = random_part(parents, size or len(parents), seed)
    return DrawnParents(drawn, len(matching) - len(parents))


def write_job(
    store: Store,
    folder: Path,
    parents: DrawnParents,
    dataset: NewDataset,
    *,
    shard_rows: int = 0,
    more: dict[str, Any] | None = None,
) -> DeriveJob:
    """Write the input of a run, `shard_rows` trajectories to a file (0: as many as usual)."""
    folder.mkdir(parents=True, exist_ok=True)
    shard_count = 0
    chunks = iter_stored_chunks(store, parents.numbers, chunk_rows=shard_rows or SHARD_ROWS)
    for shard, chunk in enumerate(chunks):
        write_chunk(folder, shard, chunk)
        shard_count = shard + 1
    job = DeriveJob(shard_count, len(parents.numbers), parents.left_out_count, dataset, more or {})
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> DeriveJob:
    """Return what a run is to do."""
    return msgspec.json.decode((folder / JOB).read_bytes(), type=DeriveJob)


def iter_shards(folder: Path, job: DeriveJob) -> Iterator[list[StoredTrajectory]]:
    """Yield the trajectories of a run, shard by shard."""
    known: dict[int, Tool] = {}
    for shard in range(job.shard_count):
        yield decode_chunk(read_chunk(folder, shard), known)


def made_dataset(
    store: Store, name: str, kind: DerivationKind, filters: Filters, parents: DrawnParents
) -> NewDataset:
    """Return the dataset that a run makes or adds to.

    Raises:
        InputError: nothing matches.
        SettingError: the name is that of a dataset of another kind.
    """
    if not len(parents.numbers):
        if parents.left_out_count:
            raise InputError(
                f"All {parents.left_out_count:,} trajectories that match were {kind} themselves.",
                "Choose those that they were made from.",
            )
        raise InputError("No trajectory matches these filters.", "Take a filter away.")
    for known in list_datasets(store):
        if known.name == name and known.importer != kind:
            raise SettingError(
                f"The dataset {name!r} holds other data.", "Give what is made a dataset of its own."
            )
    licences = read_licences(store, parents.numbers)
    return new_dataset(kind, name, filters.dataset or "all datasets", "; ".join(licences))
