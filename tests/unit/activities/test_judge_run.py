"""A run of the judges with real processes and a misbehaving server: whole, spent, killed, stopped."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest
from msgspec.structs import replace

from tests.unit.activities.conftest import ANN, NOW, until
from xlam_backend.activities import manager
from xlam_backend.activities.judge_run import start_judging
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, SettingError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import Budget
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.ratings import count_ratings

SETTINGS = JudgeSettings(
    judges=("argument_hallucination", "trajectory_quality"),
    endpoint="scripted",
    models=("scripted-careful",),
    timeout_seconds=5.0,
    most_retries=8,
)
PLACES = 12 + 238
# What the tests ask about that need not see every place.
FEW = Filters(dataset="help_desk_unified_2")
FEW_PLACES = 6 + 38
FAULTS = {
    "rate_limit": 0.05,
    "error": 0.05,
    "broken": 0.05,
    "truncated": 0.05,
    "wrong_schema": 0.05,
    "prose": 0.1,
    "malformed": 0.05,
}


def start(store, chosen=SETTINGS, filters=None):
    return start_judging(store, chosen, filters or Filters(), person=ANN, now=NOW)


def run(store, chosen=SETTINGS, filters=None):
    return manager.wait_for_run(store, start(store, chosen, filters))


def places(store):
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT judge, version_no, step, call, pointer, member, model FROM rating")
        return Counter(rows.fetchall())


def test_a_misbehaving_server_loses_no_place_and_doubles_none(demo, served):
    server = served(faults=FAULTS)
    status = run(demo)
    assert (status.state, status.what) == ("succeeded", "")
    assert len(places(demo)) == sum(places(demo).values()) == PLACES
    outcome = status.outcome
    assert outcome["asked"] == PLACES
    assert outcome["judged"] + sum(outcome["not judged"].values()) == PLACES
    assert outcome["judged"] > 0.98 * PLACES
    assert outcome["scripted"]
    assert server.bill.report()["answered_twice"] == 0
    assert server.bill.report()["billed_calls"] <= outcome["calls"]


def test_the_planted_values_are_flagged(demo, served):
    served()
    run(demo, replace(SETTINGS, judges=("argument_hallucination",)))
    [count] = count_ratings(demo)
    assert (count.judged_count, count.flagged_count, count.is_scripted) == (12, 12, True)


def test_only_what_matches_the_filters_is_asked_about(demo, served):
    served()
    run(demo, replace(SETTINGS, judges=("trajectory_quality",)), FEW)
    with demo.cursor() as cursor:
        judged = cursor.execute(
            "SELECT d.name, count(*) FROM rating JOIN trajectory AS t USING (version_no) "
            "JOIN dataset AS d USING (dataset_no) GROUP BY ALL"
        ).fetchall()
    assert judged == [("help_desk_unified_2", 38)]


def test_the_budget_is_never_exceeded(demo, served):
    server = served()
    status = run(demo, replace(SETTINGS, budget=Budget(calls=20)), FEW)
    assert status.state == "succeeded"
    assert server.bill.report()["billed_calls"] == status.outcome["calls"] == 20
    assert status.outcome["judged"] == 20
    assert status.outcome["not judged"] == {"The budget of calls is spent.": FEW_PLACES - 20}
    # What was paid for is kept; the rest is asked about by the next run, and only that.
    again = run(demo, SETTINGS, FEW)
    assert again.outcome["asked"] == FEW_PLACES - 20
    assert server.bill.report()["billed_calls"] == FEW_PLACES


def test_a_run_killed_twice_goes_on_and_pays_nothing_twice(demo, served):
    server = served(latency_seconds=0.05, faults=FAULTS)
    run_id = start(demo, replace(SETTINGS, concurrency=4), FEW)
    for killed_after in (3, 12):
        until(lambda count=killed_after: server.bill.requests >= count)
        os.kill(read_record(runs_folder(demo.folder) / run_id / STATUS, Status).worker_pid, signal.SIGKILL)
        assert manager.wait_for_run(demo, run_id).state in ("failed", "lost")
        manager.resume_run(demo, run_id, person=ANN, now=NOW)
    status = manager.wait_for_run(demo, run_id)
    assert status.state == "succeeded", status.what
    assert len(places(demo)) == sum(places(demo).values()) == FEW_PLACES
    assert server.bill.report()["answered_twice"] == 0


def test_a_stopped_run_goes_on_when_it_is_resumed(demo, served):
    server = served(latency_seconds=0.08)
    run_id = start(demo, replace(SETTINGS, concurrency=1), FEW)
    until(lambda: server.bill.requests >= 5)
    manager.stop_run(demo, run_id, person=ANN, now=NOW)
    assert manager.wait_for_run(demo, run_id).state == "stopped"
    manager.resume_run(demo, run_id, person=ANN, now=NOW, changes={"budget": {"calls": FEW_PLACES - 1}})
    status = manager.wait_for_run(demo, run_id)
    assert (status.state, status.outcome["calls"]) == ("succeeded", FEW_PLACES - 1)
    assert sum(places(demo).values()) == FEW_PLACES
    assert server.bill.report()["answered_twice"] == 0


def test_a_committee_judges_by_majority(demo, served):
    served()
    models = ("scripted-careful", "scripted-hasty", "scripted-noisy")
    status = run(demo, replace(SETTINGS, judges=("argument_hallucination",), models=models))
    assert status.state == "succeeded"
    assert Counter(place[5] for place in places(demo).elements()) == {"member": 36, "committee": 12}


def test_an_unknown_model_fails_the_run_with_a_way_out(demo, served):
    served()
    status = run(demo, replace(SETTINGS, models=("no-such-model",)))
    assert (status.state, status.failure_class) == ("failed", "service")
    assert "no-such-model" in status.what
    assert status.way_out
    assert places(demo) == {}


def test_what_cannot_be_started_is_refused(demo, served):
    served()
    with pytest.raises(AccessDeniedError):
        start_judging(demo, SETTINGS, Filters(), person=Person("bo", "annotator"), now=NOW)
    with pytest.raises(SettingError, match="No model"):
        start(demo, replace(SETTINGS, models=()))
    with pytest.raises(SettingError, match="No trajectory"):
        start(demo, SETTINGS, Filters(text="nothing says this"))
