"""The runs in which a model answers a question set: one at an endpoint, or one that is kept here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.asking import asker_of, budget_of
from xlam_backend.activities.manager import start_run
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.evaluation.engine import VLLM, chosen_engine
from xlam_backend.evaluation.job import ITEMS, read_items, read_job, write_job
from xlam_backend.evaluation.plan import (
    EvaluationPlan,
    check_plan,
    plan_of,
    read_plan,
    told_settings,
    write_plan,
)
from xlam_backend.llm.chat import AskSummary, Budget, ChatRequest, OnReply
from xlam_backend.llm.client import check_budget
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.runs.base import Places, Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTCOME, OUTPUT, read_record
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation, unanswered_ids, write_evaluation, write_items
from xlam_backend.training.devices import places_among
from xlam_backend.training.hardware import gpu_numbers
from xlam_backend.training.models import find_model

KIND, MODEL_KIND = "evaluate", "evaluate_model"


def start_evaluation(store: Store, plan: EvaluationPlan, *, person: Person, now: datetime) -> str:
    """Have a model answer a question set, in a run; returns its id.

    Raises:
        SettingError: settings do not fit each other, or nothing can be asked.
        UnknownNameError: there is no such question set, endpoint or kept model.
    """
    require(person, "evaluate")
    check_plan(plan)
    find_question_set(store.folder, plan.question_set)
    kind = MODEL_KIND if plan.kept_model else KIND
    title = f"Evaluate {plan.shown_model} on {plan.question_set}"
    return start_run(store, kind, write_plan(plan), title=title, person=person, now=now)


def ask_missing(store: Store, evaluation_no: int, *, person: Person, now: datetime) -> str:
    """Ask once more what an evaluation has no answer to; returns the id of the run.

    Raises:
        SettingError: nothing is missing, or its answers were read in from files.
        UnknownNameError: its question set, endpoint or kept model is gone.
    """
    require(person, "evaluate")
    evaluation = read_evaluation(store, evaluation_no)
    if evaluation.source != "own":
        raise SettingError("These answers were read in from files.", "Read in files that hold more answers.")
    if not unanswered_ids(store, evaluation_no):
        raise SettingError(f"Evaluation {evaluation_no} lacks no answer.", "There is nothing to ask again.")
    plan = plan_of(evaluation)
    return start_evaluation(
        store, msgspec.structs.replace(plan, evaluation_no=evaluation_no), person=person, now=now
    )


def params_with_budget(budget: Budget) -> dict[str, Any]:
    """Return the change of parameters that gives a run another budget, as `resume_run` takes it."""
    return {"budget": msgspec.to_builtins(budget)}


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the questions that are asked, with the answers that are allowed."""
    plan = read_plan(params)
    check_plan(plan)
    questions = find_question_set(store.folder, plan.question_set)
    is_scripted = False
    if plan.kept_model:
        is_scripted = find_model(store.folder, plan.kept_model).record.is_scripted
    else:
        check_budget(plan.budget, endpoint_by_name(plan.endpoint, store.folder))
    only = None
    if plan.evaluation_no:
        if read_evaluation(store, plan.evaluation_no).set_hash != questions.hash:
            raise SettingError(
                f"The question set {plan.question_set!r} has changed since this evaluation.",
                "Start a new evaluation: answers to other questions are not added to it.",
            )
        only = unanswered_ids(store, plan.evaluation_no)
    count = write_job(folder / INPUT, questions, plan, is_scripted=is_scripted, only=only)
    return Prepared(count, f"{count:,} questions of {questions.name}")


def model_places(params: dict[str, Any]) -> Places:
    """Return the devices that the kept model takes: as many GPUs as vLLM divides it among, else one."""
    plan, gpus = read_plan(params), gpu_numbers()
    is_divided = bool(gpus) and chosen_engine(plan, has_gpu=True) == VLLM
    return places_among(gpus, count=plan.devices if is_divided else 1)


def work(context: RunContext) -> None:
    """Have the endpoint answer; a stopped or killed run goes on where it was."""
    from xlam_backend.evaluation.carry_out import work_of  # the worker alone needs to ask and to score

    plan = read_plan(context.params)  # a person may change limits when they resume: these count
    settings = msgspec.structs.replace(plan, budget=budget_of(context, plan.budget)).client_settings
    ask_endpoint = asker_of(context, settings)

    def ask(requests: Iterable[ChatRequest], on_reply: OnReply) -> AskSummary:
        return ask_endpoint(plan.endpoint, requests, on_reply)

    work_of(context).through_endpoint(ask)


def work_with_model(context: RunContext) -> None:
    """Have the kept model answer; a stopped or killed run goes on where it was."""
    from xlam_backend.evaluation.carry_out import work_of

    work_of(context).with_kept_model()


def take_in(taking: Taking) -> int:
    """Write the evaluation with all its items, or add what was missing to the one it goes on with."""
    items = list(read_items(taking.folder / OUTPUT / ITEMS))
    plan = read_plan(taking.params)
    with taking.store.write() as cursor:
        number = plan.evaluation_no or write_evaluation(cursor, taking.store, _evaluation(taking))
        write_items(cursor, number, items)
        detail = {"model": plan.shown_model, "questions": len(items), "set": plan.question_set}
        write_audit(
            cursor, taking.store, taking.person, "evaluate", f"evaluation {number}", detail, now=taking.now
        )
        taking.mark(cursor, len(items))
    return len(items)


def _evaluation(taking: Taking) -> Evaluation:
    job = read_job(taking.folder / INPUT)
    outcome = read_record(taking.folder / OUTCOME, dict[str, Any]) or {}
    plan = job.plan
    return Evaluation(
        evaluation_no=0,
        model=plan.shown_model,
        kept_model=plan.kept_model,
        endpoint=plan.endpoint,
        question_set=job.set_name,
        set_hash=job.set_hash,
        version=plan.version,
        mode=plan.mode,
        settings=told_settings(plan),
        run_id=taking.folder.name,
        is_scripted=bool(outcome.get("scripted")),
        source="own",
        person=taking.person.name,
        made_at=taking.now,
    )


RUN_KIND = RunKind(KIND, "Evaluate a model at an endpoint", "llm", prepare, work, take_in_whole=take_in)
MODEL_RUN_KIND = RunKind(
    MODEL_KIND,
    "Evaluate a kept model",
    "gpu",
    prepare,
    work_with_model,
    take_in_whole=take_in,
    places=model_places,
)
