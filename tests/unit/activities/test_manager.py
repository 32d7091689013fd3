"""Runs as people start, stop, resume, repeat and delete them: with real processes."""

import json

import pytest

from tests.run_kinds import REGISTRY
from tests.unit.activities.conftest import ANN, NOW, until
from xlam_backend.activities import manager
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, NotFoundError, RunError, SourceUnreadableError
from xlam_backend.runs.folder import runs_folder
from xlam_backend.runs.log import log_tail


def test_a_run_does_its_work_and_is_taken_in(runs):
    run_id = runs.start(seed=7, rows=2)
    status = runs.wait(run_id)
    assert (status.state, status.outcome) == ("succeeded", {"items": 3, "attempt": 1})
    assert (status.progress.done, status.progress.total, status.item_count) == (3, 3, 3)
    assert runs.rows() == [0, 0, 1, 1, 2, 2]
    assert status.intake.taken == {f"part-{item:04d}.json": 2 for item in range(3)}
    assert status.intake.is_complete
    assert (status.person, status.created_at) == ("ann", NOW)
    manifest = json.loads((runs.folder(run_id) / "manifest.json").read_text())
    assert manifest["seeds"] == {"seed": 7}
    assert manifest["versions"]["duckdb"]
    assert len(manifest["input"]["sha256"]) == 64


def test_stopped_and_resumed_it_ends_with_every_row_once(runs):
    run_id = runs.start(count=5, do="wait", at=3)
    runs.until_waiting(run_id, 3)
    runs.take_in()
    assert runs.rows() == [0, 1, 2]
    assert runs.stop(run_id).state == "stopping"
    runs.until_state(run_id, "stopped")
    runs.resume(run_id)
    status = runs.wait(run_id)
    assert (status.state, status.attempt) == ("succeeded", 2)
    assert runs.rows() == [0, 1, 2, 3, 4]


def test_runs_of_a_lane_begin_in_the_order_they_were_started(runs):
    first, second, third = (runs.start(do="wait", at=0) for _ in range(3))
    assert len({first, second, third}) == 3
    runs.until_state(first, "running")
    assert [runs.read(each).place for each in (first, second, third)] == [0, 1, 2]
    runs.let_go(third)
    runs.let_go(first)
    runs.until_state(second, "running")
    assert runs.read(first).state == "succeeded"
    assert (runs.read(third).state, runs.read(third).place) == ("queued", 1)
    runs.let_go(second)
    assert runs.wait(third).state == "succeeded"
    began = [runs.read(each).started_at for each in (first, second, third)]
    assert began == sorted(began)


def test_the_lane_of_the_models_takes_two(runs):
    first, second, third = (runs.start("asking", do="wait", at=0) for _ in range(3))
    runs.until_state(first, "running")
    runs.until_state(second, "running")
    assert (runs.read(third).state, runs.read(third).place) == ("queued", 1)


def test_a_run_that_waits_for_its_turn_can_be_stopped(runs):
    first = runs.start(do="wait", at=0)
    second = runs.start()
    runs.until_state(first, "running")
    runs.stop(second)
    assert runs.until_state(second, "stopped").started_at is None
    assert runs.read(first).state == "running"


def test_a_run_that_does_not_listen_is_ended(runs, monkeypatch):
    monkeypatch.setenv("XLAM_RUN_GRACE_SECONDS", "0.2")
    run_id = runs.start(do="deaf", at=1)
    until((runs.folder(run_id) / "deaf").exists)
    runs.stop(run_id)
    assert runs.until_state(run_id, "stopped").failure_class == ""


def test_a_run_whose_input_cannot_be_prepared_leaves_nothing(runs, store):
    with pytest.raises(SourceUnreadableError):
        runs.start(fail_to_prepare=True)
    assert manager.list_runs(store.folder) == []
    assert [path.name for path in runs_folder(store.folder).iterdir()] == []


def test_a_repeated_run_is_a_new_one_with_the_same_parameters(runs):
    first = runs.start(seed=3)
    runs.wait(first)
    second = runs.repeat(first)
    status = runs.wait(second)
    assert (status.params, status.repeats) == ({"count": 3, "seed": 3}, first)
    assert runs.rows() == [0, 0, 1, 1, 2, 2]
    assert [each.run_id for each in manager.list_runs(runs.store.folder)] == [second, first]


def test_parameters_may_be_changed_on_resuming(runs):
    run_id = runs.start(do="data", at=1, attempts=9)
    runs.until_state(run_id, "failed")
    runs.resume(run_id, at=-1)
    status = runs.wait(run_id)
    assert (status.state, status.params["at"]) == ("succeeded", -1)


def test_an_ended_run_can_be_deleted_and_its_rows_stay(runs):
    run_id = runs.start()
    runs.wait(run_id)
    runs.delete(run_id)
    assert runs.rows() == [0, 1, 2]
    assert not runs.folder(run_id).exists()
    with pytest.raises(NotFoundError):
        runs.read(run_id)


def test_what_does_not_fit_the_state_is_refused(runs):
    run_id = runs.start(do="wait", at=0)
    for refused in (runs.resume, runs.delete):
        with pytest.raises(RunError, match="still open"):
            refused(run_id)
    runs.let_go(run_id)
    runs.wait(run_id)
    with pytest.raises(RunError, match="has done all"):
        runs.resume(run_id)
    with pytest.raises(RunError, match="ended already"):
        runs.stop(run_id)


def test_an_annotator_may_not_start_one(store):
    bob = Person("bob", "annotator")
    with pytest.raises(AccessDeniedError):
        manager.start_run(
            store, "counting", {"count": 1}, title="A test", person=bob, now=NOW, registry=REGISTRY
        )


def test_an_unknown_kind_is_named(store):
    with pytest.raises(RunError, match="'sorting'"):
        manager.start_run(store, "sorting", {}, title="A test", person=ANN, now=NOW, registry=REGISTRY)


@pytest.mark.parametrize("name", ["../store", "a/../../b", "", ".lanes", "no-such-run", "A" * 300])
def test_a_name_from_outside_reaches_no_other_folder(runs, name):
    with pytest.raises(NotFoundError):
        runs.read(name)


def test_who_did_what_is_in_the_log_of_acts(runs, store):
    run_id = runs.start(do="wait", at=1)
    runs.stop(run_id)
    runs.until_state(run_id, "stopped")
    runs.resume(run_id)
    runs.wait(run_id)
    runs.delete(run_id)
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT person, subject, detail FROM audit ORDER BY audit_no").fetchall()
    assert {(person, subject) for person, subject, _ in rows} == {("ann", f"run {run_id}")}
    assert [json.loads(detail)["act"] for *_, detail in rows] == ["start", "stop", "resume", "delete"]


def test_keys_are_struck_out_of_everything_that_is_written(runs, monkeypatch):
    key = 'sk-"quoted\\1234'
    monkeypatch.setenv("OPENAI_API_KEY", key)
    run_id = runs.start(do="bug", at=1)
    status = runs.until_state(run_id, "failed")
    assert status.failure_class == "bug"
    assert "[key struck out]" in status.what
    assert "[key struck out]" in log_tail(runs.folder(run_id) / "attempt-1" / "log.txt")
    for path in runs.folder(run_id).rglob("*"):
        assert not path.is_file() or b"quoted" not in path.read_bytes()


def test_a_key_among_the_parameters_is_refused(runs, store, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with pytest.raises(RunError, match="belong in the environment"):
        runs.start(key="sk-12345678")
    assert manager.list_runs(store.folder) == []
