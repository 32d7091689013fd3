"""The files of a run folder, and writing them whole or not at all."""

from __future__ import annotations

import os
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError
from xlam_backend.runs.base import FailureClass, Lane, RunState
from xlam_backend.runs.secrets import redact

RUNS_FOLDER = "runs"

MANIFEST = "manifest.json"
STATUS = "status.json"
PROGRESS = "progress.json"
OUTCOME = "outcome.json"
INTAKE = "intake.json"
EVENTS = "events.jsonl"
LOCK = "lock"
STOP = "stop"
LOG = "log.txt"
SUPERVISOR_LOG = "supervisor.txt"  # empty, unless the supervisor itself failed
WORKER_END = "worker_end.json"

INPUT, OUTPUT, STATE = "input", "output", "state"

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_PART_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")

Record = TypeVar("Record")


class InputFacts(msgspec.Struct, frozen=True):
    """The snapshot a run works on: how many items, in words, and the hash of the files in input/."""

    item_count: int
    words: str = ""
    sha256: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """What a run is; written once, when it is started.

    store_id   the store whose rows the input is about: parts belong into no other one
    repeats    the run that this one repeats
    """

    run_id: str
    kind: str
    title: str
    lane: Lane
    params: dict[str, Any]
    seeds: dict[str, Any]
    input: InputFacts
    versions: dict[str, str]
    person: Person
    created_at: datetime
    store_id: str
    host: str
    repeats: str = ""


class RunProgress(msgspec.Struct, frozen=True):
    """How far a worker is, as it last said; `first_done` is where this attempt began."""

    attempt: int
    done: int
    total: int
    words: str = ""
    numbers: dict[str, float] = {}
    first_done: int = 0
    began_at: datetime | None = None
    at: datetime | None = None

    @property
    def share(self) -> float:
        """The share that is done, 0..1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at the pace of this attempt; None before there is a pace."""
        made = self.done - self.first_done
        if made <= 0 or self.began_at is None or self.at is None:
            return None
        seconds = max(0.0, (self.at - self.began_at).total_seconds())  # the clock may have been set back
        return seconds * max(0, self.total - self.done) / made


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a run stands, as whoever holds its lock last wrote it.

    `changes` are parameters a person changed when they resumed it, `devices` those that it has, or had.
    Whether the state is still true is for the reader to find out (state.py): a process that was killed
    writes nothing.
    """

    state: RunState
    attempt: int
    heartbeat: datetime
    boot_id: str
    host: str
    supervisor_pid: int = 0
    worker_pid: int = 0
    rss_bytes: int = 0
    peak_rss_bytes: int = 0
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure_class: FailureClass = ""
    what: str = ""
    way_out: str = ""
    changes: dict[str, Any] = {}
    devices: tuple[str, ...] = ()


class WorkerEnd(msgspec.Struct, frozen=True):
    """How a worker says it ended; one that was killed says nothing."""

    end: Literal["done", "stopped", "failed"]
    failure_class: FailureClass = ""
    what: str = ""
    way_out: str = ""


class IntakeRecord(msgspec.Struct, frozen=True):
    """What the store took in of a run, for those who look; the store itself is what counts.

    `failed` holds, for each part that could not be taken in, what went wrong.
    """

    taken: dict[str, int] = {}
    failed: dict[str, str] = {}
    is_complete: bool = False

    @property
    def row_count(self) -> int:
        """How many rows the store got."""
        return sum(self.taken.values())


def runs_folder(data_folder: Path) -> Path:
    """Return where the runs of a data folder lie."""
    return data_folder / RUNS_FOLDER


def is_run_id(text: str) -> bool:
    """Tell whether a text can be the name of a run folder: it may come from a URL."""
    return bool(_RUN_ID.fullmatch(text))


def is_part_name(text: str) -> bool:
    """Tell whether a text can be the name of an output part; drafts begin with a dot and are none."""
    return bool(_PART_NAME.fullmatch(text))


def run_folder(data_folder: Path, run_id: str) -> Path:
    """Return the folder of a run.

    Raises:
        NotFoundError: there is no such run.
    """
    folder = runs_folder(data_folder) / run_id
    if not is_run_id(run_id) or not (folder / MANIFEST).is_file():
        raise NotFoundError(f"There is no run {run_id!r}.", "The Runs page lists them all.")
    return folder


def attempt_folder(folder: Path, attempt: int) -> Path:
    """Return the folder of one attempt at a run."""
    return folder / f"attempt-{attempt}"


def attempt_numbers(folder: Path) -> list[int]:
    """Return the numbers of all attempts there were at a run."""
    names = (path.name.removeprefix("attempt-") for path in folder.glob("attempt-*"))
    return [int(name) for name in names if name.isascii() and name.isdecimal()]


def write_whole(path: Path, content: bytes, *, is_lasting: bool = True) -> None:
    """Write a file that is there whole or not at all, whoever is killed meanwhile.

    One that is not lasting, because it is soon written again, may be empty after a loss of power.
    """
    draft = path.with_name(f".{path.name}.draft-{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        if is_lasting:
            os.fsync(file.fileno())
    draft.replace(path)


def write_record(path: Path, record: Any, *, is_lasting: bool = True) -> None:
    """Write a record as JSON, whole or not at all, without the values of keys."""
    write_whole(path, redact(msgspec.json.encode(record).decode()).encode(), is_lasting=is_lasting)


def read_record(path: Path, kind: type[Record]) -> Record | None:
    """Return the record in a file; None when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        return None


@lru_cache(maxsize=2_000)
def _manifest(path: Path, _changed_at: int) -> Manifest | None:
    return read_record(path, Manifest)


def read_manifest(folder: Path) -> Manifest | None:
    """Return what the run is; None when the folder holds no run that can be read."""
    path = folder / MANIFEST
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def part_names(folder: Path) -> list[str]:
    """Return the finished output parts of a run, in the order of their names."""
    output = folder / OUTPUT
    if not output.is_dir():
        return []
    return sorted(path.name for path in output.iterdir() if is_part_name(path.name) and path.is_file())
