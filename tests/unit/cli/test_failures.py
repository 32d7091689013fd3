"""`failures`: every act of the page from the command line, in text and as JSON."""

from __future__ import annotations

import shutil

import pytest

from tests.failing import WRONG_TYPE, fail_as_known, write_answers
from xlam_backend.store.connection import Store


@pytest.fixture(scope="module")
def store(demo_template, tmp_path_factory):
    """The demo data with a model that fails in known ways."""
    folder = tmp_path_factory.mktemp("failing") / "store"
    shutil.copytree(demo_template, folder)
    opened = Store.open(folder)
    fail_as_known(opened)
    write_answers(opened, {"multiple_9": WRONG_TYPE}, model="better")
    yield opened
    opened.close()


def test_failures_are_counted_and_listed(command):
    said = command("failures", "count", "trained-model")
    assert "14 wrong answers" in said.out
    assert "2 questions without an answer" in said.out
    found = command("failures", "list", "1", "--code", "IAT", "--json").json
    assert [one["item"]["item_id"] for one in found["failures"]] == [
        f"simple_python_{at}" for at in (5, 6, 7)
    ]


def test_one_answer_is_shown_beside_what_is_allowed(command):
    said = command("failures", "show", "trained-model", "simple_python_5")
    assert said.out.startswith("simple_python_5: a value of the wrong type")
    assert 'allowed:  {"forecast"' in said.out
    assert command("failures", "show", "1", "nothing").status == 1


def test_two_evaluations_are_compared(command):
    said = command("failures", "compare", "trained-model", "better", "--outcome", "lost")
    assert said.out.startswith("all: 1 lost, 14 won")
    assert "lost: multiple_9" in said.out


def test_the_nearest_samples_are_found_and_reviewed(command):
    found = command("failures", "nearest", "1", "--code", "IAV", "--most", "7", "--json").json
    assert len(found["samples"]) == 7
    dry = command("failures", "review", "1", "--code", "IAV", "--dry-run")
    assert dry.out.startswith("Failures of trained-model: IAV: ")
    assert command("failures", "review", "1", "--code", "IAV", "--name", "slice").out.startswith(
        "Queue 1, slice"
    )
    assert command("failures", "review", "1", "--code", "IAV", "--name", "slice").status == 1, "a taken name"


def test_a_data_request_is_written(command):
    found = command("failures", "request", "1", "--category", "multiple", "--json").json
    assert found["why"]["failed_questions"] == 2
    assert found["wanted"]["tools"]


def test_forward_from_a_trajectory(command):
    sample = command("failures", "nearest", "1", "--most", "1", "--json").json["samples"][0]
    said = command("failures", "trained-on", sample["row"]["trajectory_id"])
    assert "release " in said.out
    assert "as it is today" in said.out
