"""What every command has in common: exit statuses, errors as JSON, paths, and being stopped."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime

import click
import pytest

from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller, CommandStopped
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, StudioGroup, pass_caller, run_command
from xlam_backend.errors import UnknownNameError


class Words:
    """What a command said."""

    def __init__(self):
        self.out = ""
        self.err = ""

    def write_out(self, text):
        self.out += text

    def write_err(self, text):
        self.err += text


@pytest.fixture
def words():
    return Words()


@pytest.fixture
def run(words, tmp_path):
    def run(program, *argv, **settings):
        caller = Caller(
            argv=argv,
            cwd=tmp_path,
            now=datetime(2026, 1, 1, tzinfo=UTC),
            write_out=words.write_out,
            write_err=words.write_err,
            **settings,
        )
        return run_command(program, caller)

    return run


@pytest.fixture
def program():
    """Commands that fail in every way a command can."""
    group = StudioGroup("program")

    def add(name, work, *parameters):
        group.add_command(
            StudioCommand(
                name, callback=pass_caller(work), params=list(parameters), needs_store=False, help="x"
            )
        )

    def fail_as_understood(caller):
        raise UnknownNameError("check", "argument_typ", ["argument_type"])

    def fail_as_bug(caller):
        raise ZeroDivisionError("a bug\x1b[2J")

    def go_on_until_stopped(caller):
        while True:
            caller.progress("working")

    add("answer", lambda caller: caller.answer({"text": "Ærlig\x1b[31m"}, "Ærlig\x1b[31m"))
    add("understood", fail_as_understood)
    add("bug", fail_as_bug)
    add("endless", go_on_until_stopped)
    add("where", lambda caller, path: caller.say(path), click.Argument(["path"], type=CALLER_PATH))
    return group


def test_an_answer_is_text_or_one_json_document(run, program, words):
    assert run(program, "answer") == 0
    assert words.out == "Ærlig\\x1b[31m\n"
    words.out = ""
    assert run(program, "answer", "--json") == 0
    assert "\x1b" not in words.out
    assert json.loads(words.out) == {"text": "Ærlig\x1b[31m"}


def test_an_understood_error_says_what_and_the_way_out(run, program, words):
    assert run(program, "understood") == 1
    assert "argument_typ" in words.err
    assert "Did you mean 'argument_type'?" in words.err
    assert words.out == ""


def test_an_understood_error_is_json_when_json_was_asked_for(run, program, words):
    assert run(program, "understood", "--json") == 1
    error = json.loads(words.out)["error"]
    assert error == {
        "what": "There is no check called 'argument_typ'.",
        "way_out": "Did you mean 'argument_type'?",
    }


def test_a_bug_is_shown_whole_and_cannot_steer_the_terminal(run, program, words):
    assert run(program, "bug") == 1
    assert "Traceback" in words.err
    assert "ZeroDivisionError" in words.err
    assert "\x1b" not in words.err


@pytest.mark.parametrize(
    "argv", [["nothing"], ["answer", "--nothing"], ["answer", "too", "many"], ["where"], []]
)
def test_wrong_usage_exits_with_2(run, program, words, argv):
    assert run(program, *argv) == 2
    assert words.err
    assert words.out == ""


def test_a_stopped_command_exits_with_130(run, program, words):
    stop = threading.Event()
    stop.set()
    assert run(program, "endless", stop=stop) == 130
    assert words.err == "Stopped.\n"


def test_a_path_is_seen_from_the_callers_folder(run, program, words, tmp_path):
    assert run(program, "where", "data/x.jsonl") == 0
    assert words.out.strip() == str(tmp_path / "data" / "x.jsonl")


def test_progress_is_rewritten_in_place_and_ended_before_the_next_line(words, tmp_path):
    caller = Caller(["x"], tmp_path, datetime.now(UTC), words.write_out, words.write_err, shows_progress=True)
    caller.progress("1 of 2")
    caller.note("done")
    assert words.err == "\r\x1b[2K1 of 2\ndone\n"


def test_progress_is_silent_without_a_terminal_but_still_stops(words, tmp_path):
    caller = Caller(["x"], tmp_path, datetime.now(UTC), words.write_out, words.write_err)
    caller.progress("1 of 2")
    assert words.err == ""
    caller.stop.set()
    with pytest.raises(CommandStopped):
        caller.progress("2 of 2")


def all_commands(group=studio, above=()):
    if group is studio:
        studio.load_all()
    for name, command in group.commands.items():
        yield pytest.param((*above, name), command, id=" ".join((*above, name)))
        if isinstance(command, click.Group):
            yield from all_commands(command, (*above, name))


@pytest.mark.parametrize(("words_of_command", "command"), list(all_commands()))
def test_every_command_has_help_and_json(words_of_command, command, capsys, run):
    assert run(studio, *words_of_command, "--help") == 0
    shown = capsys.readouterr().out
    assert "--json" in shown or "Commands:" in shown
    assert len(command.get_short_help_str(limit=200)) > 10
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_odd_file_names_pass_through(run, program, words):
    odd = os.fsdecode(b"caf\xe9.jsonl")
    assert run(program, "where", odd) == 0
    assert "caf\\udce9.jsonl" in words.out
