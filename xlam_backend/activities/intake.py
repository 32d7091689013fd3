"""Takes what runs have finished into the store: each part once, in one transaction with its note."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import StoreBusyError, XlamError
from xlam_backend.runs.base import Registry, RunKind, Taking
from xlam_backend.runs.events import Event, append_event
from xlam_backend.runs.folder import (
    INTAKE,
    OUTPUT,
    STATUS,
    IntakeRecord,
    part_names,
    read_manifest,
    runs_folder,
    write_record,
)
from xlam_backend.runs.launch import end_leftovers
from xlam_backend.runs.state import RunStatus, read_run
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.run_parts import mark_taken, read_store_id, read_taken_parts

# Names in run_part that are no parts: the whole of a run, and what follows from it.
WHOLE = "(whole)"
THEN = "(then)"

_BUSY_SECONDS = 1.0
_FIRST_RETRY_SECONDS = 5.0
_MOST_RETRY_SECONDS = 300.0

_log = logging.getLogger("xlam_studio")


class Intake:
    """Takes in what there is, again and again; what has ended and is taken in is not looked at any more."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._store_id = read_store_id(store)
        self._kinds = registry.kinds
        self._settled: dict[str, tuple[int, int]] = {}  # when the status and our own record changed last
        self._retries: dict[tuple[str, str], _Retry] = {}

    def take_in(self, *, now: datetime, only: str = "") -> int:
        """Take in every finished part that the store does not have yet; returns how many parts that were.

        `only` looks at one run. Returns 0 at once when another thread is at it.
        """
        if not self._store.intake_lock.acquire(blocking=False):
            return 0
        try:
            return sum(self._look_at(run_id, now=now) for run_id in ([only] if only else self._unsettled()))
        finally:
            self._store.intake_lock.release()

    def _unsettled(self) -> list[str]:
        folder = runs_folder(self._store.folder)
        if not folder.is_dir():
            return []
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        return [name for name in names if self._settled.get(name) != _changes(folder / name)]

    def _look_at(self, run_id: str, *, now: datetime) -> int:
        folder = runs_folder(self._store.folder) / run_id
        changed_at, _ = _changes(folder)
        try:
            status = read_run(self._store.folder, run_id)
        except XlamError:
            return 0  # deleted meanwhile, or no run at all
        if status.left_alive:
            end_leftovers(folder)
        looked = _OneRun(self._store, folder, status, self._retries, now)
        reason = self._reason_against(status)
        record = IntakeRecord(failed={"": reason}) if reason else looked.take_in(self._kinds[status.kind])
        if record != status.intake:
            with suppress(OSError):
                write_record(folder / INTAKE, record, is_lasting=False)
        if not status.is_open and not any(of_run == run_id for of_run, _ in self._retries):
            self._settled[run_id] = changed_at, _changes(folder)[1]
        return looked.new_count

    def _reason_against(self, status: RunStatus) -> str:
        if not status.kind:  # its manifest cannot be read
            return status.what
        if status.kind not in self._kinds:
            return f"This version of xLAM Studio has no runs of kind {status.kind!r}."
        if status.store_id != self._store_id:
            return "This run was started from another store; what it made is not taken into this one."
        return ""


class _Retry(msgspec.Struct):
    """What went wrong with a part, and when it is tried again; nothing went wrong if it only waits."""

    what: str = ""
    wait_seconds: float = _FIRST_RETRY_SECONDS
    at: float = 0.0


