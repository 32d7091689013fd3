"""`judge`: estimated, run, listed and shown by commands alone."""

from __future__ import annotations

import pytest

from tests.scripted_endpoint import scripted_server_of
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.judge_run import read_params
from xlam_backend.activities.manager import list_runs
from xlam_backend.judges import JUDGES
from xlam_backend.store.connection import Store


@pytest.fixture
def store(demo_data):
    opened = Store.open(demo_data)
    yield opened
    end_all_runs(opened.folder)
    opened.close()


@pytest.fixture
def served(store):
    """The scripted server of the data folder."""
    with scripted_server_of(store.folder) as server:
        yield server


@pytest.fixture
def run(run_group):
    return run_group("judge")


def test_the_list_explains_every_judge(run):
    listed = run("list")
    assert [one["name"] for one in listed["judges"]] == [judge.name for judge in JUDGES]
    assert all(one["explanation"]["sees"] for one in listed["judges"])
    assert listed["ratings"] == []


def test_an_estimate_asks_nothing_and_needs_no_endpoint(run):
    made = run("estimate", "--judge", "argument_hallucination")
    assert made["requests"] == 12
    assert sum(saving["settled"] for saving in made["savings"]) == 724
    assert "not known yet" in run("estimate", text=True)
    assert run("estimate", "--dataset", "help_desk_unified_2")["requests"] == 6
    assert run("estimate", "--everything", "argument_hallucination")["requests"] > 700


def test_a_run_is_waited_for_and_shown(run, served):
    ended = run("run", "--judge", "argument_hallucination", "--budget-calls", 10)
    assert ended["outcome"]["judged"] == 10
    assert ended["outcome"]["not judged"] == {"The budget of calls is spent.": 2}
    assert "scripted model" in run("run", text=True)
    [count] = run("list")["ratings"]
    assert (count["rating_count"], count["is_scripted"]) == (12, True)
    shown = run("show", "--judge", "argument_hallucination", "--flagged", "--most", 5)
    assert len(shown) == 5
    assert all(one["rating"]["is_flagged"] for one in shown)
    assert run("show", "--fine") == []


def test_without_an_endpoint_the_way_out_is_said(run):
    assert "OPENAI_BASE_URL" in run("run", status=1)["error"]["way_out"]


@pytest.mark.parametrize(
    "argv",
    [("run", "--judge", "nobody"), ("run", "--scale", "1-9"), ("estimate", "--concurrency", "0")],
)
def test_wrong_usage_is_refused(run, argv):
    assert "error" in run(*argv, status=2)


def test_unknown_names_are_refused_with_the_nearest(run):
    assert (
        "argument_hallucination"
        in run("show", "--judge", "argument_halucination", status=1)["error"]["way_out"]
    )
    assert "step_quality" in run("show", "--flagged-by", "step_qualty", status=1)["error"]["way_out"]


def test_calls_under_way_at_a_kill_can_be_left_unpaid(run, served, store):
    run("run", "--judge", "argument_hallucination", "--budget-calls", 2, "--lost-answers", "not judged")
    [made] = list_runs(store.folder)
    assert read_params(made.params).settings.client_settings.lost_answers == "not judged"
