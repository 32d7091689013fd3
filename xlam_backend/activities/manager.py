"""What people do with runs: start, list, stop, resume, repeat, delete, wait; and taking in what they made."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xlam_backend.access import require
from xlam_backend.activities.intake import Intake, is_settled
from xlam_backend.domain.person import Person
from xlam_backend.errors import RunError
from xlam_backend.runs import tree
from xlam_backend.runs.base import Places, Prepared, Registry
from xlam_backend.runs.events import Event, EventKind, append_event
from xlam_backend.runs.folder import STOP, run_folder, runs_folder, write_whole
from xlam_backend.runs.launch import DELETING, Wanted, end_leftovers, held_folder, start_again, start_new
from xlam_backend.runs.state import RunStatus, list_runs, read_run
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.run_parts import read_store_id

__all__ = [
    "delete_run",
    "list_runs",
    "read_run",
    "repeat_run",
    "resume_run",
    "start_run",
    "stop_run",
    "take_in_runs",
    "wait_for_run",
]

_LOOK_SECONDS = 0.2
_INTAKE_SECONDS = 5.0


def start_run(
    store: Store,
    kind_name: str,
    params: dict[str, Any],
    *,
    title: str,
    person: Person,
    now: datetime,
    registry: Registry | None = None,
    repeats: str = "",
) -> str:
    """Prepare a run's input, start it detached from this process, and return its id.

    It begins when its lane is free, or the devices it asks for. `repeats` names the run it repeats.

    Raises:
        RunError: there is no such kind of run, or a key stands among the parameters.
        SettingError: it asks for more devices than there are.
    """
    require(person, "run")
    kind = _known(registry).kind(kind_name)
    runs = runs_folder(store.folder)
    runs.mkdir(parents=True, exist_ok=True)
    places = _places(kind.name, params, registry)
    wanted = Wanted(kind.name, title, kind.lane, params, person, read_store_id(store), repeats, places)

    def prepare(folder: Path) -> Prepared:
        return kind.prepare(store, folder, params)

    run_id = start_new(runs, wanted, prepare, worker=_known(registry).worker, now=now)
    _note(store, person, "start", run_id, {"kind": kind.name, "title": title, "repeats": repeats}, now=now)
    return run_id


def stop_run(store: Store, run_id: str, *, person: Person, now: datetime) -> RunStatus:
    """Ask a run to stop; it ends at its next safe point, and what it has finished is kept.

    Raises:
        RunError: it has ended already.
    """
    require(person, "run")
    status = read_run(store.folder, run_id)
    folder = run_folder(store.folder, run_id)
    if status.state == "lost":
        end_leftovers(folder)
        return read_run(store.folder, run_id)
    if not status.is_open:
        raise RunError(f"This run has ended already ({status.state}).", "Repeat it to do the same work anew.")
    write_whole(folder / STOP, f"{person.name} {now.isoformat()}\n".encode())
    _tell(folder, status, "stop asked", person, now=now)
    _note(store, person, "stop", run_id, {}, now=now)
    return read_run(store.folder, run_id)


def resume_run(
    store: Store,
    run_id: str,
    *,
    person: Person,
    now: datetime,
    changes: dict[str, Any] | None = None,
    registry: Registry | None = None,
) -> RunStatus:
    """Go on with a run that failed, was stopped or was lost: same folder, next attempt.

    `changes` are parameters to change from now on, such as a budget that was too small.

    Raises:
        RunError: it is still open, or has succeeded.
        SettingError: it asks for more devices than there are.
    """
    require(person, "run")
    status = read_run(store.folder, run_id)
    folder = run_folder(store.folder, run_id)
    attempt = start_again(
        folder,
        changes=changes or {},
        worker=_known(registry).worker,
        now=now,
        places=lambda kind_name, params: _places(kind_name, params, registry),
    )
    _tell(folder, status, "resumed", person, now=now)
    _note(store, person, "resume", run_id, {"attempt": attempt}, now=now)
    return read_run(store.folder, run_id)


def repeat_run(
    store: Store, run_id: str, *, person: Person, now: datetime, registry: Registry | None = None
) -> str:
    """Start a new run of the same kind and parameters, on what the store holds now; returns its id."""
    status = read_run(store.folder, run_id)
    return start_run(
        store,
        status.kind,
        status.params,
        title=status.title,
        person=person,
        now=now,
        registry=registry,
        repeats=run_id,
    )


def delete_run(store: Store, run_id: str, *, person: Person, now: datetime) -> None:
    """Delete the folder of a run that has ended; what the store took in of it stays.

    Raises:
        RunError: it is still open, or something is being taken in.
    """
    require(person, "run")
    status = read_run(store.folder, run_id)
    if status.is_open:
        raise RunError("This run is still open.", "Stop it first.")
    folder = run_folder(store.folder, run_id)
    leaving = folder.with_name(f"{DELETING}{run_id}")
    with held_folder(folder):  # nobody resumes it meanwhile
        tree.kill_marked(folder)
        if not store.intake_lock.acquire(timeout=_INTAKE_SECONDS):
            raise RunError("What runs have made is being taken in just now.", "Try again in a moment.")
        try:
            folder.rename(leaving)  # at once, so that a half deleted run is never seen
        finally:
            store.intake_lock.release()
    shutil.rmtree(leaving, ignore_errors=True)
    _note(store, person, "delete", run_id, {"title": status.title, "state": status.state}, now=now)


def take_in_runs(store: Store, *, now: datetime, registry: Registry | None = None, only: str = "") -> int:
    """Take every finished part of every run (or of one) into the store, each once; returns how many."""
    return Intake(store, _known(registry)).take_in(now=now, only=only)


def wait_for_run(
    store: Store,
    run_id: str,
    *,
    progress: Callable[[RunStatus], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    registry: Registry | None = None,
) -> RunStatus:
    """Wait until a run has ended and is taken in, taking in its parts meanwhile; return how it stands.

    When `should_stop` says so it returns at once; the run itself goes on.
    """
    intake = Intake(store, _known(registry))
    has_rows = _known(registry).kind(read_run(store.folder, run_id).kind).has_rows
    while True:
        intake.take_in(now=datetime.now(UTC), only=run_id)
        status = read_run(store.folder, run_id)
        if progress is not None:
            progress(status)
        if is_settled(status, has_rows=has_rows) or (should_stop is not None and should_stop()):
            return status
        time.sleep(_LOOK_SECONDS)


def _known(registry: Registry | None) -> Registry:
    """Return the kinds of run to work with: all there are, unless others were given."""
    if registry is not None:
        return registry
    # Not at the top: a kind of run may start another one, and so imports this module.
    from xlam_backend.activities.kinds import REGISTRY

    return REGISTRY


def _places(kind_name: str, params: dict[str, Any], registry: Registry | None) -> Places | None:
    places = _known(registry).kind(kind_name).places
    return None if places is None else places(params)


def _tell(folder: Path, status: RunStatus, kind: EventKind, person: Person, *, now: datetime) -> None:
    append_event(folder, Event(now, status.attempt, kind, person.name))


def _note(
    store: Store, person: Person, act: str, run_id: str, detail: dict[str, str | int], *, now: datetime
) -> None:
    with store.write() as cursor:
        write_audit(cursor, store, person, "run", f"run {run_id}", {"act": act, **detail}, now=now)
