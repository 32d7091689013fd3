"""Exports: what is written comes back equal, whole or not at all, the same bytes for the same store."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.exports.export import export_trajectories
from xlam_backend.importers.pipeline import import_source
from xlam_backend.store.connection import Store

UNIFIED = ("unified_1", "unified_2")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def store(root, tmp_path):
    """A store that holds the demo data."""
    opened = Store.open(tmp_path / "demo")
    for path in sorted((root / "data" / "samples").glob("*.jsonl")):
        import_source(opened, path, now=NOW, person=A_RESEARCHER)
    yield opened
    opened.close()


@pytest.mark.parametrize("form", UNIFIED)
def test_an_export_imported_again_brings_nothing_new(store, tmp_path, form):
    report = export_trajectories(
        store, Filters(), tmp_path / "all.jsonl.gz", form=form, now=NOW, person=A_RESEARCHER
    )
    again = import_source(store, tmp_path / "all.jsonl.gz", dataset="again", now=NOW, person=A_RESEARCHER)
    assert again.importer == form
    assert (again.kept_count, again.new_count, again.rejected_count) == (report.trajectory_count, 0, 0)


def test_rows_of_one_dataset_keep_their_own_ids(store, tmp_path):
    target = tmp_path / "desk.jsonl"
    export_trajectories(
        store, Filters(dataset="help_desk_unified_2"), target, form="unified_2", now=NOW, person=A_RESEARCHER
    )
    ids = [json.loads(line)["unique_trajectory_id"] for line in target.read_text().splitlines()]
    assert len(ids) > 20
    assert ids == sorted(set(ids))
    assert all(name.startswith("desk-") for name in ids)


def test_the_same_store_gives_the_same_bytes(store, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        export_trajectories(
            store, Filters(), tmp_path / name / "all.jsonl.gz", form="unified_1", now=NOW, person=A_RESEARCHER
        )
    assert (tmp_path / "one/all.jsonl.gz").read_bytes() == (tmp_path / "two/all.jsonl.gz").read_bytes()
    assert (tmp_path / "one/all.card.md").read_text() == (tmp_path / "two/all.card.md").read_text()


def test_a_stopped_export_leaves_nothing(store, tmp_path, monkeypatch):
    monkeypatch.setattr("xlam_backend.exports.writing.BATCH_ROWS", 10)
    with pytest.raises(StoppedError):
        export_trajectories(
            store,
            Filters(),
            tmp_path / "out" / "all.jsonl",
            form="unified_1",
            now=NOW,
            should_stop=lambda: True,
            person=A_RESEARCHER,
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_the_card_names_every_dataset_its_hash_and_what_is_exported(store, tmp_path):
    report = export_trajectories(
        store, Filters(), tmp_path / "all.jsonl", form="unified_1", now=NOW, person=A_RESEARCHER
    )
    card = (tmp_path / "all.card.md").read_text()
    for name in ("city\\_services\\_60k", "help\\_desk\\_unified\\_2", "reading\\_room\\_unified\\_1"):
        assert name in card
    assert report.sha256 in card
    assert f"| trajectories | {report.trajectory_count:,} |" in card
    assert str(tmp_path) not in card


def test_another_ending_is_refused(store, tmp_path):
    with pytest.raises(SettingError, match="jsonl"):
        export_trajectories(
            store, Filters(), tmp_path / "all.csv", form="unified_1", now=NOW, person=A_RESEARCHER
        )


def test_packed_and_plain_hold_the_same_rows(store, tmp_path):
    export_trajectories(
        store, Filters(), tmp_path / "plain.jsonl", form="unified_2", now=NOW, person=A_RESEARCHER
    )
    export_trajectories(
        store, Filters(), tmp_path / "packed.jsonl.gz", form="unified_2", now=NOW, person=A_RESEARCHER
    )
    assert (
        gzip.decompress((tmp_path / "packed.jsonl.gz").read_bytes())
        == (tmp_path / "plain.jsonl").read_bytes()
    )
