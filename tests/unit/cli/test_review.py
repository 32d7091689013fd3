"""`review`: a queue from its draw to its end, by commands alone."""

from __future__ import annotations

import pytest

from tests.review_queues import NOW
from tests.unit.review.conftest import clean_records, flagged_records, import_records
from xlam_backend.store.connection import Store


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder, now=NOW)
    import_records(opened, "north", [*flagged_records(6, "north"), *clean_records(4, "north")])
    yield opened
    opened.close()


@pytest.fixture
def run(run_group):
    return run_group("review")


def test_a_queue_is_drawn_answered_and_closed(run):
    planned = ("create-queue", "types", "--of", "argument_type", "--size", 4, "--unflagged", 0.5)
    preview = run(*planned, "--preview")
    assert (preview["flagged_count"], preview["unflagged_count"], preview["item_count"]) == (6, 4, 6)
    assert "2 of         4  north · not flagged" in run(*planned, "--preview", text=True)
    assert run("queues") == []
    queue_no = run(*planned)["queue_no"]
    first, second = run("next", queue_no, "--count", 2)
    assert first["check"] == "argument_type"
    assert "stratum" not in first
    assert run("verdict", first["item_no"], "--flag", "agree", "--entry", "e")["state"] == "stored"
    assert run("verdict", first["item_no"], "--flag", "agree", "--entry", "e")["state"] == "repeated"
    assert run("skip", second["item_no"], "--lease", second["lease"])["skipped"] is True
    assert run("undo", queue_no)["claim"]["item_no"] == first["item_no"]
    assert run("release", queue_no)["released"] == 1
    progress = run("progress", queue_no)
    assert (progress["verdict_count"], progress["my_due_count"], progress["my_skipped_count"]) == (0, 6, 1)
    assert "6 due, 1 put off" in run("progress", queue_no, text=True)
    run("comment", first["item_no"], "an odd one")
    assert run("comments", first["item_no"])["comments"][0]["words"] == "an odd one"
    for state in ("pause", "close"):
        run(state, queue_no)
        assert "way_out" in run("next", queue_no, status=1)["error"]
    assert "closed" in run("verdict", first["item_no"], "--flag", "agree", status=1)["error"]["what"]
    run("open", queue_no)
    assert [queue["progress"]["state"] for queue in run("queues")] == ["open"]


def test_a_queue_is_worked_through_to_its_end(run):
    queue_no = run("create-queue", "all", "--of", "argument_type")["queue_no"]
    answered = 0
    while items := run("next", queue_no):
        run("verdict", items[0]["item_no"], "--disposition", "drop", "--seconds", 3)
        answered += 1
    assert answered == 6
    assert run("next", queue_no, text=True) == "Nothing is due for you in this queue now.\n"
    assert run("progress", queue_no)["done_count"] == 6


def test_a_mistake_is_explained(run):
    assert "no review queue 7" in run("progress", 7, status=1)["error"]["what"]
    assert "no review item 7" in run("verdict", 7, "--flag", "agree", status=1)["error"]["what"]
    assert "Nothing" in run("create-queue", "none", "--of", "repeated_call", status=1)["error"]["what"]
    run("create-queue", "none", "--overlap", 0, status=2)


def test_an_item_is_shown_edited_and_repaired(run):
    queue_no = run("create-queue", "types", "--of", "argument_type")["queue_no"]
    first, second = run("next", queue_no, "--count", 2)
    shown = run("show", first["item_no"])
    assert shown["guideline"]["title"] == "Wrong argument type"
    assert "repair" in run("show", first["item_no"], text=True)
    wrong = '{"name": "get_weather", "arguments": {"days": 3}}'
    assert "new error" in run("edit", first["item_no"], "--text", wrong, "--check")["refused"]
    run("edit", first["item_no"], "--text", wrong, status=1, text=True)
    right = '{"name": "get_weather", "arguments": {"city": "Oslo", "days": 3}}'
    assert run("edit", first["item_no"], "--text", right)["act_no"] > 0
    key = run("show", second["item_no"])["repairs"][0]["key"]
    assert run("repair", second["item_no"], key)["state"] == "stored"
    run("repair", second["item_no"], "no-such-key", status=1, text=True)
    assert run("progress", queue_no)["my_verdict_count"] == 2
