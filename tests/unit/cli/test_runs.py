"""`runs` and `--as-run` from the command line: alone, and beside the app."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.builders import write_records
from tests.processes import app_process, command_line, start_command_line
from tests.unit.activities.conftest import end_all_runs, until
from xlam_backend.activities.manager import list_runs, read_run
from xlam_backend.owner.command_line import main
from xlam_backend.runs import lanes
from xlam_backend.runs.folder import runs_folder


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "made_up.jsonl"
    write_records(path, 12)
    return path


@pytest.fixture(autouse=True)
def ended(data_folder):
    yield
    end_all_runs(data_folder)


@pytest.fixture
def runs(capsys):
    """Run a command under `runs` and return what it answers; it takes the store or asks its owner."""

    def run(*words):
        capsys.readouterr()
        status = main(["runs", *words, "--json"])
        said = capsys.readouterr()
        assert status == 0, said
        return json.loads(said.out)

    return run


def import_as_run(folder, source):
    return command_line(folder, "import", source, "--as-run", "--json")


def test_a_run_from_the_command_line_is_waited_for_and_listed(data_folder, runs, source):
    done = json.loads(import_as_run(data_folder, source).stdout)
    assert (done["state"], done["outcome"]["kept_count"], done["intake"]["is_complete"]) == (
        "succeeded",
        12,
        True,
    )
    assert [run["run_id"] for run in runs("list")] == [done["run_id"]]
    assert runs("list", "--open") == []
    shown = runs("show", done["run_id"])
    assert shown["inputs"][0]["name"] == "source.json"
    assert "log" in runs("log", done["run_id"])
    second = runs("repeat", done["run_id"])["run_id"]
    assert command_line(data_folder, "runs", "wait", second).returncode == 0
    assert runs("delete", second)["deleted"]
    assert [run["run_id"] for run in runs("list")] == [done["run_id"]]


def test_beside_the_app_the_same_commands_work(data_folder, runs, source):
    with app_process(data_folder):
        done = json.loads(import_as_run(data_folder, source).stdout)
        assert done["state"] == "succeeded"
        assert "already" in command_line(data_folder, "runs", "stop", done["run_id"]).stderr
        assert [run["state"] for run in runs("list")] == ["succeeded"]


def test_interrupted_it_says_that_the_run_goes_on(data_folder, source):
    ticket = lanes.take_ticket(_made(runs_folder(data_folder)), "cpu", "somebody-else")
    waiting = start_command_line(data_folder, "import", source, "--as-run")
    run_id = until(lambda: [run.run_id for run in list_runs(data_folder)])[0]
    until(lambda: read_run(data_folder, run_id).place == 1)
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    assert f"The run goes on. See: python -m xlam_backend runs show {run_id}" in said
    assert read_run(data_folder, run_id).state == "queued"
    os.close(ticket.descriptor)
    done = command_line(data_folder, "runs", "wait", run_id, "--json")
    assert json.loads(done.stdout)["outcome"]["kept_count"] == 12


def _made(folder):
    folder.mkdir(parents=True)
    return folder


def test_a_failed_run_ends_the_command_with_an_error(data_folder, runs, tmp_path):
    source = tmp_path / "letter.txt"
    source.write_text("Dear all")
    done = import_as_run(data_folder, source)
    assert done.returncode == 1
    failed = json.loads(done.stdout)
    assert (failed["state"], failed["failure_class"]) == ("failed", "data")
    again = command_line(data_folder, "runs", "resume", failed["run_id"], "--set", "importer")
    assert again.returncode == 1
    assert "NAME=JSON" in again.stderr
    resumed = runs("resume", failed["run_id"], "--set", 'importer="xlam_60k"')
    assert (resumed["attempt"], resumed["params"]["importer"]) == (2, "xlam_60k")


def test_what_nobody_has_taken_in_is_said_with_the_way_to_take_it_in(data_folder, source):
    ticket = lanes.take_ticket(_made(runs_folder(data_folder)), "cpu", "somebody-else")
    waiting = start_command_line(data_folder, "import", source, "--as-run")
    run_id = until(lambda: [run.run_id for run in list_runs(data_folder)])[0]
    until(lambda: read_run(data_folder, run_id).place == 1)
    waiting.kill()
    waiting.communicate(timeout=60)
    os.close(ticket.descriptor)
    until(lambda: read_run(data_folder, run_id).state == "succeeded")
    assert "succeeded, not in the store yet" in command_line(data_folder, "runs", "list").stdout
    way = f"runs wait {run_id}"
    assert way in command_line(data_folder, "runs", "show", run_id).stdout
    assert "rows in the store: 12" in command_line(data_folder, *way.split()).stdout
    assert "not in the store yet" not in command_line(data_folder, "runs", "list").stdout
