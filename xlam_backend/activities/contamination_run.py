"""The run that looks for evaluation sets in training data, by n-grams and by embeddings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from xlam_backend.access import require
from xlam_backend.activities.embedding import embedding_of
from xlam_backend.activities.manager import start_run
from xlam_backend.dedupe.contamination_job import (
    MATCH_SCHEMA,
    EmbeddingSearch,
    GramSearch,
    SearchJob,
    iter_shards,
    match_table,
    read_job,
    write_job,
)
from xlam_backend.domain.contamination import ContaminationSettings, Method
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.store.connection import Store
from xlam_backend.store.contamination import NewSearch, evaluation_numbers, write_searches
from xlam_backend.store.table_file import read_tables, tables_to_bytes

KIND = "contamination"


def start_search(store: Store, settings: ContaminationSettings, *, person: Person, now: datetime) -> str:
    """Start a search of training data for what stands in the evaluation sets; returns the run's id.

    Raises:
        SettingError: it cannot be searched like that.
        InputError: no dataset is marked as an evaluation set.
    """
    require(person, "run")
    settings.check()
    count = len(evaluation_numbers(store))
    title = f"Contamination: {settings.dataset or 'all training data'}, {count} evaluation sets"
    params: dict[str, Any] = msgspec.to_builtins(settings)
    return start_run(store, KIND, params, title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> ContaminationSettings:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of a search for contamination.
    """
    try:
        return msgspec.convert(params, ContaminationSettings)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of a search for contamination: {error}.", "Start from the page."
        ) from error


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the texts of the evaluation sets and of the training data."""
    settings = read_params(params)
    settings.check()
    job = write_job(store, folder / INPUT, settings)
    if not job.trajectory_count:
        raise SettingError("There is nothing to search.", "Choose another dataset, or all of them.")
    count = sum(job.evaluation.values())
    return Prepared(
        job.trajectory_count, f"{job.trajectory_count:,} trajectories against {count:,} of evaluation sets"
    )


def work(context: RunContext) -> None:
    """Search with each method; a stopped or killed run goes on where it was."""
    settings = read_params(context.params)
    job = read_job(context.folder / INPUT)
    if all(_search(context, job, settings, method) for method in settings.methods):
        context.set_outcome(_outcome(context.folder, job, settings))


def _search(context: RunContext, job: SearchJob, settings: ContaminationSettings, method: Method) -> bool:
    """Search shard by shard with one method; tells whether it came to the end."""
    search: GramSearch | EmbeddingSearch | None = None
    done = found = 0
    for number, shard in iter_shards(context.folder / INPUT, job):
        part = _part(method, number)
        if not context.has_part(part):
            if context.should_stop():
                return False
            search = search or _start_method(context, job, settings, method)
            matches = search.find(shard)
            context.write_part(part, tables_to_bytes([matches], {}))
            found += len(matches)
        done += len(shard)
        context.progress(done, job.trajectory_count, f"{method}: {done:,} searched, {found:,} matches")
    return True


def _start_method(
    context: RunContext, job: SearchJob, settings: ContaminationSettings, method: Method
) -> GramSearch | EmbeddingSearch:
    folder = context.folder / INPUT
    if method == "n-gram":
        return GramSearch(folder, job, settings)
    return EmbeddingSearch(folder, job, settings, embedding_of(context, settings.model))


def _outcome(folder: Path, job: SearchJob, settings: ContaminationSettings) -> dict[str, Any]:
    counts = {f"matches by {method}": len(_matches(folder, job, method)) for method in settings.methods}
    return {"trajectories searched": job.trajectory_count, "evaluation sets": len(job.evaluation), **counts}


def _matches(folder: Path, job: SearchJob, method: Method) -> pa.Table:
    parts = [folder / OUTPUT / _part(method, number) for number in range(job.shard_count)]
    tables = [read_tables(part).tables[0] for part in parts]
    return pa.concat_tables(tables) if tables else match_table([])


def take_in(taking: Taking) -> int:
    """Write what was found, by evaluation set and method, in one transaction."""
    settings = read_params(taking.params)
    job = read_job(taking.folder / INPUT)
    searches = []
    for method in settings.methods:
        found = _matches(taking.folder, job, method).cast(MATCH_SCHEMA)
        searches += [
            NewSearch(dataset_no, method, count, found.filter(pc.equal(found["dataset_no"], dataset_no)))
            for dataset_no, count in sorted(job.evaluation.items())
        ]
    with taking.store.write() as cursor:
        total = write_searches(
            cursor,
            taking.store,
            taking.folder.name,
            searches,
            settings,
            trajectory_count=job.trajectory_count,
            highest_version_no=job.highest_version_no,
            person=taking.person,
            now=taking.now,
        )
        taking.mark(cursor, total)
    return total


def _part(method: Method, number: int) -> str:
    return f"{method}-{number:05}.arrow"


RUN_KIND: RunKind = RunKind(KIND, "Contamination", "cpu", prepare, work, take_in_whole=take_in)
