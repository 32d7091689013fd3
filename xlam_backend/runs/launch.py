"""Makes a run folder and starts its supervisor: what is not whole is never seen as a run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, RunError
from xlam_backend.runs import lanes, tree
from xlam_backend.runs.base import Lane, Places, Prepared
from xlam_backend.runs.folder import (
    INPUT,
    LOCK,
    MANIFEST,
    OUTPUT,
    PROGRESS,
    STATE,
    STATUS,
    STOP,
    SUPERVISOR_LOG,
    InputFacts,
    Manifest,
    Status,
    attempt_folder,
    attempt_numbers,
    read_manifest,
    read_record,
    write_record,
)
from xlam_backend.runs.locks import try_lock
from xlam_backend.runs.secrets import redact
from xlam_backend.runs.versions import code_and_library_versions

_HASH_BLOCK = 4 * 2**20
MAKING = ".making-"
DELETING = ".deleting-"


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants done; `places` are the devices it takes, None for those of its lane."""

    kind: str
    title: str
    lane: Lane
    params: dict[str, Any]
    person: Person
    store_id: str
    repeats: str = ""
    places: Places | None = None


def start_new(
    runs: Path, wanted: Wanted, prepare: Callable[[Path], Prepared], *, worker: str, now: datetime
) -> str:
    """Make a run folder and start it; returns the run's id. What fails or is killed leaves nothing.

    Raises:
        RunError: a key stands among the parameters: they belong in the environment.
    """
    _refuse_keys(wanted)
    run_id, making = _new_folder(runs, wanted.kind, now)
    try:
        for name in (INPUT, OUTPUT, STATE):
            (making / name).mkdir()
        prepared = prepare(making)
        facts = InputFacts(prepared.item_count, prepared.words, _hash_of_files(making / INPUT))
        write_record(making / MANIFEST, _manifest(run_id, wanted, facts, now))
        with _held(making) as lock:
            _queue(making, attempt=1, changes={}, now=now)
            making.rename(runs / run_id)
            _start_supervisor(runs / run_id, 1, worker, lock, wanted.places)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return run_id


def start_again(
    folder: Path,
    *,
    changes: dict[str, Any],
    worker: str,
    now: datetime,
    places: Callable[[str, dict[str, Any]], Places | None],
) -> int:
    """Start the next attempt at a run that has ended, in the same folder; returns its number.

    `changes` are parameters to change from now on, beside those that were changed before. `places` says
    which devices a kind of run takes with its parameters.

    Raises:
        RunError: it is still open, has succeeded, or its folder cannot be read.
        NotFoundError: it was deleted meanwhile.
        SettingError: it asks for more devices than there are.
    """
    with held_folder(folder) as lock:
        manifest = read_manifest(folder)
        if manifest is None:
            raise RunError("The folder of this run cannot be read.", f"See {folder}, or delete the run.")
        # Only now nobody else can start it: what was seen of it before may be long past.
        status = read_record(folder / STATUS, Status)
        if status is not None and status.state == "succeeded":
            raise RunError("This run has done all it was to do.", "Repeat it to do the same work anew.")
        before = {} if status is None else status.changes
        attempt = 1 + max(attempt_numbers(folder), default=0)
        changes = {**before, **changes}
        taken = places(manifest.kind, {**manifest.params, **changes})
        tree.kill_marked(folder)
        (folder / STOP).unlink(missing_ok=True)
        (folder / PROGRESS).unlink(missing_ok=True)
        _queue(folder, attempt=attempt, changes=changes, now=now)
        _start_supervisor(folder, attempt, worker, lock, taken)
    return attempt


def end_leftovers(folder: Path) -> None:
    """End what is left of a run whose supervisor was killed; not while it is being started again."""
    lock = try_lock(folder / LOCK)
    if lock is not None:
        try:
            tree.kill_marked(folder)
        finally:
            os.close(lock)


