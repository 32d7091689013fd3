"""`runs`: background work as it stands, and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from xlam_backend.activities import manager
from xlam_backend.cli.caller import Caller, CommandStopped
from xlam_backend.cli.command import EXIT_ERROR, StudioGroup, pass_caller
from xlam_backend.errors import InputError, RunError
from xlam_backend.runs.details import RunDetails, read_details
from xlam_backend.runs.state import RunStatus
from xlam_backend.settings import data_dir

_MOST_LOG_BYTES = 2**20


@click.group("runs", cls=StudioGroup)
def runs() -> None:
    """Background work: imports, checks, judges and whatever else takes long.

    A run goes on when the app or the command that started it has ended.
    """


@runs.command("list", needs_store=False)
@click.option("--open", "only_open", is_flag=True, help="Only those that wait or are at work.")
@pass_caller
def list_runs(caller: Caller, only_open: bool) -> None:
    """List the runs, the newest first."""
    found = [run for run in manager.list_runs(data_dir()) if run.is_open or not only_open]
    header = ("run", "state", "progress", "title", "who", "when")
    caller.answer_table(found, header, [_row(run) for run in found])


@runs.command("show", needs_store=False)
@click.argument("run_id", metavar="RUN")
@pass_caller
def show(caller: Caller, run_id: str) -> None:
    """Show a RUN: how it stands, what it was started with, its files, the end of its log."""
    details = read_details(data_dir(), run_id)
    caller.answer(details, *_detail_lines(details))


@runs.command("log", needs_store=False)
@click.argument("run_id", metavar="RUN")
@pass_caller
def log(caller: Caller, run_id: str) -> None:
    """Print the log of a RUN's latest attempt."""
    text = read_details(data_dir(), run_id, log_bytes=_MOST_LOG_BYTES).log
    caller.answer({"run_id": run_id, "log": text}, *text.splitlines())


@runs.command("wait")
@click.argument("run_id", metavar="RUN")
@pass_caller
def wait(caller: Caller, run_id: str) -> None:
    """Wait until a RUN has ended and the store has what it made; Ctrl-C leaves it going."""
    follow_run(caller, run_id)


@runs.command("stop")
@click.argument("run_id", metavar="RUN")
@pass_caller
def stop(caller: Caller, run_id: str) -> None:
    """Ask a RUN to stop at its next safe point; what it has finished is kept."""
    status = manager.stop_run(caller.store, run_id, person=caller.person(), now=caller.now)
    caller.answer(status, f"{run_id}: {status.state}")


@runs.command("resume")
@click.argument("run_id", metavar="RUN")
@click.option(
    "--set",
    "changes",
    metavar="NAME=JSON",
    multiple=True,
    help="Change a parameter from now on, such as a budget that was too small; may be repeated.",
)
@pass_caller
def resume(caller: Caller, run_id: str, changes: tuple[str, ...]) -> None:
    """Go on with a RUN that failed, was stopped or was lost; finished parts are not made again."""
    changed = dict(_change(text) for text in changes)
    status = manager.resume_run(caller.store, run_id, person=caller.person(), now=caller.now, changes=changed)
    caller.answer(status, f"{run_id}: {status.state}, attempt {status.attempt}")


@runs.command("repeat")
@click.argument("run_id", metavar="RUN")
@pass_caller
def repeat(caller: Caller, run_id: str) -> None:
    """Start a new run with the parameters of a RUN, on what the store holds now."""
    new_id = manager.repeat_run(caller.store, run_id, person=caller.person(), now=caller.now)
    caller.answer({"run_id": new_id}, f"{new_id}: started")


@runs.command("delete")
@click.argument("run_id", metavar="RUN")
@pass_caller
def delete(caller: Caller, run_id: str) -> None:
    """Delete the folder of a RUN that has ended; what the store took in of it stays."""
    manager.delete_run(caller.store, run_id, person=caller.person(), now=caller.now)
    caller.answer({"run_id": run_id, "deleted": True}, f"{run_id}: deleted")


def follow_run(caller: Caller, run_id: str) -> RunStatus:
    """Wait for a run and say what came of it; when the person stops waiting, the run goes on.

    A run that did not succeed ends the command with status 1.
    """
    status = _wait(caller, run_id, lambda made: f"{made.title}: {progress_words(made)}")
    caller.answer(status, *_end_lines(status))
    if status.state != "succeeded" or status.intake.failed:
        click.get_current_context().exit(EXIT_ERROR)
    return status


