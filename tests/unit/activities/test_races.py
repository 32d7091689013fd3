"""Several people at one run, or at the same second: what each saw before may be long past."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.activities.conftest import ANN, NOW, until
from xlam_backend.activities import manager
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, RunError
from xlam_backend.runs.base import Prepared
from xlam_backend.runs.folder import attempt_folder
from xlam_backend.runs.launch import Wanted, start_new


def test_two_runs_started_in_the_same_second_do_not_share_a_folder(store):
    runs = store.folder / "runs"
    runs.mkdir()
    wanted = Wanted("counting", "A test", "cpu", {"count": 1}, Person("ann", "researcher"), "this")
    both = threading.Barrier(2)

    def start(name):
        def prepare(folder):
            both.wait(30)
            (folder / "input" / "items.json").write_text("[]")
            (folder / "input" / name).touch()
            both.wait(30)
            return Prepared(1)

        return name, start_new(runs, wanted, prepare, worker="tests.run_kinds", now=NOW)

    with ThreadPoolExecutor(2) as pool:
        started = dict(pool.map(start, ["first", "second"]))
    assert len(set(started.values())) == 2
    for name, run_id in started.items():
        assert {path.name for path in (runs / run_id / "input").iterdir()} == {"items.json", name}
        until(lambda run_id=run_id: not manager.read_run(store.folder, run_id).is_open)


def test_a_run_that_many_resume_at_once_is_resumed_once(runs):
    run_id = runs.start(do="fail", at=1)
    runs.until_state(run_id, "failed")

    def resume(_):
        try:
            return runs.resume(run_id).attempt
        except RunError:
            return 0

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(resume, range(6)))
    assert sum(number > 0 for number in given) == 1
    assert runs.wait(run_id).state == "succeeded"
    assert not attempt_folder(runs.folder(run_id), 3).exists()
    assert runs.rows() == [0, 1, 2]


@pytest.fixture
def stale(runs, monkeypatch):
    """A run that somebody saw as stopped, and that was resumed since; it waits at its second item."""
    run_id = runs.start(count=3, do="wait", at=1, attempts=9)
    runs.until_waiting(run_id, 1)
    runs.stop(run_id)
    seen = runs.until_state(run_id, "stopped")
    runs.resume(run_id)
    until(lambda: runs.read(run_id).state == "running" and runs.pids(run_id).worker_pid)
    with monkeypatch.context() as patched:
        patched.setattr(manager, "read_run", lambda *_: seen)
        yield run_id


def test_a_run_that_was_resumed_since_is_not_deleted(runs, store, stale):
    with pytest.raises(RunError, match="still open"):
        manager.delete_run(store, stale, person=ANN, now=NOW)
    assert runs.folder(stale).is_dir()
    runs.let_go(stale)
    until((attempt_folder(runs.folder(stale), 2) / "worker_end.json").exists)


def test_a_run_that_has_succeeded_since_is_not_resumed(runs, store, stale):
    runs.let_go(stale)
    until((attempt_folder(runs.folder(stale), 2) / "worker_end.json").exists)
    with pytest.raises(RunError, match="has done all"):
        until(lambda: _resumed(runs, stale))


def _resumed(runs, run_id):
    try:
        return runs.resume(run_id)
    except RunError as error:
        if "still open" in str(error):
            return None
        raise


def test_a_run_that_was_deleted_since_is_not_resumed(runs, monkeypatch):
    run_id = runs.start(do="fail", at=1)
    seen = runs.until_state(run_id, "failed")
    folder = runs.folder(run_id)
    shutil.move(folder, folder.with_name(".deleting"))
    monkeypatch.setattr(manager, "read_run", lambda *_: seen)
    monkeypatch.setattr(manager, "run_folder", lambda *_: folder)
    with pytest.raises(NotFoundError):
        runs.resume(run_id)
    assert not folder.exists()


def test_an_attempt_never_gets_the_number_of_an_earlier_one(runs):
    """Whatever its status has come to: what the earlier attempt left would be taken for this one's end."""
    run_id = runs.start(count=3, do="wait", at=1, attempts=9)
    for _ in range(2):
        runs.until_waiting(run_id, 1)
        runs.stop(run_id)
        runs.until_state(run_id, "stopped")
        runs.resume(run_id)
    runs.until_waiting(run_id, 1)
    runs.stop(run_id)
    runs.until_state(run_id, "stopped")
    (runs.folder(run_id) / "status.json").write_bytes(b"{")
    assert runs.resume(run_id).attempt == 4
    runs.let_go(run_id)
    assert runs.wait(run_id).state == "succeeded"


def test_a_run_whose_manifest_is_damaged_is_seen_and_can_be_deleted(runs, store):
    run_id = runs.start()
    runs.wait(run_id)
    (runs.folder(run_id) / "manifest.json").write_bytes(b'{"run_id": ')
    (status,) = manager.list_runs(store.folder)
    assert (status.run_id, status.state, status.failure_class) == (run_id, "lost", "disk")
    runs.take_in()
    with pytest.raises(RunError, match="cannot be read"):
        runs.resume(run_id)
    runs.delete(run_id)
    assert manager.list_runs(store.folder) == []


def test_a_shutdown_reaches_a_run_that_waits_for_its_turn(runs):
    first, second = runs.start(do="wait", at=0), runs.start()
    runs.until_state(first, "running")
    until(lambda: runs.pids(second).supervisor_pid)
    os.kill(runs.pids(second).supervisor_pid, signal.SIGTERM)
    status = runs.until_state(second, "failed")
    assert status.failure_class == "interrupted"
    assert runs.read(first).state == "running"
    runs.let_go(first)


def test_a_foreign_file_among_the_tickets_stops_nobody(runs, store):
    runs.wait(runs.start())
    (store.folder / "runs" / ".lanes" / "cpu" / "notes~").touch()
    assert runs.wait(runs.start()).state == "succeeded"