@contextmanager
def held_folder(folder: Path) -> Iterator[int]:
    """Hold a run that has ended, so that nobody starts it meanwhile.

    Raises:
        RunError: it is still open.
        NotFoundError: it was deleted meanwhile.
    """
    with _held(folder) as lock:
        if not (folder / MANIFEST).is_file():
            raise NotFoundError(f"There is no run {folder.name!r} any more.", "The Runs page lists them all.")
        yield lock


def remove_leftovers(runs: Path) -> None:
    """Remove what a killed owner had begun to make or to delete; only the owner calls it, at its start."""
    if runs.is_dir():
        for path in runs.iterdir():
            if path.name.startswith((MAKING, DELETING)):
                shutil.rmtree(path, ignore_errors=True)


def _refuse_keys(wanted: Wanted) -> None:
    text = msgspec.json.encode([wanted.title, wanted.params]).decode()
    if redact(text) != text:
        raise RunError(
            "A key stands among the parameters of this run.",
            "Keys belong in the environment: they are never written into a run folder.",
        )


def _new_folder(runs: Path, kind: str, now: datetime) -> tuple[str, Path]:
    """Make the folder of a new run under an id that nobody else has, or is about to have."""
    stem = f"{now.strftime('%Y%m%d-%H%M%S')}-{kind.replace(' ', '-')}"
    for number in count(1):
        run_id = stem if number == 1 else f"{stem}-{number}"
        making = runs / f"{MAKING}{run_id}"
        try:
            making.mkdir()
        except FileExistsError:
            continue
        if not (runs / run_id).exists():
            break
        making.rmdir()
    return run_id, making


def _manifest(run_id: str, wanted: Wanted, facts: InputFacts, now: datetime) -> Manifest:
    seeds = {name: value for name, value in wanted.params.items() if name == "seed" or name.endswith("_seed")}
    return Manifest(
        run_id=run_id,
        kind=wanted.kind,
        title=wanted.title,
        lane=wanted.lane,
        params=wanted.params,
        seeds=seeds,
        input=facts,
        versions=code_and_library_versions(),
        person=wanted.person,
        created_at=now,
        store_id=wanted.store_id,
        host=tree.host_name(),
        repeats=wanted.repeats,
    )


def _hash_of_files(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(_HASH_BLOCK):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def _held(folder: Path) -> Iterator[int]:
    """Lock a run for whoever starts it; the supervisor inherits the lock, so it is never free between."""
    try:
        lock = try_lock(folder / LOCK, patient=True)
    except FileNotFoundError as error:
        raise NotFoundError(
            f"There is no run {folder.name!r} any more.", "The Runs page lists them all."
        ) from error
    if lock is None:
        raise RunError("This run is still open.", "Stop it first, or wait until it has ended.")
    try:
        yield lock
    finally:
        os.close(lock)


def _queue(folder: Path, *, attempt: int, changes: dict[str, Any], now: datetime) -> None:
    attempt_folder(folder, attempt).mkdir(exist_ok=True)
    status = Status(
        state="queued",
        attempt=attempt,
        heartbeat=now,
        boot_id=tree.boot_id(),
        host=tree.host_name(),
        queued_at=now,
        changes=changes,
    )
    write_record(folder / STATUS, status)


def _start_supervisor(folder: Path, attempt: int, worker: str, lock: int, places: Places | None) -> None:
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError("The folder of this run cannot be read.", f"See {folder}.")
    ticket = lanes.take_ticket(folder.parent, manifest.lane, folder.name, places)
    paths = os.pathsep.join(path for path in sys.path if path)
    words = [str(folder), str(attempt), worker, str(lock), str(ticket.path), str(ticket.descriptor)]
    try:
        with (attempt_folder(folder, attempt) / SUPERVISOR_LOG).open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
                [sys.executable, "-m", "xlam_backend.runs.supervisor", *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONPATH": paths},
                pass_fds=(lock, ticket.descriptor),
                start_new_session=True,
            )
    except BaseException:
        lanes.give_back(ticket.path)
        raise
    finally:
        os.close(ticket.descriptor)
    # Waited for in a thread, so that it leaves no zombie; it goes on when this process ends.
    threading.Thread(target=process.wait, name=f"run {folder.name}", daemon=True).start()
