"""A store, a person, and real runs of the tiny kinds in tests/run_kinds.py, ended with the test."""

from __future__ import annotations

import os
import pathlib
import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from tests.run_kinds import REGISTRY
from tests.scripted_endpoint import scripted_server_of
from xlam_backend.activities import manager
from xlam_backend.domain.person import Person
from xlam_backend.runs import tree
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANN = Person("ann", "researcher")
PATIENCE_SECONDS = 60


def until(condition, seconds=PATIENCE_SECONDS):
    """Wait for something another process does; returns what the condition gave."""
    give_up_at = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.01)
    return found


class Runs:
    """The manager's functions with the store, the person and the kinds of the tests filled in."""

    def __init__(self, store):
        self.store = store

    def start(self, kind="counting", /, **params):
        return manager.start_run(
            self.store, kind, {"count": 3, **params}, title="A test", person=ANN, now=NOW, registry=REGISTRY
        )

    def read(self, run_id):
        return manager.read_run(self.store.folder, run_id)

    def folder(self, run_id):
        return runs_folder(self.store.folder) / run_id

    def pids(self, run_id):
        return read_record(self.folder(run_id) / STATUS, Status)

    def stop(self, run_id):
        return manager.stop_run(self.store, run_id, person=ANN, now=NOW)

    def resume(self, run_id, **changes):
        return manager.resume_run(self.store, run_id, person=ANN, now=NOW, changes=changes, registry=REGISTRY)

    def repeat(self, run_id):
        return manager.repeat_run(self.store, run_id, person=ANN, now=NOW, registry=REGISTRY)

    def delete(self, run_id):
        manager.delete_run(self.store, run_id, person=ANN, now=NOW)

    def take_in(self):
        return manager.take_in_runs(self.store, now=NOW, registry=REGISTRY)

    def wait(self, run_id):
        return manager.wait_for_run(self.store, run_id, registry=REGISTRY)

    def until_state(self, run_id, *states):
        return until(lambda: (status := self.read(run_id)).state in states and status)

    def until_waiting(self, run_id, item):
        """Wait until the worker stands at the item where it is to wait."""
        return until(lambda: (self.read(run_id).progress or _NONE).done >= item)

    def let_go(self, run_id):
        (self.folder(run_id) / "go").touch()

    def rows(self):
        with self.store.cursor() as cursor:
            found = cursor.execute("SELECT item FROM test_row ORDER BY item").fetchall()
        return [row[0] for row in found]


class _None:
    done = -1


_NONE = _None()


def kill(pid):
    """Kill a process and wait until it is gone, or a zombie."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_alive(pid))


def is_alive(pid):
    try:
        with pathlib.Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    with opened.write() as cursor:
        cursor.execute("CREATE TABLE test_row (item INTEGER)")
    yield opened
    opened.close()


@pytest.fixture
def runs(store):
    made = Runs(store)
    yield made
    end_all_runs(store.folder)


def end_all_runs(data_folder):
    """End whatever runs a test has left open: their supervisors, then what hangs below them."""
    for status in manager.list_runs(data_folder):
        folder = runs_folder(data_folder) / status.run_id
        if status.is_open:
            (folder / "stop").touch()
            pids = read_record(folder / STATUS, Status)
            if pids and pids.supervisor_pid and is_alive(pids.supervisor_pid):
                kill(pids.supervisor_pid)
        tree.kill_marked(folder)


@pytest.fixture
def demo(demo_data):
    """The store with the demo data; runs that are left open end with the test."""
    store = Store.open(demo_data)
    yield store
    end_all_runs(store.folder)
    store.close()


@pytest.fixture
def served(demo):
    """Serve the scripted model for the store's runs; call it with how it is to behave."""
    with ExitStack() as opened:
        yield lambda **behaviour: opened.enter_context(
            scripted_server_of(demo.folder, **{"retry_after_seconds": 0.01, **behaviour})
        )
