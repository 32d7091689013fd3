"""`respond`: an estimate, a run, what came of it, its pairs; in words and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.scripted_endpoint import scripted_server_of
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import EXIT_ERROR, run_command
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEAK = ("--model", "scripted-weak-a", "--model", "scripted-weak-b", "--size", 6, "--count", 2)


@pytest.fixture
def respond(demo_data, tmp_path):
    """Run a command of the group on the demo data; gives its status and what it said."""
    store = Store.open(demo_data)

    def run(*argv):
        out = []
        words = ["respond", *map(str, argv)]
        caller = Caller(
            argv=words, cwd=tmp_path, now=NOW, write_out=out.append, write_err=out.append, store_at_hand=store
        )
        return run_command(studio, caller), "".join(out)

    run.store = store
    yield run
    end_all_runs(store.folder)
    store.close()


def test_without_an_endpoint_an_estimate_works_and_a_run_says_how_to_set_one(respond):
    status, said = respond("estimate", "--size", 6)
    assert status == 0
    assert "6 trajectories" in said
    status, said = respond("run", "--size", 6)
    assert status == EXIT_ERROR
    assert "endpoint start-scripted" in said


def test_a_run_and_what_came_of_it(respond):
    with scripted_server_of(respond.store.folder):
        status, said = respond("estimate", *WEAK, "--json")
        estimate = json.loads(said)
        status, said = respond("run", *WEAK, "--json")
        assert status == 0, said
        ran = json.loads(said)
    assert estimate["looked_at"] == estimate["trajectory_count"] == 6
    assert sum(one["count"]["asked_count"] for one in ran["funnel"]["models"]) == estimate["requests"]
    status, said = respond("list", "--run", ran["run_id"])
    assert "not a real judgement" in said
    status, said = respond("pairs", "--json")
    pairs = json.loads(said)
    assert pairs["total"] == sum(one["count"]["pair_count"] for one in ran["funnel"]["models"]) > 0
    first = pairs["rows"][0]["pair"]
    status, said = respond("show", first["pair_no"])
    assert status == 0
    assert f"pair {first['pair_no']}:" in said
    assert first["reason"] in said
    status, said = respond("pairs", "--reason", first["reason"])
    assert f"\n{first['pair_no']} " in said


def test_a_pair_that_is_not_there_is_an_error(respond):
    status, said = respond("show", 99)
    assert (status, "No pair has the number 99." in said) == (EXIT_ERROR, True)
