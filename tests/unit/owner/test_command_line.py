"""Commands find the store whoever holds it: nobody, an app, a command, or a process that was killed."""

from __future__ import annotations

import json
import signal

import pytest

from tests.builders import write_records
from tests.processes import app_process, ask_owner_for, command_line, start_command_line
from xlam_backend.cli.command import EXIT_READER_LEFT
from xlam_backend.owner.card import CARD_FILE, OwnerCard, read_card, write_card


def holder_of(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["pid"]


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A folder whose store an app holds, for tests that leave both as they are; its name has spaces."""
    folder = tmp_path_factory.mktemp("held") / "my data" / "the store"
    with app_process(folder) as app:
        yield folder, app


def test_a_command_holds_the_store_itself_when_nobody_else_does(data_folder):
    result = command_line(data_folder, "store", "--json")
    assert holder_of(result) > 0
    assert read_card(data_folder) is None


def test_a_command_is_run_by_the_app_while_the_app_holds_the_store(held):
    folder, app = held
    assert " " in str(folder)
    assert holder_of(command_line(folder, "store", "--json")) == app.pid


def test_commands_at_the_same_time_are_all_answered(data_folder):
    started = [start_command_line(data_folder, "store", "--json") for _ in range(3)]
    answers = [process.communicate(timeout=90) for process in started]
    assert [process.returncode for process in started] == [0] * 3, answers


def test_an_error_that_happens_in_the_app_comes_back_whole(held, tmp_path):
    folder, _ = held
    result = command_line(folder, "import", tmp_path / "nothing here.jsonl", "--json")
    error = json.loads(result.stdout)["error"]
    assert result.returncode == 1
    assert "nothing here.jsonl" in error["what"]


def test_the_next_command_takes_over_from_an_owner_that_was_killed(data_folder):
    with app_process(data_folder) as app:
        app.kill()
        app.wait()
        assert read_card(data_folder) is not None
        assert holder_of(command_line(data_folder, "store", "--json")) != app.pid
    assert read_card(data_folder) is None


def test_a_stale_card_or_a_card_of_rubbish_does_no_harm(data_folder):
    data_folder.mkdir(parents=True)
    write_card(data_folder, OwnerCard(pid=1, port=9, token="old", doing="the app", since="long ago"))
    assert holder_of(command_line(data_folder, "store", "--json")) > 1
    (data_folder / CARD_FILE).write_bytes(b"\x00 no card")
    assert holder_of(command_line(data_folder, "store", "--json")) > 1


def test_an_owner_that_says_nothing_is_named_and_not_waited_for_for_ever(data_folder):
    with app_process(data_folder) as app:
        app.send_signal(signal.SIGSTOP)
        result = command_line(data_folder, "store", "--json", XLAM_OWNER_WAIT_SECONDS="0.5")
        app.send_signal(signal.SIGCONT)
    error = json.loads(result.stdout)["error"]
    assert result.returncode == 1
    assert f"process {app.pid}" in error["what"]
    assert "the app" in error["what"]


def test_the_card_and_its_token_can_be_read_by_nobody_else(held):
    folder, _ = held
    assert (folder / CARD_FILE).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_an_understood_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    result = command_line(blocked / "store", "store")
    assert result.returncode == 1
    assert "XLAM_DATA_DIR" in result.stderr


def test_what_needs_no_store_leaves_none_behind(data_folder):
    assert command_line(data_folder, "flow").returncode == 0
    assert not data_folder.exists()


def test_a_reader_that_leaves_early_is_no_error(data_folder):
    process = start_command_line(data_folder, "flow", "--json")
    process.stdout.close()
    _, errors = process.communicate(timeout=90)
    assert process.returncode == EXIT_READER_LEFT
    assert errors == ""


def test_ctrl_c_stops_an_import_where_nothing_has_changed(data_folder, tmp_path):
    write_records(tmp_path / "many.jsonl", 30_000)
    process = start_command_line(data_folder, "import", tmp_path / "many.jsonl", "--processes", 0)
    while read_card(data_folder) is None:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 130, errors
    assert "stopped" in errors.lower()
    assert json.loads(command_line(data_folder, "datasets", "--json").stdout) == []


def test_ctrl_c_stops_a_command_that_the_app_runs(data_folder, tmp_path):
    write_records(tmp_path / "many.jsonl", 50_000)
    with app_process(data_folder):
        before = ask_owner_for(data_folder, "datasets", "--json")
        process = start_command_line(data_folder, "import", tmp_path / "many.jsonl", "--processes", 0)
        while "import" not in ask_owner_for(data_folder, "store"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=90)
        assert process.returncode == 130
        while "import" in ask_owner_for(data_folder, "store"):
            continue
        # Where the signal meets the checks already, the records stay, and the command says so.
        is_whole = "Stopped: the rest is checked the next time." in told
        assert (ask_owner_for(data_folder, "datasets", "--json") != before) == is_whole


def test_a_long_command_serves_the_others_meanwhile(data_folder, tmp_path):
    write_records(tmp_path / "many.jsonl", 50_000)
    long = start_command_line(data_folder, "import", tmp_path / "many.jsonl", "--processes", 0)
    while read_card(data_folder) is None:
        assert long.poll() is None
    assert holder_of(command_line(data_folder, "store", "--json")) == long.pid
    # What the import has not committed yet is seen by nobody.
    assert json.loads(ask_owner_for(data_folder, "datasets", "--json")) == []
    long.send_signal(signal.SIGINT)
    long.communicate(timeout=90)
    assert long.returncode == 130
