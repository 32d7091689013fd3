"""The true state of a run, read from outside: what its files say, held against who is alive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.runs import devices, lanes, tree
from xlam_backend.runs.base import FailureClass, Lane, RunState
from xlam_backend.runs.folder import (
    INTAKE,
    LOCK,
    MANIFEST,
    OUTCOME,
    PROGRESS,
    STATUS,
    STOP,
    IntakeRecord,
    Manifest,
    RunProgress,
    Status,
    read_manifest,
    read_record,
    run_folder,
    runs_folder,
)
from xlam_backend.runs.locks import is_locked

OPEN_STATES: frozenset[RunState] = frozenset({"queued", "running", "stopping"})
_ENDED_STATES: frozenset[RunState] = frozenset({"succeeded", "failed", "stopped"})
# A run on another machine is judged by its heartbeat alone.
_SILENT_SECONDS = 60.0


class RunStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a run truly stands.

    state       lost: its processes are gone and no end was written
    place       its place in the queue: 1 when it is the next to begin, 0 when it does not wait
    waits_for   in words, the devices that a queued run waits for; "" where it waits for no device
    devices     those that it has, or had when it ended
    seconds     how long the present attempt has been going, or went
    left_alive  processes of a lost run that still live
    intake      what the store took in
    """

    run_id: str
    kind: str
    title: str
    lane: Lane
    state: RunState
    person: str
    created_at: datetime
    params: dict[str, Any]
    item_count: int
    input_words: str
    attempt: int = 1
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: float = 0.0
    progress: RunProgress | None = None
    place: int = 0
    waits_for: str = ""
    devices: tuple[str, ...] = ()
    rss_bytes: int = 0
    peak_rss_bytes: int = 0
    heartbeat: datetime | None = None
    failure_class: FailureClass = ""
    what: str = ""
    way_out: str = ""
    outcome: dict[str, Any] = {}
    intake: IntakeRecord = IntakeRecord()
    left_alive: int = 0
    repeats: str = ""
    store_id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.state in OPEN_STATES

    @property
    def is_moving(self) -> bool:
        """Whether it is open, or what it has made is still on its way into the store."""
        return self.is_open or not (self.intake.is_complete or self.intake.failed)

    @property
    def device_words(self) -> str:
        """The devices that it has, or had when it ended, in words; "" where it took none."""
        return devices.name_devices(self.devices)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take; None when that cannot be told."""
        return None if self.progress is None or not self.is_open else self.progress.seconds_left


def list_runs(data_folder: Path) -> list[RunStatus]:
    """Return every run of a data folder, the newest first."""
    folder = runs_folder(data_folder)
    if not folder.is_dir():
        return []
    found = [_status_of(path) for path in folder.iterdir() if not path.name.startswith(".")]
    known = [status for status in found if status is not None]
    return sorted(known, key=lambda status: (status.created_at, status.run_id), reverse=True)


def read_run(data_folder: Path, run_id: str) -> RunStatus:
    """Return how one run stands.

    Raises:
        NotFoundError: there is no such run.
    """
    folder = run_folder(data_folder, run_id)
    status = _status_of(folder)
    return status if status is not None else _unreadable(folder)


# What has ended changes no more, until it is resumed or taken in: both write one of these files.
_ended: dict[Path, tuple[tuple[int, ...], RunStatus]] = {}
_MOST_KEPT = 2_000


def _status_of(folder: Path) -> RunStatus | None:
    states = tuple(_changed_at(folder / name) for name in (STATUS, INTAKE, MANIFEST))
    known = _ended.get(folder)
    if known is not None and known[0] == states:
        return known[1]
    status = _look_at(folder)
    if status is not None and status.state in _ENDED_STATES:
        if len(_ended) >= _MOST_KEPT:
            _ended.clear()
        _ended[folder] = (states, status)
    return status


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _look_at(folder: Path) -> RunStatus | None:
    manifest = read_manifest(folder)
    if manifest is None:
        return _unreadable(folder) if (folder / MANIFEST).is_file() else None
    status = read_record(folder / STATUS, Status)
    if status is None:
        return _unreadable(folder)
    if status.state not in _ENDED_STATES and not _is_alive(folder, status):
        # It may have ended between the two looks.
        status = read_record(folder / STATUS, Status) or status
        if status.state not in _ENDED_STATES:
            return _lost(folder, manifest, status)
    return _told(folder, manifest, status)


def _is_alive(folder: Path, status: Status) -> bool:
    if status.host == tree.host_name():
        return is_locked(folder / LOCK)
    return (datetime.now(UTC) - status.heartbeat).total_seconds() < _SILENT_SECONDS


def _told(folder: Path, manifest: Manifest, status: Status) -> RunStatus:
    state = status.state
    is_open = state in OPEN_STATES
    if is_open and (folder / STOP).exists():
        state = "stopping"
    turn = lanes.turn_of(folder.parent, manifest.lane, manifest.run_id) if state == "queued" else None
    began = status.started_at
    until = datetime.now(UTC) if is_open else status.ended_at
    return RunStatus(
        run_id=manifest.run_id,
        kind=manifest.kind,
        title=manifest.title,
        lane=manifest.lane,
        state=state,
        person=manifest.person.name,
        created_at=manifest.created_at,
        params={**manifest.params, **status.changes},
        item_count=manifest.input.item_count,
        input_words=manifest.input.words,
        attempt=status.attempt,
        started_at=began,
        ended_at=status.ended_at,
        seconds=_seconds(began, until),
        progress=read_record(folder / PROGRESS, RunProgress),
        place=0 if turn is None else turn.number,
        waits_for=devices.name_wanted(turn.wanted, turn.free) if turn and manifest.lane == "gpu" else "",
        devices=status.devices,
        rss_bytes=status.rss_bytes,
        peak_rss_bytes=status.peak_rss_bytes,
        heartbeat=status.heartbeat,
        failure_class=status.failure_class,
        what=status.what,
        way_out=status.way_out,
        outcome=read_record(folder / OUTCOME, dict) or {},
        intake=read_record(folder / INTAKE, IntakeRecord) or IntakeRecord(),
        repeats=manifest.repeats,
        store_id=manifest.store_id,
    )


def _lost(folder: Path, manifest: Manifest, status: Status) -> RunStatus:
    """Tell of a run whose processes are gone although it has no end."""
    is_restart = bool(status.boot_id) and status.host == tree.host_name() and status.boot_id != tree.boot_id()
    what = (
        "The machine was started anew while this ran."
        if is_restart
        else "Its processes were ended from outside, before they could say anything."
    )
    told = _told(folder, manifest, msgspec.structs.replace(status, ended_at=status.heartbeat))
    return msgspec.structs.replace(
        told,
        state="lost",
        seconds=_seconds(status.started_at, status.heartbeat),
        place=0,
        waits_for="",
        failure_class="interrupted",
        what=what,
        way_out="Resume it: finished parts are kept.",
        left_alive=len(tree.marked_processes(folder)),
    )


def _unreadable(folder: Path) -> RunStatus:
    manifest = read_manifest(folder)
    now = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    what = "The files of this run cannot be read."
    intake = read_record(folder / INTAKE, IntakeRecord)
    if intake is None or not (intake.is_complete or intake.failed):
        intake = IntakeRecord({} if intake is None else intake.taken, {"": what})  # nothing is on its way
    return RunStatus(
        run_id=folder.name,
        kind=manifest.kind if manifest else "",
        title=manifest.title if manifest else folder.name,
        lane=manifest.lane if manifest else "cpu",
        state="lost",
        person=manifest.person.name if manifest else "",
        created_at=manifest.created_at if manifest else now,
        params=manifest.params if manifest else {},
        item_count=manifest.input.item_count if manifest else 0,
        input_words="",
        failure_class="disk",
        what=what,
        way_out=f"Look into the folder {folder}; resume, repeat or delete the run."
        if manifest
        else f"Look into the folder {folder}, or delete the run.",
        intake=intake,
    )


def _seconds(began: datetime | None, until: datetime | None) -> float:
    """Return how long something took; never less than nothing, even when the clock was set back."""
    return max(0.0, (until - began).total_seconds()) if began and until else 0.0
