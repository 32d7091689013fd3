"""What a run that plants errors works on, as files: written by the store's owner, read by the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from xlam_backend.domain.tool import Tool
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.chunk_files import read_chunk, write_chunk
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

SHARD_ROWS = 500
JOB = "job.json"


class CorruptionJob(msgspec.Struct, frozen=True):
    """What a run is to do: its plan, and how many trajectories in how many shards."""

    plan: CorruptionPlan
    shard_count: int
    trajectory_count: int


def draw_versions(store: Store, plan: CorruptionPlan) -> Integers:
    """Return the versions that a plan draws, ascending: the same plan and data give the same ones."""
    matching = find_all_numbers(store, plan.filters)
    return random_part(matching, plan.size or len(matching), plan.seed)


def write_job(store: Store, folder: Path, plan: CorruptionPlan) -> CorruptionJob:
    """Write the input of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = draw_versions(store, plan)
    shard_count = 0
    for shard, chunk in enumerate(iter_stored_chunks(store, numbers, chunk_rows=SHARD_ROWS)):
        write_chunk(folder, shard, chunk)
        shard_count = shard + 1
    job = CorruptionJob(plan, shard_count, len(numbers))
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> CorruptionJob:
    """Return what a run is to do."""
    return msgspec.json.decode((folder / JOB).read_bytes(), type=CorruptionJob)


def iter_shards(folder: Path, job: CorruptionJob) -> Iterator[list[StoredTrajectory]]:
    """Yield the trajectories of a run, shard by shard."""
    known: dict[int, Tool] = {}
    for shard in range(job.shard_count):
        yield decode_chunk(read_chunk(folder, shard), known)
