"""Checkpoints of a training run: which there are, whether each is whole, and which one to go on from.

A checkpoint counts only when complete.json stands in it, which is written last and names every other file
with its size: a trainer that was killed while it wrote leaves one that is not gone on from.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from xlam_backend.runs.folder import read_record, write_record

CHECKPOINTS = "state/checkpoints"
COMPLETE = "complete.json"

_NAME = re.compile(r"checkpoint-(\d+)")
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors")
_STATE = "trainer_state.json"


class Complete(msgspec.Struct, frozen=True):
    """What is written when a checkpoint is whole: its step, by how many processes, and its files."""

    step: int
    process_count: int
    files: dict[str, int]


class Checkpoint(msgspec.Struct, frozen=True):
    """One checkpoint; `faults` is empty when it is whole."""

    name: str
    step: int
    byte_count: int
    made_at: datetime
    faults: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether a run can go on from it."""
        return not self.faults


def list_checkpoints(run_folder: Path) -> list[Checkpoint]:
    """Return the checkpoints of a run, the latest step first."""
    place = run_folder / CHECKPOINTS
    found = []
    for folder in place.iterdir() if place.is_dir() else ():
        named = _NAME.fullmatch(folder.name)
        if named and folder.is_dir():
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            made_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            found.append(Checkpoint(folder.name, int(named[1]), size, made_at, faults_of(folder)))
    return sorted(found, key=lambda one: one.step, reverse=True)


def latest_whole(run_folder: Path, *, process_count: int) -> Path | None:
    """Return the checkpoint to go on from: the latest that is whole; None when there is none.

    One that was written by another number of processes cannot be gone on from exactly, and does not count.
    """
    for one in list_checkpoints(run_folder):
        folder = run_folder / CHECKPOINTS / one.name
        told = read_record(folder / COMPLETE, Complete)
        if one.is_whole and told is not None and told.process_count == process_count:
            return folder
    return None


def drop_torn(run_folder: Path) -> list[str]:
    """Remove checkpoints that are not whole, before a trainer goes on; returns their names."""
    torn = [one.name for one in list_checkpoints(run_folder) if not one.is_whole]
    for name in torn:
        shutil.rmtree(run_folder / CHECKPOINTS / name, ignore_errors=True)
    return torn


def mark_complete(folder: Path, *, step: int, process_count: int) -> None:
    """Say that a checkpoint is whole, after its files are on the disk."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != COMPLETE:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            files[str(path.relative_to(folder))] = path.stat().st_size
    write_record(folder / COMPLETE, Complete(step, process_count, files))


def faults_of(folder: Path) -> tuple[str, ...]:
    """Say what is wrong with a checkpoint; nothing when it is whole."""
    told = read_record(folder / COMPLETE, Complete)
    if told is None:
        return ("it was not written to its end",)
    faults = [_fault(folder / name, size) for name, size in told.files.items()]
    if not any(name in told.files for name in _WEIGHTS):
        faults.append("it holds no weights")
    if _STATE not in told.files:
        faults.append(f"it has no {_STATE}")
    return tuple(fault for fault in faults if fault)


def delete_checkpoints(run_folder: Path, names: Sequence[str]) -> None:
    """Delete checkpoints of a run that has ended."""
    for name in names:
        if _NAME.fullmatch(name):
            shutil.rmtree(run_folder / CHECKPOINTS / name, ignore_errors=True)


def _fault(path: Path, size: int) -> str:
    try:
        found = path.stat().st_size
    except OSError:
        return f"{path.name} is missing"
    return "" if found == size else f"{path.name} has {found:,} bytes instead of {size:,}"
