"""`evaluate`: every act of the pages from the command line, in text and as JSON."""

from __future__ import annotations

import shutil

import pytest

from tests.failing import fail_as_known
from tests.scripted_endpoint import scripted_server_of
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.store.connection import Store

SET = "questions_demo"


@pytest.fixture(scope="module")
def store(demo_template, tmp_path_factory):
    """The demo data with a model that fails in known ways."""
    folder = tmp_path_factory.mktemp("evaluated") / "store"
    shutil.copytree(demo_template, folder)
    opened = Store.open(folder)
    fail_as_known(opened)
    yield opened
    end_all_runs(folder)
    opened.close()


def test_evaluations_are_listed_and_shown(command):
    said = command("evaluate", "list")
    assert "trained-model" in said.out
    assert "N/A (" in said.out
    shown = command("evaluate", "show", "1")
    assert "overall N/A (" in shown.out
    assert "not run: " in shown.out
    assert command("evaluate", "show", "1", "--json").json["not_answered"] == 2
    assert "No evaluation has the number 77" in command("evaluate", "show", "77").err


def test_items_are_chosen_and_one_is_shown(command):
    found = command("evaluate", "items", "1", "--outcome", "not answered", "--json").json
    assert (found["total"], {item["state"] for item in found["items"]}) == (2, {"not answered"})
    shown = command("evaluate", "item", "1", "simple_python_5")
    assert "simple_python_5: wrong (type_error:simple)" in shown.out
    assert "forecast city: wrong value" in shown.out


def test_official_files_are_written_and_read_in_once(command, tmp_path):
    written = command("evaluate", "write", "1", "official")
    assert "2 were not answered and stand in none" in written.out
    read = command("evaluate", "read", "official", "--set", SET)
    assert read.status == 0, read.err
    assert "missing" in read.out
    again = command("evaluate", "read", "official", "--set", SET)
    assert "not read in. These answers are here already" in again.out
    assert command("evaluate", "read", "nowhere", "--set", SET).status == 1


def test_an_evaluation_is_removed_and_put_back(command):
    assert command("evaluate", "remove", "1").status == 0
    assert 1 in [
        one["evaluation"]["evaluation_no"] for one in command("evaluate", "list", "--removed", "--json").json
    ]
    assert command("evaluate", "put-back", "1").status == 0
    assert "\n1 " in command("evaluate", "list").out


def test_a_model_at_an_endpoint_is_evaluated(command, store, monkeypatch):
    monkeypatch.setenv("XLAM_DATA_DIR", str(store.folder))
    with scripted_server_of(store.folder):
        said = command(
            "evaluate", "run", "--set", SET, "--mode", "native", "--category", "irrelevance", "--most", "2"
        )
    assert said.status == 0, said.err
    assert "scripted-careful (scripted model" in said.out
    assert "of 2" in said.out
    refused = command("evaluate", "run", "--set", SET)
    assert (refused.status, "No endpoint is set up" in refused.err) == (1, True)
