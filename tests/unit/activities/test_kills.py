"""kill -9, of whatever belongs to a run: the true state is shown, and nothing is lost or doubled."""

import os
import signal
import subprocess
import sys

import pytest

from tests.processes import environment
from tests.run_kinds import REGISTRY
from tests.unit.activities.conftest import ANN, NOW, Runs, end_all_runs, is_alive, kill, until
from xlam_backend.activities import manager
from xlam_backend.errors import RunError
from xlam_backend.runs import tree
from xlam_backend.runs.launch import remove_leftovers
from xlam_backend.store.connection import Store

# An owner that starts a run and takes in what comes of it, until it is killed.
OWNER = """
import json, sys, time
from pathlib import Path
from tests.run_kinds import REGISTRY
from tests.unit.activities.conftest import ANN, NOW
from xlam_backend.activities import manager
from xlam_backend.activities.intake import Intake
from xlam_backend.store.connection import Store
store = Store.open(Path(sys.argv[1]))
intake = Intake(store, REGISTRY)
params = json.loads(sys.argv[2])
if params:
    run_id = manager.start_run(
        store, params.pop("kind", "counting"), params, title="A test", person=ANN, now=NOW, registry=REGISTRY
    )
    print(run_id, flush=True)
while True:
    intake.take_in(now=NOW)
    time.sleep(0.01)
"""


@pytest.fixture
def owner(data_folder):
    """Start owners of the test's store, as processes of their own."""
    store = Store.open(data_folder)
    with store.write() as cursor:
        cursor.execute("CREATE TABLE test_row (item INTEGER)")
    store.close()
    started = []

    def start(params="{}"):
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(data_folder), params],
            env=environment(data_folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
    end_all_runs(data_folder)


@pytest.fixture
def reopened(data_folder):
    """Open the store once its owner is gone."""
    opened = []

    def reopen():
        opened.append(Store.open(data_folder))
        return Runs(opened[-1])

    yield reopen
    for store in opened:
        store.close()


def test_of_the_worker(runs):
    run_id = runs.start(count=5, do="wait", at=3)
    runs.until_waiting(run_id, 3)
    kill(runs.pids(run_id).worker_pid)
    status = runs.until_state(run_id, "failed")
    assert status.failure_class == "interrupted"
    runs.resume(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert runs.rows() == [0, 1, 2, 3, 4]


def test_of_the_supervisor(runs):
    run_id = runs.start(count=5, do="children", at=3)
    until((runs.folder(run_id) / "children").exists)
    pids = runs.pids(run_id)
    kill(pids.supervisor_pid)
    status = runs.until_state(run_id, "lost")
    assert (status.failure_class, bool(status.way_out)) == ("interrupted", True)
    until(lambda: not is_alive(pids.worker_pid))  # a worker nobody watches over does not go on
    assert until(lambda: runs.read(run_id).left_alive == 1)  # what it had started is seen …
    runs.take_in()
    assert runs.read(run_id).left_alive == 0  # … and ended
    assert runs.rows() == [0, 1, 2]
    runs.resume(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert runs.rows() == [0, 1, 2, 3, 4]


def test_of_a_supervisor_that_waits_frees_its_place(runs):
    first, second, third = (runs.start(do="wait", at=0) for _ in range(3))
    runs.until_state(first, "running")
    until(lambda: runs.pids(second).supervisor_pid)
    kill(runs.pids(second).supervisor_pid)
    assert runs.read(second).state == "lost"
    assert runs.read(third).place == 1
    runs.let_go(first)
    runs.until_state(third, "running")


def test_of_the_owner(owner, reopened):
    process = owner('{"count": 5, "do": "wait", "at": 3}')
    run_id = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    runs = reopened()
    runs.until_waiting(run_id, 3)
    assert runs.read(run_id).state == "running"  # it goes on without an owner
    runs.let_go(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert runs.rows() == [0, 1, 2, 3, 4]


def test_of_everything_at_once(owner, reopened, data_folder):
    process = owner('{"count": 5, "do": "wait", "at": 3}')
    run_id = process.stdout.readline().strip()
    waiting = Runs(type("Folder", (), {"folder": data_folder}))
    waiting.until_waiting(run_id, 3)
    pids = waiting.pids(run_id)
    for pid in (process.pid, pids.supervisor_pid, pids.worker_pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    runs = reopened()
    runs.until_state(run_id, "lost")
    runs.resume(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert runs.rows() == [0, 1, 2, 3, 4]


def test_of_the_owner_inside_a_transaction(owner, reopened):
    process = owner('{"count": 4, "die_in_take_in": "part-0002.json"}')
    run_id = process.stdout.readline().strip()
    assert process.wait() == -signal.SIGKILL
    runs = reopened()
    runs.until_state(run_id, "succeeded")
    assert runs.rows() == [0, 1]
    (runs.folder(run_id) / "manifest.json").write_text(
        (runs.folder(run_id) / "manifest.json").read_text().replace("part-0002", "part-none")
    )
    assert runs.take_in() == 2
    assert runs.take_in() == 0
    assert runs.rows() == [0, 1, 2, 3]


def test_of_an_owner_that_prepares_leaves_no_run(runs, store):
    run_id = runs.start()
    runs.wait(run_id)
    half = runs.folder(run_id).with_name(".making-20260102-000000-counting")
    half.mkdir()
    (half / "manifest.json").write_text("{")
    assert [status.run_id for status in manager.list_runs(store.folder)] == [run_id]
    remove_leftovers(half.parent)
    assert not half.exists()


def test_half_written_parts_are_no_parts(runs):
    run_id = runs.start(count=4, do="wait", at=2)
    runs.until_waiting(run_id, 2)
    half = runs.folder(run_id) / "output" / ".part-0002.json.draft-1"
    half.write_text("[2")
    kill(runs.pids(run_id).worker_pid)
    runs.until_state(run_id, "failed")
    assert runs.take_in() == 2
    runs.resume(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert not half.exists()
    assert runs.rows() == [0, 1, 2, 3]


def test_a_second_supervisor_cannot_be_started(runs):
    run_id = runs.start(do="wait", at=0)
    runs.until_state(run_id, "running")
    assert len(tree.marked_processes(runs.folder(run_id))) == 1
    with pytest.raises(RunError):
        manager.resume_run(runs.store, run_id, person=ANN, now=NOW, registry=REGISTRY)
    assert len(tree.marked_processes(runs.folder(run_id))) == 1
