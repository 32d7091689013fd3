"""Makes a run folder and starts its supervisor: what is not whole is never seen as a run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import RunError
from xlam_backend.runs import lanes, tree
from xlam_backend.runs.base import Lane, Prepared
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
    read_manifest,
    write_record,
)
from xlam_backend.runs.locks import try_lock
from xlam_backend.runs.secrets import redact
from xlam_backend.runs.versions import code_and_library_versions

_HASH_BLOCK = 4 * 2**20
MAKING = ".making-"
DELETING = ".deleting-"


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants done."""

    kind: str
    title: str
    lane: Lane
    params: dict[str, Any]
    person: Person
    store_id: str
    repeats: str = ""


def start_new(
    runs: Path, wanted: Wanted, prepare: Callable[[Path], Prepared], *, worker: str, now: datetime
) -> str:
    """Make a run folder and start it; returns the run's id. What fails or is killed leaves nothing.

    Raises:
        RunError: a key stands among the parameters: they belong in the environment.
    """
    _refuse_keys(wanted)
    run_id = _free_id(runs, wanted.kind, now)
    making = runs / f"{MAKING}{run_id}"
    shutil.rmtree(making, ignore_errors=True)
    try:
        for name in (INPUT, OUTPUT, STATE):
            (making / name).mkdir(parents=True)
        prepared = prepare(making)
        facts = InputFacts(prepared.item_count, prepared.words, _hash_of_files(making / INPUT))
        write_record(making / MANIFEST, _manifest(run_id, wanted, facts, now))
        with ExitStack() as held:
            lock = _hold(held, making)
            _queue(making, attempt=1, changes={}, now=now)
            making.rename(runs / run_id)
            _start_supervisor(runs / run_id, 1, worker, lock)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return run_id


def start_again(folder: Path, *, attempt: int, changes: dict[str, Any], worker: str, now: datetime) -> None:
    """Start the next attempt at a run that has ended, in the same folder.

    Raises:
        RunError: it is still open.
    """
    with ExitStack() as held:
        lock = _hold(held, folder)
        tree.kill_marked(folder)
        (folder / STOP).unlink(missing_ok=True)
        (folder / PROGRESS).unlink(missing_ok=True)
        _queue(folder, attempt=attempt, changes=changes, now=now)
        _start_supervisor(folder, attempt, worker, lock)


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


def _free_id(runs: Path, kind: str, now: datetime) -> str:
    stem = f"{now.strftime('%Y%m%d-%H%M%S')}-{kind.replace(' ', '-')}"
    run_id, count = stem, 1
    while (runs / run_id).exists():
        count += 1
        run_id = f"{stem}-{count}"
    return run_id


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


def _hold(held: ExitStack, folder: Path) -> int:
    """Lock a run for whoever starts it; the supervisor inherits the lock, so it is never free between."""
    lock = try_lock(folder / LOCK, patient=True)
    if lock is None:
        raise RunError("This run is still open.", "Stop it first, or wait until it has ended.")
    held.callback(os.close, lock)
    return lock


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


def _start_supervisor(folder: Path, attempt: int, worker: str, lock: int) -> None:
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError("The folder of this run cannot be read.", f"See {folder}.")
    ticket = lanes.take_ticket(folder.parent, manifest.lane, folder.name)
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
