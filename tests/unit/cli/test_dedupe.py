"""`dedupe`: looked at, decided and taken back by commands alone; the run itself has a test of its own."""

from __future__ import annotations

import pytest

from tests.near_duplicates import search_store
from tests.unit.cli.conftest import NOW
from xlam_backend.domain.near_duplicate import SearchSettings
from xlam_backend.store.connection import Store


@pytest.fixture
def store(demo_data):
    opened = Store.open(demo_data)
    yield opened
    opened.close()


@pytest.fixture
def run(run_group):
    return run_group("dedupe")


def test_before_the_first_search_the_way_is_shown(run):
    assert run("list") == []
    assert "dedupe run" in run("clusters", status=1, text=True)


def test_clusters_are_looked_at_decided_on_and_decisions_taken_back(run, store, tmp_path):
    search_store(store, tmp_path / "input", now=NOW)
    page = run("clusters")
    cluster = page["clusters"][0]
    shown = run("show", cluster["number"])
    assert shown["size"] == cluster["size"] == len(shown["members"])
    second = shown["members"][1]["trajectory_id"]
    made = run("decide", cluster["number"], "--keep", "one", "--id", second)
    after = run("show", cluster["number"])["members"]
    assert {one["trajectory_id"] for one in after if one["disposition"] == "keep"} == {second}
    rest = run("decide", "--all")
    assert rest["cluster_count"] == page["total"] - 1
    for decision in (rest, made):
        assert run("undo", decision["decision_no"])["is_undone"]
    assert run("clusters", "--state", "undecided")["total"] == page["total"]
    assert [one["choice"] for one in run("decisions")][:2] == ["undo", "undo"]


def test_the_curve_and_pairs_are_told(run, store, tmp_path):
    search_store(store, tmp_path / "input", now=NOW)
    curve = run("threshold")
    going = [point["going_count"] for point in curve]
    assert going == sorted(going, reverse=True)
    assert run("pairs", "unrelated")["total"] > 0
    assert "not reviewed" in run("threshold", text=True)


def test_what_people_say_of_sampled_pairs_stands_beside_the_curve(run, run_group, store, tmp_path):
    search_store(store, tmp_path / "input", now=NOW, settings=SearchSettings(threshold=0.6))
    review = run_group("review")
    queue = review("create-queue", "near", "--kind", "duplicate", "--threshold", "0.6", "--size", "3")
    for item in review("next", queue["queue_no"], "--count", "3"):
        review("verdict", item["item_no"], "--flag", "agree")
    (point,) = [point for point in run("threshold") if point["threshold"] == 0.6]
    assert point["precision_from"] == "sampled pairs"
    assert (point["precision"]["hits"], point["precision"]["share"]) == (queue["item_count"], 1.0)
    assert "sampled pairs" in run("threshold", text=True)


@pytest.mark.parametrize(
    "words", [["decide"], ["decide", "3", "--all"], ["decide", "--all", "--id", "x"], ["show", "4711"]]
)
def test_what_makes_no_sense_is_explained(run, store, tmp_path, words):
    search_store(store, tmp_path / "input", now=NOW)
    assert "Error" in run(*words, status=1, text=True)
