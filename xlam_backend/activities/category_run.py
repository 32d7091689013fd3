"""The run that sorts trajectories into categories by the embeddings of their requests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.embedding import embedding_of
from xlam_backend.activities.manager import start_run
from xlam_backend.curation.category_job import read_job, sort_queries, write_job
from xlam_backend.domain.category import CategorySettings, NewCategory
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.store.categories import write_scheme
from xlam_backend.store.connection import Store
from xlam_backend.store.table_file import read_tables, tables_to_bytes

KIND = "categories"
_PART = "members.arrow"


def start_sorting(store: Store, settings: CategorySettings, *, person: Person, now: datetime) -> str:
    """Start a run that sorts trajectories into categories; returns its id.

    Raises:
        SettingError: it cannot be sorted like that, or there is nothing to sort.
    """
    require(person, "run")
    settings.check()
    title = f"Categories: {settings.dataset or 'all datasets'}"
    params: dict[str, Any] = msgspec.to_builtins(settings)
    return start_run(store, KIND, params, title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> CategorySettings:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of a run of the categories.
    """
    try:
        return msgspec.convert(params, CategorySettings)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of categories: {error}.", "Start from the page."
        ) from error


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the queries that are to be sorted."""
    settings = read_params(params)
    settings.check()
    job = write_job(store, folder / INPUT, settings)
    if not job.trajectory_count:
        raise SettingError(
            "There is nothing to sort.",
            "Import general-instruction data (no tools, no calls), or sort all trajectories.",
        )
    words = f"{job.trajectory_count:,} trajectories, {settings.count} categories"
    return Prepared(job.trajectory_count, words)


def work(context: RunContext) -> None:
    """Embed and sort; what was embedded is kept when the run is stopped."""
    settings = read_params(context.params)
    folder = context.folder / INPUT
    job = read_job(folder)

    def tell(done: int, total: int) -> None:
        context.progress(done, total, f"{done:,} of {total:,} sorted" if done else "reading the requests")

    if not context.has_part(_PART):
        found = sort_queries(folder, job, settings, embedding_of(context, settings.model), tell)
        facts = {"categories": msgspec.to_builtins(found.categories), "no_text": found.no_text_count}
        context.write_part(_PART, tables_to_bytes([found.members], facts))
    made = read_tables(context.folder / OUTPUT / _PART)
    context.set_outcome(
        {
            "trajectories sorted": len(made.tables[0]),
            "categories": len(made.facts["categories"]),
            "without a request": made.facts["no_text"],
        }
    )


def take_in(taking: Taking) -> int:
    """Write the categories, which count from now on."""
    settings = read_params(taking.params)
    made = read_tables(taking.folder / OUTPUT / _PART)
    categories = msgspec.convert(made.facts["categories"], list[NewCategory])
    with taking.store.write() as cursor:
        count = write_scheme(
            cursor,
            taking.store,
            taking.folder.name,
            settings.model,
            settings,
            categories,
            made.tables[0],
            person=taking.person,
            now=taking.now,
        )
        taking.mark(cursor, count)
    return count


RUN_KIND: RunKind = RunKind(KIND, "Categories", "cpu", prepare, work, take_in_whole=take_in)
