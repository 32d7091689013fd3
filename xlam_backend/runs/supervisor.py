"""Watches over one attempt at a run: its turn, its worker, how it stands, how it ended.

`python -m xlam_backend.runs.supervisor FOLDER ATTEMPT WORKER LOCK_FD TICKET TICKET_FD`, started by
launch.py. It holds the run's lock, its ticket and then its places for as long as it lives: a lock that is
free although no end is written says that it was killed.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import BinaryIO, cast

import msgspec

from xlam_backend.runs import devices, lanes, tree
from xlam_backend.runs.base import RunState
from xlam_backend.runs.events import Event, EventKind, append_event
from xlam_backend.runs.failure import WAY_OUT, describe_error, describe_exit
from xlam_backend.runs.folder import (
    LOG,
    STATUS,
    STOP,
    WORKER_END,
    Manifest,
    Status,
    WorkerEnd,
    attempt_folder,
    read_manifest,
    read_record,
    write_record,
)
from xlam_backend.runs.log import RunLog

HEARTBEAT_SECONDS = 2.0
_LOOK_SECONDS = 0.2
# How long a worker has to reach a safe point after it was asked to stop.
GRACE_SECONDS = 20.0
# A trainer first writes a checkpoint, which takes minutes when a model is large.
GPU_GRACE_SECONDS = 900.0
_SWEEP_SECONDS = 2.0
_GIVE_UP_SECONDS = 15.0
_SHUTDOWN_SECONDS = 5.0
_READ_BYTES = 64 * 1024


class Supervisor:
    """One attempt, from its place in the queue to its end."""

    def __init__(self, folder: Path, attempt: int, worker_module: str, ticket: Path) -> None:
        manifest = read_manifest(folder)
        status = read_record(folder / STATUS, Status)
        if manifest is None or status is None:
            message = f"{folder} holds no run"
            raise RuntimeError(message)
        self._folder = folder
        self._manifest: Manifest = manifest
        self._worker_module = worker_module
        self._ticket = ticket
        self._held = lanes.Held()
        self._attempt_folder = attempt_folder(folder, attempt)
        self._log = RunLog(self._attempt_folder / LOG)
        self._is_shutting_down = False
        self._next_heartbeat = 0.0
        self._status = msgspec.structs.replace(status, attempt=attempt, supervisor_pid=os.getpid())

    def carry_out(self) -> None:
        """Do it all; whatever happens in here, an end is written."""
        signal.signal(signal.SIGTERM, self._shut_down)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        tree.become_subreaper()
        try:
            end = self._watch_over_worker() if self._wait_for_turn() else self._end_from_outside()
        except Exception as error:  # noqa: BLE001 - the border: a supervisor that fails must say so
            end = describe_error(error)
        self._sweep()
        self._finish(end)

    def _wait_for_turn(self) -> bool:
        while not (self._is_asked_to_stop() or self._is_shutting_down):
            held = lanes.take_places(self._ticket)
            if held is not None:
                self._held = held
                return True
            self._beat("queued")
            time.sleep(_LOOK_SECONDS)
        return False

    def _end_from_outside(self) -> WorkerEnd:
        if self._is_asked_to_stop():
            return WorkerEnd("stopped")
        return WorkerEnd("failed", "interrupted", "The machine was shutting down.", WAY_OUT["interrupted"])

    def _watch_over_worker(self) -> WorkerEnd:
        tree.kill_marked(self._folder)  # leftovers of an attempt whose supervisor was killed
        killed_before = tree.oom_kill_count()
        process = self._start_worker()
        self._status = msgspec.structs.replace(
            self._status, started_at=_now(), worker_pid=process.pid, devices=self._devices
        )
        self._beat("running", at_once=True)
        self._tell("started")
        code = self._wait_for(process)
        told = read_record(self._attempt_folder / WORKER_END, WorkerEnd)
        if told is not None:
            return told
        if self._is_asked_to_stop() or self._is_shutting_down:
            return self._end_from_outside()
        return describe_exit(code, kernel_killed=tree.oom_kill_count() > killed_before)

    @property
    def _devices(self) -> tuple[str, ...]:
        return self._held.places if self._manifest.lane == "gpu" else ()

    def _start_worker(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            **devices.environment_of(self._devices),
            tree.RUN_MARK: str(self._folder),
            tree.SUPERVISOR_MARK: str(os.getpid()),
            "PYTHONUNBUFFERED": "1",
        }
        if self._manifest.lane != "gpu":
            environment["OMP_NUM_THREADS"] = "1"  # the cores are shared out by processes, not by threads
        # Threads that wait for each other sleep. Spinning, as is usual, makes a training on busy cores ten
        # times slower: 40 steps of the tiny model took 83 s in place of 8 s.
        environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-m", self._worker_module, str(self._folder), str(self._status.attempt)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            # A place is free when nobody works on it: not before the worker, too, is gone.
            pass_fds=self._held.descriptors,
            start_new_session=True,
        )

    def _wait_for(self, process: subprocess.Popen[bytes]) -> int:
        """Return the worker's exit status; passes its words into the log, and a stop on to it."""
        output = cast(BinaryIO, process.stdout)
        os.set_blocking(output.fileno(), False)
        deadline: float | None = None
        code: int | None = None
        while code is None:
            self._pass_on(output)
            if deadline is None and (self._is_asked_to_stop() or self._is_shutting_down):
                tree.send(process.pid, signal.SIGTERM)
                deadline = time.monotonic() + (_SHUTDOWN_SECONDS if self._is_shutting_down else self._grace())
            if deadline is not None and time.monotonic() > deadline:
                tree.send(process.pid, signal.SIGKILL)
            self._beat("running" if deadline is None else "stopping")
            code = _reap(process.pid)
        process.returncode = code
        while self._pass_on(output, seconds=0):
            continue
        return code

    def _pass_on(self, output: BinaryIO, *, seconds: float = _LOOK_SECONDS) -> bool:
        """Put what a worker has said into the log; False when there was nothing."""
        readable, _, _ = select.select([output], [], [], seconds)
        content = os.read(output.fileno(), _READ_BYTES) if readable else b""
        if content:
            self._log.write(content)
        elif readable:
            time.sleep(min(seconds, 0.02))  # its output is closed, itself it is not yet gone
        return bool(content)

    def _sweep(self) -> None:
        """End whatever the worker has left behind, and wait for it."""
        began = time.monotonic()
        while left := tree.descendants(os.getpid()):
            waited = time.monotonic() - began
            if waited > _GIVE_UP_SECONDS:
                break  # it hangs in the kernel, on a disk that does not answer: the end is told all the same
            for pid in left:
                tree.send(pid, signal.SIGTERM if waited < _SWEEP_SECONDS else signal.SIGKILL)
            time.sleep(0.05)
            _reap(0)
        _reap(0)

    def _finish(self, end: WorkerEnd) -> None:
        state: RunState = "failed"
        if end.end in ("done", "stopped"):
            state = "succeeded" if end.end == "done" else "stopped"
        self._log.close()
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        self._status = msgspec.structs.replace(
            self._status,
            state=state,
            peak_rss_bytes=max(largest, self._status.peak_rss_bytes),
            ended_at=_now(),
            heartbeat=_now(),
            failure_class=end.failure_class,
            what=end.what,
            way_out=end.way_out,
        )
        with suppress(OSError):  # on a full disk the event is the one to give up
            append_event(self._folder, Event(_now(), self._status.attempt, "ended", state))
        _try_again(lambda: write_record(self._folder / STATUS, self._status))
        lanes.give_back(self._ticket)

    def _beat(self, state: RunState, *, at_once: bool = False) -> None:
        """Write the status, every two seconds and whenever the state changes."""
        if not at_once and state == self._status.state and time.monotonic() < self._next_heartbeat:
            return
        self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        held = tree.rss_bytes([os.getpid(), *tree.descendants(os.getpid())])
        self._status = msgspec.structs.replace(
            self._status,
            state=state,
            heartbeat=_now(),
            rss_bytes=held,
            peak_rss_bytes=max(held, self._status.peak_rss_bytes),
        )
        with suppress(OSError):  # a full disk must not end a run that still gets on
            write_record(self._folder / STATUS, self._status, is_lasting=False)

    def _tell(self, kind: EventKind) -> None:
        with suppress(OSError):
            append_event(self._folder, Event(_now(), self._status.attempt, kind))

    def _is_asked_to_stop(self) -> bool:
        return (self._folder / STOP).exists()

    def _grace(self) -> float:
        usual = GPU_GRACE_SECONDS if self._manifest.lane == "gpu" else GRACE_SECONDS
        given = os.environ.get("XLAM_RUN_GRACE_SECONDS", "")
        try:
            return float(given) if given else usual
        except ValueError:
            return usual

    def _shut_down(self, _number: int, _frame: FrameType | None) -> None:
        self._is_shutting_down = True


def _reap(pid: int) -> int | None:
    """Wait for every process that has ended; returns the exit status of the one asked for, if it did."""
    code = None
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if ended == 0:
            return code
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)


def _try_again(work: Callable[[], None], *, seconds: float = 30.0) -> None:
    """Do it, and again for a while where the disk is full: the end of a run is worth waiting for."""
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            return work()
        except OSError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(1.0)


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str]) -> None:
    """Watch over the attempt that the arguments name; the locks are held by being open."""
    folder, attempt, worker, _lock, ticket, _ticket_lock = arguments
    Supervisor(Path(folder), int(attempt), worker, Path(ticket)).carry_out()


if __name__ == "__main__":
    main(sys.argv[1:])
