"""The run that asks the judges: records out of the store, questions in the worker, ratings into the store."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.asking import asker_of, budget_of
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.judges.batch import JudgeBatch, read_part
from xlam_backend.judges.settings import JudgeSettings, chosen_judges
from xlam_backend.judges.shards import read_job, write_job
from xlam_backend.llm.client import check_budget
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.runs.base import Prepared, RunContext, RunKind
from xlam_backend.runs.folder import INPUT
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.ratings import write_ratings
from xlam_backend.store.search import find_all_numbers

KIND = "judge"


class JudgeParams(msgspec.Struct, frozen=True):
    """The parameters of a run of the judges: whose records, and how they are judged."""

    settings: JudgeSettings
    filters: Filters = Filters()


def judge_params(settings: JudgeSettings, filters: Filters) -> dict[str, Any]:
    """Return the parameters of a run, as `start_run` takes them."""
    params: dict[str, Any] = msgspec.to_builtins(JudgeParams(settings, filters))
    return params


def start_judging(
    store: Store, settings: JudgeSettings, filters: Filters, *, person: Person, now: datetime
) -> str:
    """Start a run of the judges over the records that match; returns its id.

    Raises:
        SettingError: no model is chosen, the endpoint is not set up, or nothing matches.
    """
    require(person, "judge")
    titles = [judge.title for judge in chosen_judges(settings)]
    shown = titles[0] if len(titles) == 1 else f"{len(titles)} judges"
    title = f"{shown}: {filters.dataset or 'all datasets'}, {' + '.join(settings.models)}"
    return start_run(store, KIND, judge_params(settings, filters), title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> JudgeParams:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of a run of the judges.
    """
    try:
        return msgspec.convert({name: params[name] for name in ("settings", "filters")}, JudgeParams)
    except (KeyError, msgspec.ValidationError) as error:
        raise SettingError(
            f"These are no settings of the judges: {error}.", "Start from the page."
        ) from error


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the records that are to be judged, with the prompts as they are today."""
    wanted = read_params(params)
    if not wanted.settings.models:
        raise SettingError("No model is chosen.", "Choose an endpoint and one of its models.")
    check_budget(wanted.settings.budget, endpoint_by_name(wanted.settings.endpoint, store.folder))
    numbers = find_all_numbers(store, wanted.filters)
    if not len(numbers):
        raise SettingError("No trajectory matches these filters.", "Take a filter away.")
    job = write_job(store, folder / INPUT, numbers, wanted.settings)
    judges = ", ".join(judge.title for judge in chosen_judges(wanted.settings))
    return Prepared(job.trajectory_count, f"{job.trajectory_count:,} trajectories, asked by {judges}")


def work(context: RunContext) -> None:
    """Ask the judges; a stopped or killed run goes on where it was."""
    job = read_job(context.folder / INPUT)
    settings = msgspec.structs.replace(job.settings, budget=budget_of(context, job.settings.budget))
    ask = partial(asker_of(context, settings.client_settings), settings.endpoint)
    JudgeBatch(context, msgspec.structs.replace(job, settings=settings), ask).carry_out()


def take_in(store: Store, cursor: Cursor, part: Path, params: dict[str, Any]) -> int:
    """Write the ratings of a finished part."""
    del params
    return write_ratings(cursor, store, list(read_part(part)))


RUN_KIND: RunKind = RunKind(
    name=KIND, title="Ask the judges", lane="llm", prepare=prepare, work=work, take_in=take_in
)
