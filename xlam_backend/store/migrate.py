"""Brings a database to today's schema: numbered SQL files, each applied once, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from xlam_backend.errors import MigrationError

if TYPE_CHECKING:
    import duckdb

MIGRATIONS_FOLDER = Path(__file__).resolve().parent / "migrations"

APPLIED_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number     INTEGER NOT NULL,
    name       VARCHAR NOT NULL,
    checksum   VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
)
"""


class Migration(msgspec.Struct, frozen=True):
    """One numbered SQL file; applied files never change, which `checksum` (SHA-256) holds them to."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return the SHA-256 of the SQL text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = MIGRATIONS_FOLDER) -> tuple[Migration, ...]:
    """Return the migrations of a folder in the order they are applied."""
    files = sorted(folder.glob("[0-9]*.sql"))
    return tuple(
        Migration(int(file.name.partition("_")[0]), file.stem, file.read_text(encoding="utf-8"))
        for file in files
    )


def migrate(
    connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration], *, now: datetime
) -> tuple[int, ...]:
    """Apply what is missing and return its numbers; refuse a database this code does not know.

    Raises:
        MigrationError: an applied file was changed since, or the database is newer than this code.
    """
    connection.execute(APPLIED_TABLE)
    rows = connection.execute(
        "SELECT number, name, checksum FROM schema_migration ORDER BY number"
    ).fetchall()
    _refuse_unknown(rows, {migration.number: migration for migration in migrations})
    applied = {row[0] for row in rows}
    missing = [migration for migration in migrations if migration.number not in applied]
    for migration in missing:
        _apply(connection, migration, now)
    return tuple(migration.number for migration in missing)


def _refuse_unknown(rows: Sequence[tuple[int, str, str]], known: dict[int, Migration]) -> None:
    for number, name, checksum in rows:
        migration = known.get(number)
        if migration is None:
            raise MigrationError(
                f"The database has migration {name}, which this version of the app does not know.",
                "Update the app, or point XLAM_DATA_DIR at another folder.",
            )
        if migration.checksum != checksum:
            raise MigrationError(
                f"Migration {name} was changed after this database had applied it.",
                f"Restore xlam_backend/store/migrations/{name}.sql, and put the change into a new file.",
            )


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration, now: datetime) -> None:
    import duckdb  # as in connection.py

    connection.execute("BEGIN")
    try:
        connection.execute(migration.sql)
        connection.execute(
            "INSERT INTO schema_migration VALUES (?, ?, ?, ?)",
            [migration.number, migration.name, migration.checksum, now],
        )
        connection.execute("COMMIT")
    except duckdb.Error as error:
        connection.execute("ROLLBACK")
        raise MigrationError(
            f"Migration {migration.name} failed: {error}", "The database is as it was before; report this."
        ) from error
