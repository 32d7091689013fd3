"""`preferences`: a preview, a run, its pairs and figures, alarms, taking a run back; as words and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.review_desk import add_pairs, versions_of
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import EXIT_ERROR, run_command
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def preferences(demo_data, tmp_path):
    """Run a command of the group on the demo data; gives its status and what it said."""
    store = Store.open(demo_data)

    def run(*argv):
        out = []
        words = ["preferences", *map(str, argv)]
        caller = Caller(
            argv=words, cwd=tmp_path, now=NOW, write_out=out.append, write_err=out.append, store_at_hand=store
        )
        return run_command(studio, caller), "".join(out)

    run.store = store
    yield run
    end_all_runs(store.folder)
    store.close()


def test_errors_are_previewed_planted_listed_and_taken_back(preferences):
    status, said = preferences("corrupt", "--preview", "--size", 30, "--kind", "wrong_type")
    assert status == 0, said
    assert "shown by argument_type" in said
    status, said = preferences("stats", "--json")
    assert json.loads(said)["figures"]["total"] == 0

    status, said = preferences("corrupt", "--size", 30, "--kind", "wrong_type", "--json")
    assert status == 0, said
    ran = json.loads(said)
    assert ran["outcome"]["by kind"] == {"wrong_type": ran["new pairs"]}
    status, said = preferences("list", "--kind", "wrong_type", "--json")
    listed = json.loads(said)
    assert listed["total"] == ran["new pairs"] > 10
    assert {row["judged"]["outcome"] for row in listed["rows"]} == {"counts"}
    assert json.loads(preferences("list", "--kind", "wrong_tool", "--json")[1])["total"] == 0
    status, said = preferences("list", "--rule", "confirmed", "--most", 3)
    assert said.count("nobody has confirmed it") == 3
    status, said = preferences("stats")
    assert f"{listed['total']:,} of {listed['total']:,} pairs count" in said
    assert f"planted by run {ran['run_id']}" in said

    status, said = preferences("remove", ran["run_id"])
    assert (status, said) == (0, f"{ran['new pairs']} pairs were taken back.\n")
    status, said = preferences("remove", ran["run_id"])
    assert status == EXIT_ERROR
    assert "preferences stats" in said


def test_alarms_are_listed(preferences):
    add_pairs(preferences.store, versions_of(preferences.store)[:3])
    with preferences.store.write() as cursor:
        cursor.execute("UPDATE pair SET margin = -1 WHERE pair_no = 2")
    status, said = preferences("alarm", "--json")
    assert status == 0
    found = {row["row"]["pair"]["pair_no"]: row["alarms"] for row in json.loads(said)["rows"]}
    assert "the chosen side is rated lower" in found[2]
    status, said = preferences("stats", "--origin", "generated")
    assert "ALARM the chosen side is rated lower: 1" in said
