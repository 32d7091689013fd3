"""A run of rephrasing with real processes and a real HTTP server: whole, cut short by a budget, killed."""

from __future__ import annotations

import json
import os
import signal

import pytest
from msgspec.structs import replace

from tests.unit.activities.conftest import ANN, NOW, until
from xlam_backend.activities import manager
from xlam_backend.activities.rephrase_run import estimate_rephrasing, start_rephrasing
from xlam_backend.augment.made_sets import list_made_sets, read_instructions
from xlam_backend.augment.rephrase_settings import RephraseSettings
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, SettingError
from xlam_backend.llm.chat import Budget
from xlam_backend.review.queues import list_queues
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.derivations import read_family
from xlam_backend.store.rejects import read_rejects
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.trajectories import read_trajectories

SETTINGS = RephraseSettings(
    filters=Filters(dataset="reading_room_unified_1"),
    size=12,
    endpoint="scripted",
    model="scripted-hasty",
    check_model="scripted-careful",
    dataset="other words",
)


def run(store, settings=SETTINGS):
    run_id = start_rephrasing(store, settings, person=ANN, now=NOW)
    return manager.wait_for_run(store, run_id)


def made(store):
    return read_trajectories(store, find_all_numbers(store, Filters(dataset="other words")).tolist())


def test_what_is_kept_has_only_other_words_and_what_is_not_has_its_reason(demo, served):
    server = served()
    settings = replace(SETTINGS, size=0, review_share=0.5)
    estimate = estimate_rephrasing(demo, settings)
    status = run(demo, settings)
    assert status.state == "succeeded", status.what
    outcome = status.outcome
    assert outcome["scripted"]
    assert outcome["instructions"] == estimate.instruction_count
    assert outcome["left out"] == estimate.left_out
    assert outcome["kept"] + sum(outcome["not kept"].values()) == outcome["instructions"]
    assert outcome["kept"]
    assert outcome["not kept"]
    assert server.bill.report()["billed_calls"] <= estimate.most_requests
    assert server.bill.report()["answered_twice"] == 0

    children = made(demo)
    assert len(children) == outcome["kept"]
    for child in children:
        parent_no = read_family(demo, child.trajectory_no).parent.trajectory_no
        parent = read_trajectories(demo, [parent_no])[0].trajectory
        told = child.trajectory
        assert told.task_instruction != parent.task_instruction
        assert replace(told, task_instruction=parent.task_instruction, extra=parent.extra) == parent
    rejects = read_rejects(demo, dataset="other words")
    assert {one.reason for one in rejects} == set(outcome["not kept"])
    assert {json.loads(one.raw)["model"] for one in rejects} == {"scripted-hasty"}
    (only,) = list_made_sets(demo)
    assert only.dataset.is_scripted
    told = read_instructions(demo, "other words", count=1000)
    assert {one.after for one in told} == {child.trajectory.task_instruction for child in children}
    assert {one.before for one in told} == {"Answer questions about the library with the tools given."}
    (queue,) = list_queues(demo, person=ANN, now=NOW)
    assert "scripted model" in queue.plan.name
    assert queue.plan.filters.dataset == "other words"

    again = run(demo, replace(settings, review_share=0.0))
    assert again.outcome["kept"] == outcome["kept"]
    assert len(made(demo)) == outcome["kept"]
    assert len(read_rejects(demo, dataset="other words", count=1000)) == len(rejects)


def test_a_spent_budget_ends_the_run_and_a_larger_one_goes_on(demo, served):
    server = served()
    status = run(demo, replace(SETTINGS, budget=Budget(calls=7), concurrency=1))
    assert (status.state, status.failure_class) == ("failed", "service")
    assert "The budget of calls is spent" in status.what
    assert server.bill.report()["billed_calls"] == 7
    before = len(made(demo))
    manager.resume_run(demo, status.run_id, person=ANN, now=NOW, changes={"budget": {}})
    status = manager.wait_for_run(demo, status.run_id)
    assert status.state == "succeeded", status.what
    assert before < len(made(demo)) == status.outcome["kept"]
    assert server.bill.report()["answered_twice"] == 0


def test_a_killed_run_goes_on_and_pays_nothing_twice(demo, served):
    server = served(latency_seconds=0.05)
    run_id = start_rephrasing(demo, replace(SETTINGS, concurrency=2), person=ANN, now=NOW)
    until(lambda: server.bill.requests >= 6)
    os.kill(read_record(runs_folder(demo.folder) / run_id / STATUS, Status).worker_pid, signal.SIGKILL)
    status = manager.wait_for_run(demo, run_id)
    assert status.state in ("failed", "lost")
    manager.resume_run(demo, run_id, person=ANN, now=NOW)
    status = manager.wait_for_run(demo, run_id)
    assert status.state == "succeeded", status.what
    assert len(made(demo)) == status.outcome["kept"]
    outcome = status.outcome
    assert outcome["kept"] + sum(outcome["not kept"].values()) == outcome["instructions"] > 6
    bill = server.bill.report()
    assert bill["answered_twice"] == bill["billed_twice_by_key"] == 0


def test_what_cannot_be_carried_out_is_refused_before_anything_is_asked(demo, served):
    server = served()
    with pytest.raises(SettingError, match="No model"):
        start_rephrasing(demo, replace(SETTINGS, model=""), person=ANN, now=NOW)
    with pytest.raises(SettingError, match="holds other data"):
        start_rephrasing(demo, replace(SETTINGS, dataset="city_services_60k"), person=ANN, now=NOW)
    with pytest.raises(AccessDeniedError):
        start_rephrasing(demo, SETTINGS, person=Person("bob", "annotator"), now=NOW)
    assert server.bill.requests == 0


@pytest.mark.parametrize("field", [{"count": 0}, {"size": -1}, {"review_share": 1.5}, {"room": 1}])
def test_senseless_settings_are_refused(field):
    with pytest.raises(SettingError):
        RephraseSettings(**field)
