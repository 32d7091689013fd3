"""The run that augments many trajectories: whole or not at all in the store, in a dataset of their own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from xlam_backend.access import require
from xlam_backend.activities.check_run import check_what_came
from xlam_backend.activities.manager import start_run
from xlam_backend.augment.job import DeriveJob, draw_parents, iter_shards, made_dataset, read_job, write_job
from xlam_backend.augment.made_parts import read_made
from xlam_backend.augment.settings import AugmentSettings
from xlam_backend.augment.shard import ShardCounts, ShardWork, read_counts
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTCOME, OUTPUT, part_names, write_record
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.derivations import HowMade, write_derivations
from xlam_backend.store.import_transaction import ImportCounts
from xlam_backend.store.ingest import Ingest

KIND = "augment"


def start_augmentation(store: Store, settings: AugmentSettings, *, person: Person, now: datetime) -> str:
    """Start a run that augments what matches; returns its id.

    Raises:
        InputError: nothing matches.
        SettingError: the plan cannot be carried out, or the dataset's name is that of other data.
    """
    require(person, "import")
    settings.plan.check()
    params: dict[str, Any] = msgspec.to_builtins(settings)
    title = f"Augment {settings.filters.dataset or 'all datasets'}"
    return start_run(store, KIND, params, title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> AugmentSettings:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of an augmentation.
    """
    try:
        return msgspec.convert(params, AugmentSettings)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of augmentation: {error}.", "Start from the page."
        ) from error


def _prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    settings = read_params(params)
    settings.plan.check()
    filters = settings.filters
    parents = draw_parents(store, filters, "augmented", size=settings.size, seed=settings.seed)
    dataset = made_dataset(store, settings.dataset_name, "augmented", filters, parents)
    job = write_job(store, folder / INPUT, parents, dataset)
    words = f"{job.trajectory_count:,} trajectories, {settings.variants:,} of each"
    return Prepared(job.trajectory_count, words)


def _work(context: RunContext) -> None:
    settings = read_params(context.params)
    job = read_job(context.folder / INPUT)
    counts = ShardCounts()
    _tell(context, job, counts)
    for number, shard in enumerate(iter_shards(context.folder / INPUT, job)):
        part = f"made-{number:05}.arrow"
        if not context.has_part(part):
            if context.should_stop():
                return
            work = ShardWork(settings, context.run_id)
            work.add(shard)
            context.write_part(part, work.build())
        counts += read_counts(context.folder / OUTPUT / part)
        _tell(context, job, counts)


def _tell(context: RunContext, job: DeriveJob, counts: ShardCounts) -> None:
    words = f"{counts.made_count:,} made, {sum(counts.not_made.values()):,} could not be"
    context.progress(counts.parent_count, job.trajectory_count, words)


def _take_in(taking: Taking) -> int:
    """Write all that was made, and what from, in one transaction."""
    settings, job = read_params(taking.params), read_job(taking.folder / INPUT)
    parts = [taking.folder / OUTPUT / name for name in part_names(taking.folder)]
    derivations: list[pa.Table] = []
    how = HowMade("augmented", settings.seed, taking.params, taking.folder.name, taking.now)

    def finish(cursor: Cursor, counts: ImportCounts) -> None:
        if derivations:
            write_derivations(cursor, pa.concat_tables(derivations), how)
        taking.mark(cursor, counts.new_count)

    with Ingest(taking.store, job.dataset, now=taking.now) as ingest:
        ingest.note_person(taking.person)
        ingest.before_commit(finish)
        for part in parts:
            made = read_made(part)
            ingest.add(made.chunk)
            derivations.append(made.derivations)
    counted = sum((read_counts(part) for part in parts), ShardCounts())
    write_record(taking.folder / OUTCOME, outcome_of(job, counted, ingest.counts))
    return ingest.counts.new_count


def outcome_of(job: DeriveJob, counted: ShardCounts, stored: ImportCounts) -> dict[str, Any]:
    """Return what came of a run, in figures a page can show."""
    return {
        "dataset": job.dataset.name,
        "trajectories": job.trajectory_count,
        "left out": job.left_out_count,
        "made": counted.made_count,
        "new": stored.new_count,
        "there already": counted.made_count - stored.new_count,
        "not made": counted.not_made,
        "formats": counted.formats,
        "styles": counted.styles,
    }


RUN_KIND: RunKind = RunKind(
    KIND, "Augmentation", "cpu", _prepare, _work, take_in_whole=_take_in, then=check_what_came
)
