"""The run in which less powerful models answer steps: candidates and pairs for the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.activities.asking import asker_of
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import Budget
from xlam_backend.llm.client import check_budget
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.responses.batch import RespondBatch, read_part
from xlam_backend.responses.intake import take_in_steps
from xlam_backend.responses.job import read_job, write_job
from xlam_backend.responses.plan import RespondPlan, check_plan
from xlam_backend.runs.base import Prepared, RunContext, RunKind
from xlam_backend.runs.folder import INPUT
from xlam_backend.store.connection import Cursor, Store

KIND = "respond"


def respond_params(plan: RespondPlan) -> dict[str, Any]:
    """Return the parameters of a run, as `start_run` takes them."""
    params: dict[str, Any] = msgspec.to_builtins(plan)
    return params


def params_with_budget(budget: Budget) -> dict[str, Any]:
    """Return the change of parameters that gives a run another budget, as `resume_run` takes it."""
    return {"budget": msgspec.to_builtins(budget)}


def start_responses(store: Store, plan: RespondPlan, *, person: Person, now: datetime) -> str:
    """Start a run in which models answer steps; returns its id.

    Raises:
        SettingError: no model is chosen, the endpoint is not set up, or nothing matches.
    """
    check_plan(plan)
    title = f"Responses: {plan.filters.dataset or 'all datasets'}, {', '.join(plan.models)}"
    return start_run(store, KIND, respond_params(plan), title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> RespondPlan:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of a run of responses.
    """
    try:
        return msgspec.convert(params, RespondPlan)
    except msgspec.ValidationError as error:
        raise SettingError(f"This is no plan for responses: {error}.", "Start from the page.") from error


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the trajectories that are drawn, with the prompts as they are today."""
    plan = read_params(params)
    check_plan(plan)
    for name in {plan.endpoint} | ({plan.judge.endpoint} if plan.rated != "none" else set()):
        check_budget(plan.budget, endpoint_by_name(name, store.folder))
    job = write_job(store, folder / INPUT, plan)
    if not job.trajectory_count:
        raise SettingError("No trajectory matches these filters.", "Take a filter away.")
    models = ", ".join(plan.models)
    return Prepared(job.trajectory_count, f"{job.trajectory_count:,} trajectories, answered by {models}")


def work(context: RunContext) -> None:
    """Have the steps answered; a stopped or killed run goes on where it was."""
    job = read_job(context.folder / INPUT)
    # A person may change the budget when they resume: what stands in the parameters counts.
    today = read_params(context.params)
    plan = msgspec.structs.replace(job.plan, budget=today.budget, concurrency=today.concurrency)
    ask = asker_of(context, plan.client_settings)
    RespondBatch(context, msgspec.structs.replace(job, plan=plan), ask).carry_out()


def take_in(store: Store, cursor: Cursor, part: Path, params: dict[str, Any]) -> int:
    """Write the candidates, ratings and pairs of a finished part."""
    del params
    return take_in_steps(store, cursor, list(read_part(part)))


RUN_KIND: RunKind = RunKind(
    name=KIND,
    title="Responses of less powerful models",
    lane="llm",
    prepare=prepare,
    work=work,
    take_in=take_in,
)