def finish_run(caller: Caller, run_id: str, progress: Callable[[RunStatus], str]) -> RunStatus:
    """Wait until a run has succeeded, for a command that tells what came of it in words of its own.

    Raises:
        CommandStopped: the person stopped waiting; the run goes on.
        RunError: it failed, was stopped or was lost.
    """
    status = _wait(caller, run_id, progress)
    if status.state != "succeeded":
        ended = status.state if status.state == "failed" else f"was {status.state}"
        raise RunError(f"The run {ended}: {status.what}", status.way_out)
    return status


def refuse_not_taken(status: RunStatus) -> None:
    """Refuse to tell what came of a run when the store could not take it in.

    Raises:
        RunError: it could not; the run says why.
    """
    for why in status.intake.failed.values():
        raise RunError(f"What the run made could not be taken in: {why}", _how_to_take_in(status.run_id))


def tell_started(caller: Caller, run_id: str) -> None:
    """Say that a run was started that nobody waits for."""
    state = manager.read_run(caller.store.folder, run_id).state
    caller.answer(
        {"run_id": run_id, "state": state},
        f"Started: run {run_id}.",
        f"The store gets what it makes while the app runs, or with: {_how_to_take_in(run_id)}",
    )


def _how_to_take_in(run_id: str) -> str:
    return f"python -m xlam_backend runs wait {run_id}"


def _waits_for_store(run: RunStatus) -> bool:
    """Tell whether a run has ended, and nobody had the store open who could take in what it made."""
    return run.is_moving and not run.is_open


def _wait(caller: Caller, run_id: str, progress: Callable[[RunStatus], str]) -> RunStatus:
    def tell(status: RunStatus) -> None:
        if not caller.should_stop():
            caller.progress(progress(status))

    status = manager.wait_for_run(caller.store, run_id, progress=tell, should_stop=caller.should_stop)
    if status.is_open:
        caller.note(f"The run goes on. See: python -m xlam_backend runs show {run_id}")
        raise CommandStopped
    return status


def progress_words(status: RunStatus) -> str:
    """Say how far a run is, in a few words."""
    if status.state == "queued":
        return _queue_words(status)
    made = status.progress
    if made is None:
        return status.state
    left = status.seconds_left
    share = f"{made.share:.0%}, " if made.total else ""
    time_left = "" if left is None else f", {left:,.0f} s left"
    return f"{status.state}, {share}{made.words}{time_left}"


def _queue_words(status: RunStatus) -> str:
    if status.waits_for and status.place:
        return f"queued for {status.waits_for}, place {status.place}"
    return f"queued, {status.place} before it" if status.place else "queued"


def _row(run: RunStatus) -> tuple[str, ...]:
    made = run.progress
    share = f"{made.share:.0%}" if made and made.total else ""
    started = run.created_at.astimezone().isoformat(sep=" ", timespec="minutes")
    state = _state_words(run)
    return (run.run_id, state, share, run.title, run.person, started)


def _state_words(run: RunStatus) -> str:
    if _waits_for_store(run):
        return f"{run.state}, not in the store yet"
    if run.state == "queued":
        return _queue_words(run)
    return f"{run.state} on {run.device_words}" if run.is_open and run.devices else run.state


def _end_lines(status: RunStatus) -> list[str]:
    lines = [f"{status.run_id}: {status.state} after {status.seconds:,.1f} s"]
    if status.what:
        lines += [f"{status.failure_class}: {status.what}", status.way_out]
    lines += [f"{name}: {json.dumps(value)}" for name, value in status.outcome.items()]
    if status.intake.taken:
        lines.append(f"rows in the store: {status.intake.row_count:,}, parts: {len(status.intake.taken):,}")
    if _waits_for_store(status):
        lines.append(f"not all in the store yet; to take it in: {_how_to_take_in(status.run_id)}")
    return lines + [f"not taken in: {part or 'all'}: {why}" for part, why in status.intake.failed.items()]


def _detail_lines(details: RunDetails) -> list[str]:
    status = details.status
    return [
        f"{status.title} ({status.kind}, attempt {status.attempt}, by {status.person})",
        f"progress: {progress_words(status)}",
        *([f"devices: {status.device_words}"] if status.devices else []),
        *_end_lines(status),
        f"parameters: {json.dumps(status.params)}",
        f"input: {status.input_words} ({len(details.inputs):,} files, sha256 {details.input_sha256[:16]})",
        f"output: {len(details.outputs):,} files",
        f"versions: {json.dumps(details.versions)}",
        f"folder: {details.folder}",
        *details.log.splitlines()[-20:],
    ]


def _change(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError as error:
        raise InputError(
            f"{text!r} is no change of a parameter.",
            'Write it as NAME=JSON, for example budget={"calls":1000}.',
        ) from error


COMMANDS = (runs,)
