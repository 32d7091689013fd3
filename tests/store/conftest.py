"""What the tests of the store share: an open store, and short ways to fill and count it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from xlam_backend.settings import database_file
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def now():
    """A moment."""
    return NOW


@pytest.fixture
def store(tmp_path, empty_template):
    """An empty store, open; its tables were made once, for all tests that do not make a store themselves."""
    folder = tmp_path / "opened"
    folder.mkdir()
    shutil.copyfile(empty_template, database_file(folder))
    opened = Store.open(folder, now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def fill(store):
    """Import trajectories (and rejects, as raw bytes) into a dataset; returns the counts."""

    def import_into(name, trajectories=(), rejects=(), file="rows.jsonl"):
        with Ingest(store, NewDataset(name), now=NOW) as ingest:
            ingest.add(chunk_of(trajectories, rejects, file))
        return ingest.counts

    return import_into


@pytest.fixture
def count(store):
    """Count the rows of a table that fit a condition."""

    def count_rows(table, condition="true"):
        with store.cursor() as cursor:
            return cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchall()[0][0]

    return count_rows


def chunk_of(trajectories=(), rejects=(), file="rows.jsonl"):
    """A chunk of these trajectories, each on a line of its own, then these rejects."""
    builder = ChunkBuilder()
    line = 0
    for line, trajectory in enumerate(trajectories, 1):
        builder.add(trajectory, f"id-{line}", file, line, "")
    for later, raw in enumerate(rejects, line + 1):
        builder.add_reject(file, later, "", "", "not readable", raw)
    builder.record_count = len(builder)
    return builder.build()
