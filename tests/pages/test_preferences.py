"""The page of preference pairs: planting errors, what becomes of pairs, alarms, one pair, taking back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from tests.planted import corrupted
from tests.review_desk import add_pairs, versions_of
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.manager import list_runs, wait_for_run
from xlam_backend.domain.review import QueuePlan
from xlam_backend.preference.removing import list_corruption_runs
from xlam_backend.review.queues import create_queue
from xlam_backend.store.preference import write_corruptions
from xlam_backend.store.trajectories import read_trajectories

PAGE = "shape/preferences"
HOSTILE = "<img src=x onerror=alert(1)> **bold** \u202e"


def now():
    return datetime.now(UTC)


@pytest.fixture
def store(demo_store):
    """The store behind the page; runs that are left open end with the test."""
    yield demo_store
    end_all_runs(demo_store.folder)


@pytest.fixture
def planted(store):
    """A store with planted errors, and three answers of which one is upside down."""
    numbers = [version for version, _ in versions_of(store)][::8]
    made = corrupted(read_trajectories(store, numbers), per_step=2)
    with store.write() as cursor:
        write_corruptions(cursor, store, "run-1", made)
    add_pairs(store, versions_of(store)[:3])
    with store.write() as cursor:
        cursor.execute("UPDATE pair SET margin = -1 WHERE pair_no = (SELECT max(pair_no) FROM pair)")
        cursor.execute(
            "UPDATE corruption SET words = ? WHERE pair_no = (SELECT min(pair_no) FROM pair)", [HOSTILE]
        )
    return store


def pair_count(store, condition="true"):
    with store.cursor() as cursor:
        return cursor.execute(f"SELECT count(*) FROM pair WHERE {condition}").fetchall()[0][0]


def test_without_pairs_errors_are_previewed_and_planted(demo_pages, store):
    assert demo_pages.open(PAGE) == "Preference pairs"
    assert "There are no pairs yet." in demo_pages.words
    assert "Before: chosen" in demo_pages.words
    demo_pages.app.multiselect(key="corrupt_kinds").set_value(["wrong_type"]).run()
    demo_pages.app.number_input(key="corrupt_size").set_value(20).run()
    expected = demo_pages.fact("pairs")
    demo_pages.app.button(key="plant_errors").click().run()
    [run] = list_runs(store.folder)
    assert wait_for_run(store, run.run_id).state == "succeeded"
    assert pair_count(store, "reason = 'wrong value'") == pair_count(store) == expected > 10
    demo_pages.open(PAGE)
    assert demo_pages.fact("pairs count") == expected


def test_what_becomes_of_the_pairs_follows_the_rule(demo_pages, planted):
    demo_pages.open(PAGE)
    everything, planted_count = pair_count(planted), pair_count(planted, "origin = 'corruption'")
    assert f"{everything:,} pairs" in demo_pages.words
    assert "the chosen side is rated lower: 1" in demo_pages.words
    assert {"answers of less powerful models", "planted errors"} <= set(
        demo_pages.html.replace("</a>", "\n</a>").replace(">", ">\n").split("\n")
    )
    demo_pages.open(PAGE, **{"from": "corruption"})
    assert demo_pages.fact("pairs count") == planted_count
    demo_pages.open(PAGE, rule="confirmed")
    assert demo_pages.fact("pairs count") == 0
    demo_pages.open(PAGE, rule="confirmed", outcome="counts")
    assert "No pair matches." in demo_pages.words
    demo_pages.open(PAGE, kind="wrong_type")
    with planted.cursor() as cursor:
        [(of_kind,)] = cursor.execute("SELECT count(*) FROM corruption WHERE kind = 'wrong_type'").fetchall()
    assert f"{of_kind} pairs" in demo_pages.words


def test_one_pair_says_what_was_planted_and_hostile_words_stay_words(demo_pages, planted):
    assert demo_pages.open(PAGE, pair="1") == "Preference pairs"
    assert "Planted error" in demo_pages.words
    assert "<img" not in demo_pages.html
    assert "onerror=alert(1)" in demo_pages.words
    demo_pages.open(PAGE, pair=str(pair_count(planted)))
    assert "Alarm: the chosen side is rated lower" in demo_pages.words


def test_planted_errors_are_taken_back(demo_pages, planted):
    demo_pages.open(PAGE)
    [run] = list_corruption_runs(planted)
    demo_pages.app.button(key=f"take_back_{run.run_id}").click().run()
    assert not demo_pages.app.exception
    assert list_corruption_runs(planted) == []
    assert f"of {pair_count(planted)}" in demo_pages.words
    assert pair_count(planted) == 3  # the answers are still there


def test_nobody_sees_the_sides_of_pairs_they_are_still_asked_about(demo_pages, planted):
    create_queue(planted, QueuePlan("pairs", "pair"), person=A_RESEARCHER, now=now())
    demo_pages.open()
    demo_pages.take_name("Ann")
    for params in ({}, {"pair": "1"}):
        assert demo_pages.open(PAGE, **params) == "Preference pairs"
        assert "Pairs wait for your answer." in demo_pages.words
        assert "Rejected" not in demo_pages.words


def test_a_queue_of_planted_errors_is_drawn_from_the_link(demo_pages, planted):
    assert demo_pages.open("review/queues", new="pair", origin="corruption") == "Queues"
    assert demo_pages.app.multiselect(key="queue_plan_origins_corruption").value == ["corruption"]
    assert demo_pages.fact("flagged") == pair_count(planted, "origin = 'corruption'")
