"""A run of responses with real processes and a real HTTP server: whole, cut short by a budget, killed."""

from __future__ import annotations

import os
import signal

import pytest
from msgspec.structs import replace

from tests.unit.activities.conftest import ANN, NOW, until
from xlam_backend.activities import manager
from xlam_backend.activities.respond_run import params_with_budget, start_responses
from xlam_backend.domain.call_alignment import are_equal_calls, difference_reason
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, SettingError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import Budget
from xlam_backend.responses.funnel import read_funnel
from xlam_backend.responses.pairs import PairFilters, find_pairs, open_pair
from xlam_backend.responses.plan import RespondPlan
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.trajectories import read_trajectories

PLAN = RespondPlan(
    size=6,
    endpoint="scripted",
    models=("scripted-weak-a", "scripted-weak-b"),
    count=2,
    rated="what the rules leave open",
    judge=JudgeSettings(judges=("step_quality",), endpoint="scripted", models=("scripted-careful",)),
    steps="each call",
)


def run(store, plan):
    run_id = start_responses(store, plan, person=ANN, now=NOW)
    return manager.wait_for_run(store, run_id)


def candidates(store, columns="version_no, step, model, attempt, classification, raw_reply"):
    with store.cursor() as cursor:
        return cursor.execute(f"SELECT {columns} FROM candidate ORDER BY ALL").fetchall()


def places(store):
    return [row[:4] for row in candidates(store)]


def assert_each_is_worse_than_its_step(store, pairs):
    """The chosen side is the step's own, the rejected one another, and what makes it worse is kept."""
    for pair in pairs:
        own = read_trajectories(store, [pair.version_no])[0].trajectory.steps[pair.step]
        assert pair.chosen.tool_calls == own.tool_calls
        assert not are_equal_calls(pair.chosen.tool_calls, pair.rejected.tool_calls)
        assert pair.reason == difference_reason(pair.chosen.tool_calls, pair.rejected.tool_calls)
        view = open_pair(store, pair.pair_no)
        assert view.candidate is not None
        assert view.candidate.raw_reply
        flagged = any(finding.level in ("reject", "fix") for finding in view.candidate.findings)
        assert flagged or pair.margin >= PLAN.least_margin
        assert [rating.is_own for rating in view.ratings] == ([] if pair.margin is None else [True, False])


def test_models_answer_and_what_is_worse_becomes_a_pair_once(demo, served):
    server = served()
    first = run(demo, PLAN)
    assert (first.state, first.what) == ("succeeded", "")
    [weak_a, weak_b] = read_funnel(demo, first.run_id).models
    steps = first.outcome["steps"]
    assert weak_a.count.asked_count == weak_b.count.asked_count == 2 * steps == 2 * first.outcome["answered"]
    assert weak_a.count.is_scripted
    assert first.outcome["by model"]["scripted-weak-b"] == weak_b.count.classified
    assert weak_b.count.pair_count + weak_b.repeated_count == weak_b.count.classified["rejected"] > 0
    # A refused or half answered question would be asked again: each was asked once.
    assert server.bill.report()["answered_twice"] == 0
    found = find_pairs(demo, PairFilters(run_id=first.run_id), count=1000)
    assert found.total == weak_a.count.pair_count + weak_b.count.pair_count
    assert_each_is_worse_than_its_step(demo, [row.pair for row in found.rows])

    # The same run again costs nothing and adds no pair.
    paid, pairs = server.bill.report()["billed_calls"], find_pairs(demo, PairFilters()).total
    again = run(demo, PLAN)
    assert again.state == "succeeded"
    assert server.bill.report()["billed_calls"] == paid
    assert len(places(demo)) == 2 * len(set(places(demo)))
    assert find_pairs(demo, PairFilters()).total == pairs
    assert find_pairs(demo, PairFilters(run_id=again.run_id)).total == 0
    assert first.outcome["by model"] == again.outcome["by model"]
    assert (first.outcome["calls"], again.outcome["calls"]) == (paid, 0)


def test_a_spent_budget_ends_the_run_and_a_larger_one_goes_on(demo, served):
    server = served()
    status = run(demo, replace(PLAN, budget=Budget(calls=9), concurrency=1))
    assert (status.state, status.failure_class) == ("failed", "service")
    assert "The budget of calls is spent" in status.what
    assert server.bill.report()["billed_calls"] == 9
    assert len(places(demo)) < 4 * status.outcome["steps"]
    changes = params_with_budget(Budget())
    manager.resume_run(demo, status.run_id, person=ANN, now=NOW, changes=changes)
    status = manager.wait_for_run(demo, status.run_id)
    assert status.state == "succeeded", status.what
    assert len(places(demo)) == len(set(places(demo))) == 4 * status.outcome["steps"]
    assert server.bill.report()["answered_twice"] == 0


def test_a_killed_run_goes_on_and_pays_nothing_twice(demo, served):
    server = served(latency_seconds=0.05)
    run_id = start_responses(demo, replace(PLAN, concurrency=2), person=ANN, now=NOW)
    until(lambda: server.bill.requests >= 12)
    os.kill(read_record(runs_folder(demo.folder) / run_id / STATUS, Status).worker_pid, signal.SIGKILL)
    status = manager.wait_for_run(demo, run_id)
    assert status.state in ("failed", "lost")
    manager.resume_run(demo, run_id, person=ANN, now=NOW)
    status = manager.wait_for_run(demo, run_id)
    assert status.state == "succeeded", status.what
    assert len(places(demo)) == len(set(places(demo))) == 4 * status.outcome["steps"]
    bill = server.bill.report()
    assert bill["answered_twice"] == bill["billed_twice_by_key"] == 0


def test_a_server_that_misbehaves_costs_no_answer(demo, served):
    served(faults={"rate_limit": 0.2, "error": 0.2, "truncated": 0.1}, most_faults=2, retry_after_seconds=0.0)
    status = run(demo, replace(PLAN, size=4))
    assert status.state == "succeeded", status.what
    assert {one.count.generated_count for one in read_funnel(demo).models} == {2 * status.outcome["steps"]}


def test_who_may_not_start_runs_is_refused(demo, served):
    served()
    with pytest.raises(AccessDeniedError):
        start_responses(demo, PLAN, person=Person("ann", "annotator"), now=NOW)


@pytest.mark.parametrize(
    "plan", [replace(PLAN, models=()), replace(PLAN, judge=JudgeSettings(judges=("step_quality",)))]
)
def test_without_a_model_nothing_is_started(demo, served, plan):
    served()
    with pytest.raises(SettingError):
        start_responses(demo, plan, person=ANN, now=NOW)
    assert manager.list_runs(demo.folder) == []
