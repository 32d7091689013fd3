"""Every schema there ever was reaches today's, and a schema this code does not know is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pytest

from xlam_backend.errors import MigrationError
from xlam_backend.settings import database_file
from xlam_backend.store.connection import Store
from xlam_backend.store.migrate import Migration, migrate, read_migrations
from xlam_backend.store.trajectories import open_trajectory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DUMPS = sorted((Path(__file__).parent / "databases").glob("*.sql"))


@pytest.fixture
def connection():
    opened = duckdb.connect()
    yield opened
    opened.close()


def applied(connection):
    return [
        row[0] for row in connection.execute("SELECT number FROM schema_migration ORDER BY number").fetchall()
    ]


def schema_of(connection):
    columns = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() ORDER BY ALL"
    ).fetchall()
    views = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    ).fetchall()
    return columns, views


def test_every_released_schema_has_a_dump():
    numbers = [migration.number for migration in read_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [int(dump.name[:4]) for dump in DUMPS] == numbers


@pytest.mark.parametrize("last", DUMPS, ids=lambda dump: dump.stem)
def test_a_database_of_each_schema_opens_today(last, tmp_path, store):
    with duckdb.connect(str(database_file(tmp_path))) as old:
        for dump in DUMPS[: DUMPS.index(last) + 1]:
            old.execute(dump.read_text(encoding="utf-8"))
    opened = Store.open(tmp_path)
    with opened.cursor() as cursor, store.cursor() as fresh:
        assert applied(cursor) == [migration.number for migration in read_migrations()]
        assert schema_of(cursor) == schema_of(fresh)
    stored = open_trajectory(opened, "0123456789abcdef0123456789abcdef", version=0)
    assert stored.trajectory.query == "What is the weather in Bergen?"
    assert stored.trajectory.steps[0].tool_calls[0].arguments == {"city": "Bergen", "days": 2}
    assert stored.trajectory.tools[0].name == "get_weather"
    opened.close()


def test_migrations_are_applied_once_with_name_checksum_and_time(connection):
    first = read_migrations()[0]
    assert migrate(connection, [first], now=NOW) == (1,)
    assert migrate(connection, [first], now=NOW) == ()
    rows = connection.execute("SELECT number, name, checksum FROM schema_migration").fetchall()
    assert rows == [(1, "0001_trajectories", first.checksum)]


def test_a_failing_migration_leaves_the_schema_as_it_was(connection):
    broken = Migration(1, "0001_broken", "CREATE TABLE made (a INTEGER); SELECT no_such_function();")
    with pytest.raises(MigrationError, match="0001_broken"):
        migrate(connection, [broken], now=NOW)
    assert applied(connection) == []
    assert not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'made'").fetchall()


def test_a_changed_migration_is_refused(connection):
    first = Migration(1, "0001_first", "CREATE TABLE made (a INTEGER)")
    migrate(connection, [first], now=NOW)
    changed = msgspec.structs.replace(first, sql="CREATE TABLE made (b INTEGER)")
    with pytest.raises(MigrationError, match="0001_first was changed") as caught:
        migrate(connection, [changed], now=NOW)
    assert "0001_first.sql" in caught.value.way_out


def test_a_database_from_the_future_is_refused(connection):
    first = Migration(1, "0001_first", "CREATE TABLE made (a INTEGER)")
    later = Migration(2, "0002_later", "CREATE TABLE more (a INTEGER)")
    migrate(connection, [first, later], now=NOW)
    with pytest.raises(MigrationError, match="0002_later") as caught:
        migrate(connection, [first], now=NOW)
    assert "Update" in caught.value.way_out
