"""All there is to see of one run: its files, its log, its past, and what it was started with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.runs.events import Event, read_history
from xlam_backend.runs.folder import (
    INPUT,
    LOG,
    OUTPUT,
    SUPERVISOR_LOG,
    Manifest,
    attempt_folder,
    read_manifest,
    run_folder,
)
from xlam_backend.runs.log import log_tail
from xlam_backend.runs.state import RunStatus, read_run

_MOST_EVENTS = 200


class FileFacts(msgspec.Struct, frozen=True):
    """A file of a run, and for an output part what the store made of it: nothing yet, rows, or a failure."""

    name: str
    byte_count: int
    row_count: int | None = None
    failure: str = ""


class RunDetails(msgspec.Struct, frozen=True):
    """One run in full; `points` are its progress over time, thinned out, for a curve."""

    status: RunStatus
    folder: str
    seeds: dict[str, Any]
    versions: dict[str, str]
    input_sha256: str
    inputs: tuple[FileFacts, ...]
    outputs: tuple[FileFacts, ...]
    events: tuple[Event, ...]
    points: tuple[Event, ...]
    log: str


def read_details(data_folder: Path, run_id: str, *, log_bytes: int = 16_000) -> RunDetails:
    """Return all there is to see of a run.

    Raises:
        NotFoundError: there is no such run.
    """
    status = read_run(data_folder, run_id)
    folder = run_folder(data_folder, run_id)
    manifest: Manifest | None = read_manifest(folder)
    history = read_history(folder)
    attempt = attempt_folder(folder, status.attempt)
    log = log_tail(attempt / LOG, most_bytes=log_bytes)
    return RunDetails(
        status=status,
        folder=str(folder),
        seeds=manifest.seeds if manifest else {},
        versions=manifest.versions if manifest else {},
        input_sha256=manifest.input.sha256 if manifest else "",
        inputs=_files(folder / INPUT),
        outputs=_parts(folder / OUTPUT, status),
        events=history.events[-_MOST_EVENTS:],
        points=history.points,
        log=log or log_tail(attempt / SUPERVISOR_LOG),
    )


def _files(folder: Path) -> tuple[FileFacts, ...]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(FileFacts(str(path.relative_to(folder)), path.stat().st_size) for path in found)


def _parts(folder: Path, status: RunStatus) -> tuple[FileFacts, ...]:
    taken, failed = status.intake.taken, status.intake.failed
    return tuple(
        FileFacts(file.name, file.byte_count, taken.get(file.name), failed.get(file.name, ""))
        for file in _files(folder)
        if not Path(file.name).name.startswith(".")
    )
