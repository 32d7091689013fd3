"""Rejects are grouped by the kind of their reason, shown page by page, and downloaded whole."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64decode
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.explore.rejects import count_rejects, find_rejects, render_rejects
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RAW = [b'{"broken', b"\xff\xfe no text", b"=1+1", b"x" * 9_000]


@pytest.fixture
def store(tmp_path):
    """A store with the same rejects in two datasets."""
    opened = Store.open(tmp_path / "store")
    for name in ("one", "two"):
        builder = ChunkBuilder()
        for line, raw in enumerate(RAW, 1):
            builder.add_reject(
                "=file.jsonl", line, "", "", f"no JSON (byte {line})" if line < 3 else "'a' is odd", raw
            )
        builder.record_count = len(RAW)
        with Ingest(opened, NewDataset(name), now=NOW) as ingest:
            ingest.add(builder.build())
    yield opened
    opened.close()


def test_reasons_that_differ_in_numbers_or_values_are_one_kind(store):
    groups = [(group.dataset, group.example, group.record_count) for group in count_rejects(store)]
    assert sorted(groups) == [
        ("one", "'a' is odd", 2),
        ("one", "no JSON (byte 1)", 2),
        ("two", "'a' is odd", 2),
        ("two", "no JSON (byte 1)", 2),
    ]


def test_pages_follow_the_places_and_long_bytes_are_cut(store):
    reason = next(group.reason for group in count_rejects(store) if "odd" in group.example)
    first = find_rejects(store, "two", reason=reason, page=1, page_size=1)
    second = find_rejects(store, "two", reason=reason, page=2, page_size=1)
    assert [row.line for row in (*first.rows, *second.rows)] == [3, 4]
    assert len(second.rows[0].raw) < second.rows[0].byte_count == 9_000


def test_raw_lines_come_out_as_they_went_in(store):
    assert (
        render_rejects(store, "lines", dataset="one", person=A_RESEARCHER, now=NOW) == b"\n".join(RAW) + b"\n"
    )


def test_every_reject_comes_with_its_place_and_all_its_bytes(store):
    rows = [
        json.loads(line) for line in render_rejects(store, "jsonl", person=A_RESEARCHER, now=NOW).splitlines()
    ]
    assert len(rows) == 2 * len(RAW)
    raw = [row["raw"].encode() if "raw" in row else b64decode(row["raw_base64"]) for row in rows]
    assert raw == RAW + RAW
    assert [row["line"] for row in rows[:4]] == [1, 2, 3, 4]


def test_no_cell_of_the_table_is_a_formula(store):
    table = list(csv.reader(io.StringIO(render_rejects(store, "csv", person=A_RESEARCHER, now=NOW).decode())))
    assert len(table) == 1 + 2 * len(RAW)
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "@"))]
