"""The true state of a run, from its files and its lock alone."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from xlam_backend.domain.person import Person
from xlam_backend.runs import lanes, tree
from xlam_backend.runs.folder import LOCK, InputFacts, Manifest, Status, run_folder, runs_folder, write_record
from xlam_backend.runs.locks import try_lock
from xlam_backend.runs.state import list_runs, read_run

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RUN = "20260102-000000-counting"


@pytest.fixture
def write(tmp_path):
    """Write a run's files as they would stand; gives its folder."""

    def write_run(state="running", **fields) -> Path:
        folder = runs_folder(tmp_path) / RUN
        folder.mkdir(parents=True, exist_ok=True)
        manifest = Manifest(
            run_id=RUN,
            kind="counting",
            title="Counting",
            lane="cpu",
            params={"budget": 1},
            seeds={},
            input=InputFacts(3),
            versions={},
            person=Person("ann", "researcher"),
            created_at=NOW,
            store_id="this",
            host=tree.host_name(),
        )
        write_record(folder / "manifest.json", manifest)
        status = Status(
            state=state,
            attempt=1,
            heartbeat=NOW,
            boot_id=tree.boot_id(),
            host=tree.host_name(),
            started_at=NOW,
        )
        write_record(folder / "status.json", msgspec.structs.replace(status, **fields))
        return folder

    return write_run


@pytest.fixture
def hold():
    """Hold a run's lock as its supervisor would."""
    held = []

    def lock(folder):
        held.append(try_lock(folder / LOCK))

    yield lock
    for descriptor in held:
        os.close(descriptor)


@pytest.mark.parametrize("state", ["queued", "running", "stopping"])
def test_an_open_run_is_one_whose_lock_is_held(tmp_path, write, hold, state):
    folder = write(state)
    assert read_run(tmp_path, RUN).state == "lost"
    hold(folder)
    assert read_run(tmp_path, RUN).state == state


def test_a_run_that_is_asked_to_stop_is_stopping(tmp_path, write, hold):
    folder = write()
    hold(folder)
    (folder / "stop").touch()
    assert read_run(tmp_path, RUN).state == "stopping"


def test_an_old_heartbeat_alone_loses_nothing(tmp_path, write, hold):
    hold(write(heartbeat=NOW - timedelta(days=3)))  # the machine slept
    assert read_run(tmp_path, RUN).state == "running"


def test_a_run_is_lost_when_the_machine_was_started_anew(tmp_path, write):
    write(boot_id="another start")
    status = read_run(tmp_path, RUN)
    assert (status.state, status.failure_class) == ("lost", "interrupted")
    assert "started anew" in status.what


@pytest.mark.parametrize(("age_seconds", "state"), [(1, "running"), (600, "lost")])
def test_a_run_on_another_machine_is_judged_by_its_heartbeat(tmp_path, write, age_seconds, state):
    write(host="elsewhere", heartbeat=datetime.now(UTC) - timedelta(seconds=age_seconds))
    assert read_run(tmp_path, RUN).state == state


def test_an_ended_run_is_what_it_says_whoever_holds_the_lock(tmp_path, write, hold):
    hold(write("failed", failure_class="disk", what="The disk is full.", ended_at=NOW))
    status = read_run(tmp_path, RUN)
    assert (status.state, status.failure_class, status.is_open) == ("failed", "disk", False)


def test_changed_parameters_are_those_that_count(tmp_path, write):
    write("stopped", changes={"budget": 2}, ended_at=NOW)
    assert read_run(tmp_path, RUN).params == {"budget": 2}


def test_what_has_ended_is_seen_anew_when_it_is_resumed(tmp_path, write, hold):
    folder = write("stopped", ended_at=NOW)
    assert list_runs(tmp_path)[0].state == "stopped"
    hold(folder)
    write("running", attempt=2)
    status = list_runs(tmp_path)[0]
    assert (status.state, status.attempt) == ("running", 2)


def test_folders_that_are_no_runs_are_not_listed(tmp_path, write):
    write("succeeded", ended_at=NOW)
    (runs_folder(tmp_path) / ".making-x").mkdir()
    (runs_folder(tmp_path) / lanes.LANES_FOLDER).mkdir()
    (runs_folder(tmp_path) / "notes").mkdir()
    (runs_folder(tmp_path) / "file.txt").touch()
    assert [status.run_id for status in list_runs(tmp_path)] == [RUN]
    assert run_folder(tmp_path, RUN).is_dir()
