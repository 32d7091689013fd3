"""What happened in a run, one JSON line each: appended by its processes, read by the pages as it grows."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from xlam_backend.runs.folder import EVENTS
from xlam_backend.runs.secrets import redact

EventKind = Literal["started", "ended", "progress", "note", "resumed", "stop asked", "taken in"]

_MOST_KEPT_FILES = 32
_MOST_POINTS = 2_000


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened, in one attempt; `numbers` are figures worth a curve."""

    at: datetime
    attempt: int
    kind: EventKind
    words: str = ""
    done: int = 0
    total: int = 0
    numbers: dict[str, float] = {}
    more: dict[str, Any] = {}


def append_event(folder: Path, event: Event) -> None:
    """Add one line, in a single write: lines of several processes never mix."""
    line = redact(msgspec.json.encode(event).decode()) + "\n"
    descriptor = os.open(folder / EVENTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


class History(msgspec.Struct, frozen=True):
    """What is known of a run's past: what happened, and its progress thinned out to a curve."""

    events: tuple[Event, ...] = ()
    points: tuple[Event, ...] = ()


class _Reader:
    """Reads one file on from where it stopped; a last line that is still being written is left for later."""

    def __init__(self) -> None:
        self._begin(-1)

    def _begin(self, inode: int) -> None:
        self._inode = inode
        self._offset = 0
        self._events: list[Event] = []
        self._points: list[Event] = []
        self._stride = 1
        self._seen_points = 0

    def read(self, path: Path) -> History:
        try:
            found = path.stat()
        except OSError:
            return History()
        if found.st_ino != self._inode or found.st_size < self._offset:
            self._begin(found.st_ino)  # another file stands there now
        if found.st_size > self._offset:
            self._read_on(path)
        return History(tuple(self._events), tuple(self._points))

    def _read_on(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            try:
                self._add(msgspec.json.decode(line, type=Event))
            except msgspec.DecodeError:
                continue  # torn by a full disk: the others still count

    def _add(self, event: Event) -> None:
        if event.kind != "progress":
            self._events.append(event)
            return
        self._seen_points += 1
        if self._seen_points % self._stride == 0:
            self._points.append(event)
        if len(self._points) > _MOST_POINTS:
            self._points = self._points[::2]
            self._stride *= 2


_lock = threading.Lock()
_readers: OrderedDict[Path, _Reader] = OrderedDict()


def read_history(folder: Path) -> History:
    """Return what happened in a run; only what was added since the last look is read."""
    with _lock:
        reader = _readers.pop(folder, None) or _Reader()
        _readers[folder] = reader
        while len(_readers) > _MOST_KEPT_FILES:
            _readers.popitem(last=False)
        return reader.read(folder / EVENTS)
