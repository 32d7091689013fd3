"""What the worker has in hand: the run context of base.py, on a folder."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from xlam_backend.errors import RunError
from xlam_backend.runs.events import Event, append_event
from xlam_backend.runs.folder import (
    OUTCOME,
    OUTPUT,
    PROGRESS,
    STATE,
    STOP,
    RunProgress,
    is_part_name,
    write_record,
    write_whole,
)

_PROGRESS_SECONDS = 0.25
_EVENT_SECONDS = 1.0
_STOP_LOOK_SECONDS = 0.2


class WorkerContext:
    """A run context; every method may be called from any thread."""

    def __init__(self, folder: Path, params: dict[str, Any], attempt: int) -> None:
        self.run_id = folder.name
        self.folder = folder
        self.params = params
        self.attempt = attempt
        self.saw_stop = False
        self._lock = threading.Lock()
        self._is_asked = threading.Event()
        self._looked_at = 0.0
        self._first: RunProgress | None = None
        self._latest: RunProgress | None = None
        self._written_at = self._event_at = float("-inf")
        self._is_written = True
        self._teller: threading.Thread | None = None
        for name in (OUTPUT, STATE):
            (folder / name).mkdir(exist_ok=True)
        _drop_drafts(folder / OUTPUT)

    def listen_for_stop(self) -> None:
        """Take the supervisor's signal to stop as what it is; call it from the main thread."""
        signal.signal(signal.SIGTERM, self._take_signal)

    def _take_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_asked.set()

    def should_stop(self) -> bool:
        """Whether a person asked the run to stop; a worker then ends at its next safe point."""
        now = time.monotonic()
        if not self._is_asked.is_set() and now - self._looked_at >= _STOP_LOOK_SECONDS:
            self._looked_at = now
            if (self.folder / STOP).exists():
                self._is_asked.set()
        if self._is_asked.is_set():
            self.saw_stop = True
        return self._is_asked.is_set()

    def progress(self, done: int, total: int, words: str = "", **numbers: float) -> None:
        """Tell how far the run is; written a few times a second at most, the last word always."""
        with self._lock:
            now = datetime.now(UTC)
            if self._first is None:
                self._first = RunProgress(self.attempt, done, total, began_at=now)
            self._latest = RunProgress(
                self.attempt, done, total, words, numbers, self._first.done, self._first.began_at, now
            )
            self._is_written = False
            if self._teller is None:
                self._teller = threading.Thread(target=self._keep_telling, name="progress", daemon=True)
                self._teller.start()
            if done >= total or time.monotonic() - self._written_at >= _PROGRESS_SECONDS:
                self._write_progress()

    def finish_progress(self) -> None:
        """Write what was last told, if it was not written yet."""
        with self._lock:
            self._write_progress()

    def _keep_telling(self) -> None:
        # A worker may tell much in an instant and then be busy for long: its last word must not wait.
        while True:
            time.sleep(2 * _PROGRESS_SECONDS)
            with suppress(OSError):  # the worker's own next write says what is wrong
                self.finish_progress()

    def _write_progress(self) -> None:
        latest = self._latest
        if self._is_written or latest is None or latest.at is None:
            return
        clock = time.monotonic()
        self._is_written = True
        write_record(self.folder / PROGRESS, latest, is_lasting=False)
        self._written_at = clock
        if clock - self._event_at >= _EVENT_SECONDS or latest.done >= latest.total:
            self._event_at = clock
            append_event(
                self.folder,
                Event(
                    latest.at,
                    self.attempt,
                    "progress",
                    done=latest.done,
                    total=latest.total,
                    numbers=latest.numbers,
                ),
            )

    def log(self, text: str) -> None:
        """Add a line to the run's log: the supervisor writes down what is printed."""
        stamp = datetime.now(UTC).strftime("%H:%M:%S")
        sys.stderr.write(f"{stamp} {text}\n")
        sys.stderr.flush()

    def has_part(self, name: str) -> bool:
        """Whether an output part is finished."""
        return self._part(name).is_file()

    def write_part(self, name: str, content: bytes) -> None:
        """Finish an output part: it is there whole or not at all."""
        write_whole(self._part(name), content)

    def set_outcome(self, outcome: dict[str, Any]) -> None:
        """Say what came of the run, in figures a page can show."""
        write_record(self.folder / OUTCOME, msgspec.to_builtins(outcome, str_keys=True))

    def _part(self, name: str) -> Path:
        if not is_part_name(name):
            raise RunError(f"{name!r} cannot be the name of an output part.", "Use letters, digits, . _ -")
        return self.folder / OUTPUT / name


def _drop_drafts(output: Path) -> None:
    """Remove what a worker that was killed had half written."""
    for path in output.iterdir():
        if path.name.startswith("."):
            path.unlink(missing_ok=True)
