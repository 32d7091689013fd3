"""Opens the one DuckDB file, hands out cursors, and lets one writer in at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from xlam_backend.errors import StoreBusyError, StoreError
from xlam_backend.settings import database_file
from xlam_backend.store.migrate import migrate, read_migrations
from xlam_backend.store.numbers import Numbers

# DuckDB is loaded with the first store: the workers of runs read these files too, and never open one.
if TYPE_CHECKING:
    import duckdb

CLOSE_SECONDS = 5.0
CLOSE_POLL_SECONDS = 0.02

Cursor: TypeAlias = "duckdb.DuckDBPyConnection"


class Store:
    """The database of one data folder, held by this process until `close`.

    Reads: `with store.cursor() as cursor`, one cursor per operation, never shared between threads.
    Writes: `with store.write() as cursor`, one transaction, one writer at a time, committed at the
    end of the block and rolled back on any error. `revision` rises with every committed write, so
    whoever caches results keys them by it. `import_lock` is held by a running import, which has its
    own long transaction and takes the write lock only to commit: small writes go on meanwhile.
    `intake_lock` is held by whoever takes in what runs have made.
    `removal_count` rises when records leave the store: whoever keeps their numbers looks again.
    """

    def __init__(self, folder: Path, connection: Cursor) -> None:
        self.folder = folder
        self.revision = 0
        self.removal_count = 0
        self.import_lock = threading.Lock()
        self.intake_lock = threading.Lock()
        self.numbers = Numbers(connection)
        self._connection = connection
        self._write_lock = threading.RLock()

    @classmethod
    def open(cls, folder: Path, *, now: datetime | None = None) -> Store:
        """Open the store in `folder`, made if missing, and bring it to today's schema.

        Raises:
            StoreBusyError: another process holds the file.
            MigrationError: the schema is newer than this code, or an applied migration was changed.
            StoreError: the file cannot be read as a database.
        """
        folder.mkdir(parents=True, exist_ok=True)
        connection = _connect(folder)
        try:
            migrate(connection, read_migrations(), now=utc_timestamp(now or datetime.now(UTC)))
            return cls(folder, connection)
        except BaseException:
            connection.close()
            raise

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """Give a cursor of its own for one operation; closed afterwards."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        except _operational() as error:
            raise _store_error(error) from error
        finally:
            cursor.close()

    @contextmanager
    def write(self) -> Iterator[Cursor]:
        """Give a cursor inside a transaction, alone among the writers."""
        with self._write_lock, self.cursor() as cursor:
            import duckdb

            cursor.execute("BEGIN")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # a failed COMMIT has ended the transaction already
                    cursor.execute("ROLLBACK")
                raise
            self.revision += 1

    def commit_import(self, cursor: Cursor) -> None:
        """Commit an import's own transaction, with no other writer between."""
        with self._write_lock:
            cursor.execute("COMMIT")
            self.revision += 1

    def compact(self) -> None:
        """Fold the write-ahead log into the file; skipped when a reader is in the way."""
        import duckdb

        with self._write_lock, self.cursor() as cursor, suppress(duckdb.TransactionException):
            cursor.execute("CHECKPOINT")

    def close(self) -> None:
        """Let go of the file, as soon as no other thread is in the middle of taking a cursor.

        Raises:
            StoreError: some thread still was after `CLOSE_SECONDS`.
        """
        import duckdb

        give_up_at = time.monotonic() + CLOSE_SECONDS
        with self._write_lock:
            while True:
                try:
                    return self._connection.close()
                except duckdb.ResourceInUseException as error:
                    if time.monotonic() > give_up_at:
                        raise _store_error(error) from error
                    time.sleep(CLOSE_POLL_SECONDS)  # DuckDB refuses instead of waiting


def _operational() -> tuple[type[duckdb.Error], ...]:
    """Return what can go wrong with a correct query; anything else is a bug and stays as it is raised."""
    import duckdb

    return (
        duckdb.IOException,
        duckdb.OutOfMemoryException,
        duckdb.FatalException,
        duckdb.ConnectionException,
        duckdb.ResourceInUseException,
    )


def utc_timestamp(moment: datetime) -> datetime:
    """Return a moment as the store writes it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _connect(folder: Path) -> Cursor:
    import duckdb

    path = database_file(folder)
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": str(folder / "temp"),
        "memory_limit": "50%",  # the rest is for the app, its workers and the file cache
        # Row groups of a bulk write go to the file one by one, so that memory stays flat.
        "write_buffer_row_group_count": "1",
    }
    try:
        return duckdb.connect(str(path), config=config)
    except duckdb.Error as error:
        raise _open_error(path, error) from error


def _open_error(path: Path, error: duckdb.Error) -> StoreError:
    if "lock" in str(error).lower():
        return StoreBusyError(
            f"Another process holds the store {path}.",
            "Close the app or command that uses it, then try again.",
        )
    return StoreError(
        f"The store {path} cannot be opened: {error}",
        "Restore the file from a backup, or point XLAM_DATA_DIR at another folder.",
    )


def _store_error(error: duckdb.Error) -> StoreError:
    return StoreError(
        f"The store could not do this: {error}", "Check the free disk space and memory, then try again."
    )
