"""What a run of the judges works on, as files: written by the store's owner, read by the worker.

A shard is three Parquet files: trajectories as stored (without what their source says beside them: it may
hold labels, and no judge must see those), the tools they offer, and places that are not asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xlam_backend.domain.tool import Tool
from xlam_backend.judges import judge_by_name
from xlam_backend.judges.examples import Example, read_examples
from xlam_backend.judges.plan import JudgedPlace
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.settings import JudgeSettings, chosen_judges, settings_of_rating
from xlam_backend.prompts.frozen import FrozenPrompt, freeze, thaw
from xlam_backend.prompts.prompt_file import Prompt
from xlam_backend.prompts.versions import current_prompt
from xlam_backend.store.chunk_files import read_chunk, write_chunk
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.parquet_file import read_parquet
from xlam_backend.store.ratings import (
    JudgedBefore,
    PlaceColumns,
    judged_places,
    rejected_places,
    settings_text,
)
from xlam_backend.store.stored_chunk import StoredChunk, StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

SHARD_ROWS = 500
JOB = "job.json"
_REJECTED = ""  # stands where a judge's name stands for what was judged before


class JudgeJob(msgspec.Struct, frozen=True):
    """What a run is to do: its settings, its prompts and examples by judge, how many shards it has."""

    settings: JudgeSettings
    prompts: dict[str, FrozenPrompt]
    shard_count: int
    trajectory_count: int
    examples: dict[str, tuple[Example, ...]] = {}


class PlannedSample(msgspec.Struct, frozen=True):
    """A trajectory of a shard, and the places in it that were judged before."""

    stored: StoredTrajectory
    sample: JudgedSample
    judged: frozenset[JudgedPlace]


def write_job(store: Store, folder: Path, version_nos: Integers, settings: JudgeSettings) -> JudgeJob:
    """Write the input of a run for these versions.

    Raises:
        SettingError: an example that the settings name was taken back.
    """
    prompts = prompts_of(store, settings)
    examples = read_examples(store, settings)
    count = 0
    for at, chunk in enumerate(iter_stored_chunks(store, version_nos, chunk_rows=SHARD_ROWS)):
        numbers = chunk.trajectories["version_no"].combine_chunks().to_numpy()
        write_chunk(folder, at, StoredChunk(_without_extra(chunk.trajectories), chunk.tools))
        pq.write_table(
            _left_out_places(store, numbers, settings, prompts), folder / f"places-{at:05}.parquet"
        )
        count = at + 1
    frozen = {judge: freeze(prompt) for judge, prompt in prompts.items()}
    job = JudgeJob(settings, frozen, count, len(version_nos), examples)
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    return job


def prompts_of(store: Store, settings: JudgeSettings) -> dict[str, Prompt]:
    """Return the prompts that count today, by judge."""
    return {judge.name: current_prompt(store, judge.prompt) for judge in chosen_judges(settings)}


def read_job(folder: Path) -> JudgeJob:
    """Return what a run is to do."""
    return msgspec.json.decode((folder / JOB).read_bytes(), type=JudgeJob)


def read_prompts(job: JudgeJob) -> dict[str, Prompt]:
    """Return the prompts of a run, by judge."""
    return {judge: thaw(frozen) for judge, frozen in job.prompts.items()}


def read_shard(folder: Path, shard: int, known_tools: dict[int, Tool]) -> list[PlannedSample]:
    """Return the trajectories of a shard, in order."""
    places = read_parquet(folder / f"places-{shard:05}.parquet").to_pylist()
    return list(_samples(decode_chunk(read_chunk(folder, shard), known_tools), places))


def read_samples(store: Store, version_nos: Integers, settings: JudgeSettings) -> Iterator[PlannedSample]:
    """Yield these versions straight from the store, as a run would see them: for estimates and rehearsals."""
    prompts = prompts_of(store, settings)
    known: dict[int, Tool] = {}
    for chunk in iter_stored_chunks(store, version_nos, chunk_rows=SHARD_ROWS):
        numbers = chunk.trajectories["version_no"].combine_chunks().to_numpy()
        places = _left_out_places(store, numbers, settings, prompts).to_pylist()
        chunk = StoredChunk(_without_extra(chunk.trajectories), chunk.tools)
        yield from _samples(decode_chunk(chunk, known), places)


def _samples(
    trajectories: Sequence[StoredTrajectory], places: Sequence[dict[str, object]]
) -> Iterator[PlannedSample]:
    rejected: dict[object, set[Place]] = {}
    judged: dict[object, set[JudgedPlace]] = {}
    for row in places:
        place = msgspec.convert({name: row[name] for name in ("step", "call", "pointer")}, Place)
        if row["judge"] == _REJECTED:
            rejected.setdefault(row["version_no"], set()).add(place)
        else:
            judged.setdefault(row["version_no"], set()).add((str(row["judge"]), place))
    for stored in trajectories:
        sample = JudgedSample(stored.trajectory, frozenset(rejected.get(stored.version_no, ())))
        yield PlannedSample(stored, sample, frozenset(judged.get(stored.version_no, ())))


def _left_out_places(
    store: Store, version_nos: Integers, settings: JudgeSettings, prompts: dict[str, Prompt]
) -> pa.Table:
    tables = [_places_table(_REJECTED, rejected_places(store, version_nos))]
    if settings.skips_judged and settings.models:
        for name, prompt in prompts.items():
            before = JudgedBefore(
                name,
                " + ".join(settings.models),
                settings.endpoint,
                prompt.hash,
                settings_text(settings_of_rating(judge_by_name(name), settings)),
            )
            tables.append(_places_table(name, judged_places(store, version_nos, before)))
    return pa.concat_tables(tables)


def _places_table(judge: str, places: PlaceColumns) -> pa.Table:
    return pa.table(
        {
            "judge": pa.array([judge] * len(places.version_no), pa.string()),
            "version_no": pa.array(np.asarray(places.version_no, np.int64)),
            "step": pa.array(np.asarray(places.step, np.int64)),
            "call": pa.array(np.asarray(places.call, np.int64)),
            "pointer": pa.array([str(pointer) for pointer in places.pointer], pa.string()),
        }
    )


def _without_extra(trajectories: pa.Table) -> pa.Table:
    at = trajectories.schema.get_field_index("extra")
    return trajectories.set_column(at, "extra", pa.array(["{}"] * len(trajectories), pa.string()))
