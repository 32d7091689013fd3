"""What a trainer needs of the run it belongs to: whether to stop, and ways to tell how far it is."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from xlam_backend.runs.folder import STATE, STOP, read_record, write_record

HALT = "halt"  # in state/: the worker has been asked to end, and passes it on to its ranks
TOLD = "told.json"  # in state/: how far the first rank is, for the worker to pass on
_LOOK_SECONDS = 0.2
_TELL_SECONDS = 0.25


class Teller(Protocol):
    """What a trainer tells, and asks; a run's context is one."""

    def should_stop(self) -> bool:
        """Whether the trainer is to write a checkpoint and end."""
        ...

    def progress(self, done: int, total: int, words: str = "", **numbers: float) -> None:
        """Tell how far it is."""
        ...

    def log(self, text: str) -> None:
        """Add a line to the log."""
        ...


class Told(msgspec.Struct, frozen=True):
    """How far the first rank is, as it last said."""

    done: int
    total: int
    words: str = ""
    numbers: dict[str, float] = {}


class RankTeller:
    """A teller for the processes of a training on several devices; what they tell goes through files."""

    def __init__(self, run_folder: Path, *, rank: int) -> None:
        self._folder = run_folder
        self._rank = rank
        self._looked_at = self._told_at = float("-inf")
        self._is_asked = False

    def should_stop(self) -> bool:
        """Whether the run was asked to stop."""
        now = time.monotonic()
        if not self._is_asked and now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            files = (self._folder / STOP, self._folder / STATE / HALT)
            self._is_asked = any(file.exists() for file in files)
        return self._is_asked

    def progress(self, done: int, total: int, words: str = "", **numbers: float) -> None:
        """Write down how far the first rank is."""
        if self._rank == 0 and (done >= total or time.monotonic() - self._told_at >= _TELL_SECONDS):
            self._told_at = time.monotonic()
            told = Told(done, total, words, numbers)
            write_record(self._folder / STATE / TOLD, told, is_lasting=False)

    def log(self, text: str) -> None:
        """Say a line; the supervisor writes down what is printed."""
        stamp = datetime.now(UTC).strftime("%H:%M:%S")
        sys.stderr.write(f"{stamp} [{self._rank}] {text}\n")
        sys.stderr.flush()


def read_told(run_folder: Path) -> Told | None:
    """Return how far the first rank is; None when it has not said yet."""
    return read_record(run_folder / STATE / TOLD, Told)
