"""Background work is done in order, can be stopped, and ends in words whatever happens."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.errors import InputError, StoppedError
from xlam_backend.flow import FlowProgress
from xlam_backend.owner.background import Background

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT_SECONDS = 20


@pytest.fixture
def background():
    return Background(lambda: "the store")


def finish(background, work_id):
    """Wait until a piece of work has ended, by working in line behind it; returns its status."""
    ended = threading.Event()
    background.start("last", lambda store, tell, should_stop: ended.set(), now=NOW)
    assert ended.wait(LIMIT_SECONDS)
    return next(status for status in background.statuses() if status.work_id == work_id)


def test_the_outcome_is_kept(background):
    made = FlowProgress("import", 0.5, "half")

    def work(store, tell, should_stop):
        tell(made)
        return store

    status = finish(background, background.start("one", work, now=NOW))
    assert (status.state, status.outcome, status.progress) == ("done", "the store", made)
    assert not status.is_open


def test_work_is_done_one_after_the_other(background):
    order = []
    for name in "abc":
        work_id = background.start(name, lambda store, tell, stop, name=name: order.append(name), now=NOW)
    finish(background, work_id)
    assert order == ["a", "b", "c"]


def test_what_runs_and_what_waits_can_be_stopped(background):
    running = threading.Event()

    def until_stopped(store, tell, should_stop):
        running.set()
        while not should_stop():
            threading.Event().wait(0.001)
        raise StoppedError("stopped")

    first = background.start("first", until_stopped, now=NOW)
    second = background.start("second", until_stopped, now=NOW)
    assert running.wait(LIMIT_SECONDS)
    assert [status.state for status in background.statuses()] == ["waiting", "running"]
    background.stop(second, person=A_RESEARCHER)
    background.stop(first, person=A_RESEARCHER)
    assert finish(background, second).state == "stopped"
    assert finish(background, first).state == "stopped"


def test_an_error_is_kept_in_words_and_a_bug_as_one(background, caplog):
    def fail(store, tell, should_stop):
        raise InputError("The file is odd.", "Choose another.")

    def break_down(store, tell, should_stop):
        raise ZeroDivisionError

    failed = finish(background, background.start("x", fail, now=NOW))
    assert (failed.state, failed.what, failed.way_out) == ("failed", "The file is odd.", "Choose another.")
    broken = finish(background, background.start("y", break_down, now=NOW))
    assert broken.state == "failed"
    assert "ZeroDivisionError" in caplog.text


def test_only_what_has_ended_can_be_forgotten_and_little_is_kept(background):
    work_id = background.start("x", lambda store, tell, stop: None, now=NOW)
    finish(background, work_id)
    background.forget(work_id, person=A_RESEARCHER)
    assert work_id not in [status.work_id for status in background.statuses()]
    for _ in range(60):
        finish(background, background.start("x", lambda store, tell, stop: None, now=NOW))
    assert len(background.statuses()) <= 25
