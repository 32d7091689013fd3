"""Runs of evaluations with real processes and a real HTTP server: whole, with faults, stopped, both modes."""

from __future__ import annotations

import os
import signal

import pytest
from msgspec.structs import replace

from tests.scripted_endpoint import scripted_server_of
from tests.unit.activities.conftest import ANN, NOW, end_all_runs, until
from xlam_backend.activities import manager
from xlam_backend.activities.evaluate_run import ask_missing, params_with_budget, start_evaluation
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, SettingError, UnknownNameError
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.llm.chat import Budget
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import (
    list_evaluations,
    read_items,
    read_tallies,
)

SET = "questions_demo"
PLAN = EvaluationPlan(question_set=SET, endpoint="scripted", model="scripted-careful", most_items=3)


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    end_all_runs(opened.folder)
    opened.close()


def run(store, plan):
    return manager.wait_for_run(store, start_evaluation(store, plan, person=ANN, now=NOW))


@pytest.mark.parametrize("mode", ["prompt", "native"])
def test_a_model_answers_and_each_answer_is_scored(store, mode):
    with scripted_server_of(store.folder) as server:
        status = run(store, replace(PLAN, mode=mode))
    assert (status.state, status.what) == ("succeeded", "")
    [evaluation] = list_evaluations(store)
    assert (evaluation.model, evaluation.mode, evaluation.source) == ("scripted-careful", mode, "own")
    assert evaluation.is_scripted
    assert evaluation.set_hash == find_question_set(store.folder, SET).hash
    page = read_items(store, evaluation.evaluation_no)
    assert page.total == status.outcome["questions"] == 15
    assert [item.place for item in page.items] == list(range(15))
    assert all(item.state == "answered" and item.seconds is not None for item in page.items)
    tallies = read_tallies(store, evaluation.evaluation_no)
    assert sum(tally.correct for tally in tallies.values()) == status.outcome["right"] >= 3
    assert all(tally.total == 3 for tally in tallies.values())
    assert server.bill.report()["answered_twice"] == 0


def test_what_an_endpoint_does_not_answer_is_not_scored_and_can_be_asked_for_again(store):
    plan = replace(PLAN, categories=("simple_python", "irrelevance"), most_items=6, most_retries=0)
    with scripted_server_of(store.folder, faults={"error": 0.5}, most_faults=1):
        status = run(store, plan)
    assert status.state == "succeeded"
    [evaluation] = list_evaluations(store)
    tallies = read_tallies(store, evaluation.evaluation_no)
    missing = sum(tally.not_answered for tally in tallies.values())
    assert 0 < missing < 12
    assert sum(status.outcome["not answered"].values()) == missing
    for item in read_items(store, evaluation.evaluation_no).items:
        assert (item.is_valid is None) == (item.state == "not answered") == bool(item.reason)

    with scripted_server_of(store.folder) as server:
        again = manager.wait_for_run(store, ask_missing(store, evaluation.evaluation_no, person=ANN, now=NOW))
        assert again.outcome["questions"] == missing
        assert server.bill.report()["requests"] == missing
    assert len(list_evaluations(store)) == 1
    filled = read_tallies(store, evaluation.evaluation_no)
    assert [(tally.total, tally.not_answered) for tally in filled.values()] == [(6, 0), (6, 0)]
    with pytest.raises(SettingError, match="lacks no answer"):
        ask_missing(store, evaluation.evaluation_no, person=ANN, now=NOW)


def test_a_budget_that_is_spent_and_a_kill_cost_no_answer(store):
    with scripted_server_of(store.folder, latency_seconds=0.05) as server:
        status = run(store, replace(PLAN, budget=Budget(calls=3), concurrency=1))
        assert (status.state, status.failure_class) == ("failed", "service")
        assert "budget" in status.what
        assert list_evaluations(store) == []

        changes = params_with_budget(Budget(calls=100))
        manager.resume_run(store, status.run_id, person=ANN, now=NOW, changes=changes)
        folder = runs_folder(store.folder) / status.run_id
        log = folder / "state" / "answers.jsonl"
        until(lambda: log.read_bytes().count(b"\n") >= 6)
        os.kill(read_record(folder / STATUS, Status).worker_pid, signal.SIGKILL)
        until(lambda: not manager.read_run(store.folder, status.run_id).is_open)
        assert list_evaluations(store) == []
        assert log.read_bytes().count(b"\n") < 15

        manager.resume_run(store, status.run_id, person=ANN, now=NOW)
        assert manager.wait_for_run(store, status.run_id).state == "succeeded"
        assert server.bill.report()["answered_twice"] == 0
        assert server.bill.report()["billed_calls"] == 15
    [evaluation] = list_evaluations(store)
    assert read_items(store, evaluation.evaluation_no).total == 15


def test_what_cannot_work_is_refused_before_anything_is_started(store):
    with scripted_server_of(store.folder):
        with pytest.raises(UnknownNameError, match="question set"):
            start_evaluation(store, replace(PLAN, question_set="nothing"), person=ANN, now=NOW)
        with pytest.raises(SettingError, match="no category 'rest'"):
            start_evaluation(store, replace(PLAN, categories=("rest",)), person=ANN, now=NOW)
        with pytest.raises(AccessDeniedError):
            start_evaluation(store, PLAN, person=Person("bo", "annotator"), now=NOW)
    with pytest.raises(SettingError, match="scripted local server is not running"):
        start_evaluation(store, PLAN, person=ANN, now=NOW)
    with pytest.raises(UnknownNameError, match="model"):
        start_evaluation(store, EvaluationPlan(question_set=SET, kept_model="gone"), person=ANN, now=NOW)
    assert manager.list_runs(store.folder) == []
