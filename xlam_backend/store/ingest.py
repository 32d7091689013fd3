"""Takes chunks into the store: one import, one transaction, whole or absent."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError, StoreBusyError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.chunk import Chunk
from xlam_backend.store.connection import Cursor, Store, utc_timestamp
from xlam_backend.store.import_transaction import ImportCounts, ImportedFile, ImportTransaction, NewDataset

# One chunk is written while the next is built; more would only take memory.
_WAITING_CHUNKS = 2


class Ingest:
    """One import into one dataset, which is made when no dataset has its name.

    A context manager that takes chunks; leaving the block commits, an error inside rolls everything
    back, and a killed process leaves nothing. `counts` tells how far it is, and the result
    afterwards. Chunks are written by a thread of its own, so the caller builds the next meanwhile;
    what goes wrong there is raised by the next `add` or on leaving.

        with Ingest(store, NewDataset("demo"), now=now) as ingest:
            ingest.add(chunk)
        print(ingest.counts.new_count)
    """

    def __init__(self, store: Store, dataset: NewDataset, *, now: datetime) -> None:
        if not dataset.name.strip():
            raise InputError("A dataset needs a name.", "Give it one, then import again.")
        self._store = store
        self._dataset = dataset
        self._now = utc_timestamp(now)
        self._files: list[ImportedFile] = []
        self._person: Person | None = None
        self._last_act: Callable[[Cursor, ImportCounts], None] | None = None
        self._open = ExitStack()
        self._waiting: queue.Queue[Chunk | None] = queue.Queue(_WAITING_CHUNKS)
        self._failure: BaseException | None = None
        self._writer = threading.Thread(target=self._write_waiting, name="ingest", daemon=True)

    @property
    def counts(self) -> ImportCounts:
        """Return the counts of what was written so far."""
        return self._transaction.counts

    def __enter__(self) -> Self:
        if not self._store.import_lock.acquire(blocking=False):
            raise StoreBusyError("Another import is running.", "Wait until it has finished, then try again.")
        with ExitStack() as opening:
            opening.callback(self._store.import_lock.release)
            cursor = opening.enter_context(self._store.cursor())
            opening.callback(_roll_back, cursor)
            cursor.execute("BEGIN")
            self._transaction = ImportTransaction(cursor, self._store.numbers, self._dataset, now=self._now)
            self._cursor = cursor
            self._writer.start()
            self._open = opening.pop_all()
        return self

    def add(self, chunk: Chunk) -> None:
        """Hand over a chunk to be written; waits while enough chunks are waiting."""
        self._raise_failure()
        self._waiting.put(chunk)

    def add_file(self, file: ImportedFile) -> None:
        """Record a file that was read."""
        self._files.append(file)

    def note_person(self, person: Person) -> None:
        """Have the log say, in the import's own transaction, who took it in."""
        self._person = person

    def before_commit(self, act: Callable[[Cursor, ImportCounts], None]) -> None:
        """Have something more done in the import's own transaction, when all its rows are written."""
        self._last_act = act

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._failure = self._failure or error
        self._waiting.put(None)
        self._writer.join()
        with self._open:
            self._raise_failure()
            self._transaction.finish(self._files)
            if self._person is not None:
                self._write_audit(self._person)
            if self._last_act is not None:
                self._last_act(self._cursor, self.counts)
            self._store.commit_import(self._cursor)
        self._store.compact()

    def _write_audit(self, person: Person) -> None:
        counts = self.counts
        detail = {
            "source": self._dataset.source,
            "kept": counts.kept_count,
            "rejected": counts.rejected_count,
        }
        subject = f"dataset {self._dataset.name}"
        write_audit(self._cursor, self._store, person, "import", subject, detail, now=self._now)

    def _write_waiting(self) -> None:
        while (chunk := self._waiting.get()) is not None:
            if self._failure is not None:
                continue  # the caller may still be handing over: take it, so that nobody waits for ever
            try:
                self._transaction.write(chunk)
            except Exception as error:  # noqa: BLE001 handed to the caller's thread, which raises it
                self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def _roll_back(cursor: Cursor) -> None:
    import duckdb  # as in connection.py

    with suppress(duckdb.Error):  # nothing is open any more after a commit
        cursor.execute("ROLLBACK")
