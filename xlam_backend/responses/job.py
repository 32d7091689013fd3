"""What a run of responses works on, as files: written by the store's owner, read by the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from xlam_backend.domain.tool import Tool
from xlam_backend.judges import step_quality
from xlam_backend.prompts.frozen import FrozenPrompt, freeze
from xlam_backend.prompts.prompt_file import Prompt
from xlam_backend.prompts.versions import current_prompt
from xlam_backend.responses.asking import PROMPT
from xlam_backend.responses.plan import RespondPlan
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.chunk_files import read_chunk, write_chunk
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

SHARD_ROWS = 500
JOB = "job.json"


class RespondJob(msgspec.Struct, frozen=True):
    """What a run is to do: its plan, the two prompts, how many trajectories in how many shards."""

    plan: RespondPlan
    prompt: FrozenPrompt
    judge_prompt: FrozenPrompt
    shard_count: int
    trajectory_count: int


def draw_versions(store: Store, plan: RespondPlan) -> Integers:
    """Return the versions that a plan draws, ascending: the same plan and data give the same ones."""
    matching = find_all_numbers(store, plan.filters)
    return random_part(matching, plan.size or len(matching), plan.seed)


def prompt_for(store: Store) -> Prompt:
    """Return the prompt that candidates are asked with today."""
    return current_prompt(store, PROMPT)


def write_job(store: Store, folder: Path, plan: RespondPlan) -> RespondJob:
    """Write the input of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = draw_versions(store, plan)
    shard_count = 0
    for shard, chunk in enumerate(iter_stored_chunks(store, numbers, chunk_rows=SHARD_ROWS)):
        write_chunk(folder, shard, chunk)
        shard_count = shard + 1
    job = RespondJob(
        plan,
        freeze(prompt_for(store)),
        freeze(current_prompt(store, step_quality.JUDGE.prompt)),
        shard_count,
        len(numbers),
    )
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> RespondJob:
    """Return what a run is to do."""
    return msgspec.json.decode((folder / JOB).read_bytes(), type=RespondJob)


def iter_shards(folder: Path, job: RespondJob) -> Iterator[list[StoredTrajectory]]:
    """Yield the trajectories of a run, shard by shard."""
    known: dict[int, Tool] = {}
    for shard in range(job.shard_count):
        yield decode_chunk(read_chunk(folder, shard), known)