class _OneRun:
    """One look at one run: what is taken in, and what went wrong."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        status: RunStatus,
        retries: dict[tuple[str, str], _Retry],
        now: datetime,
    ) -> None:
        self._store = store
        self._folder = folder
        self._status = status
        self._retries = retries
        self._now = now
        self._taken = read_taken_parts(store, status.run_id)
        self.new_count = 0

    def take_in(self, kind: RunKind) -> IntakeRecord:
        left = [part for part in self._waiting(kind) if not self._try(kind, part)]
        is_all = not left and not self._status.is_open
        if is_all and self._status.state == "succeeded" and kind.then is not None and THEN not in self._taken:
            is_all = self._try(kind, THEN)
        rows = {part: count for part, count in self._taken.items() if part != THEN}
        failed = {
            part: retry.what
            for (run_id, part), retry in self._retries.items()
            if run_id == self._status.run_id and retry.what
        }
        return IntakeRecord(rows, failed, is_all)

    def _waiting(self, kind: RunKind) -> list[str]:
        if kind.take_in is not None:
            return [part for part in part_names(self._folder) if part not in self._taken]
        is_due = kind.take_in_whole is not None and self._status.state == "succeeded"
        return [WHOLE] if is_due and WHOLE not in self._taken else []

    def _try(self, kind: RunKind, part: str) -> bool:
        """Take in one part, unless it is too early to try it again; tells whether it is in."""
        key = (self._status.run_id, part)
        retry = self._retries.get(key) or _Retry()
        if time.monotonic() < retry.at:
            return False
        try:
            self._taken[part] = self._take(kind, part)
        except StoreBusyError:
            self._retries[key] = _Retry(at=time.monotonic() + _BUSY_SECONDS)
            return False
        except Exception as error:  # noqa: BLE001 - the border: one part must not stop the others
            if not isinstance(error, XlamError):
                _log.exception("A part of run %s could not be taken in", self._status.run_id)
            retry.what = str(error) if isinstance(error, XlamError) else f"{type(error).__name__}: {error}"
            retry.at = time.monotonic() + retry.wait_seconds
            retry.wait_seconds = min(2 * retry.wait_seconds, _MOST_RETRY_SECONDS)
            self._retries[key] = retry
            return False
        self._retries.pop(key, None)
        self.new_count += 1
        self._tell(part)
        return True

    def _take(self, kind: RunKind, part: str) -> int:
        def mark(cursor: Cursor, row_count: int) -> None:
            mark_taken(cursor, self._status.run_id, part, row_count, now=self._now)

        status = self._status
        if part in (WHOLE, THEN):
            taking = Taking(self._store, self._folder, status.params, self._person(), self._now, mark)
            return self._take_whole(kind, part, taking)
        if kind.take_in is None:
            return 0
        with self._no_import_beside(kind), self._store.write() as cursor:
            count = kind.take_in(self._store, cursor, self._folder / OUTPUT / part, status.params)
            mark(cursor, count)
        return count

    @contextmanager
    def _no_import_beside(self, kind: RunKind) -> Iterator[None]:
        """Keep imports away until what is taken in is committed: neither would see what the other adds."""
        if not kind.is_import:
            yield
            return
        if not self._store.import_lock.acquire(blocking=False):
            raise StoreBusyError("An import is running.", "It is tried again in a moment.")
        try:
            yield
        finally:
            self._store.import_lock.release()

    def _take_whole(self, kind: RunKind, part: str, taking: Taking) -> int:
        if part == WHOLE and kind.take_in_whole is not None:
            return kind.take_in_whole(taking)
        if kind.then is not None:
            kind.then(taking)
            with self._store.write() as cursor:
                taking.mark(cursor, 0)
        return 0

    def _person(self) -> Person:
        manifest = read_manifest(self._folder)
        return Person("", "annotator") if manifest is None else manifest.person

    def _tell(self, part: str) -> None:
        more = {"row_count": self._taken[part]}
        with suppress(OSError):  # the store has it; the line in the history is a courtesy
            append_event(self._folder, Event(self._now, self._status.attempt, "taken in", part, more=more))


def _changes(folder: Path) -> tuple[int, int]:
    return _changed_at(folder / STATUS), _changed_at(folder / INTAKE)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def is_settled(status: RunStatus, *, has_rows: bool) -> bool:
    """Tell whether nothing more will come of a run by itself."""
    if status.is_open:
        return False
    return not has_rows or status.intake.is_complete or bool(status.intake.failed)
