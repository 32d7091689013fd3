"""Exports of a release: every row, told rows in their own telling, its licences and lineage in the card."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, a_call, a_step, a_trajectory
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.errors import NotFoundError
from xlam_backend.exports.export import export_rows
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.releases.manifest import (
    CARD,
    MANIFEST,
    Manifest,
    ReleaseFile,
    manifest_bytes,
    release_id_of,
)
from xlam_backend.releases.reading import releases_folder
from xlam_backend.releases.row_table import encode_row, rows_to_parquet
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TALK = a_trajectory(steps=[a_step(a_call(), observations=("4",)), a_step(thought="4 degrees.")])


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


@pytest.fixture
def release(store):
    """A release of two rows, the second told in XML; returns its id."""
    rows = [
        TrainingRow("plain", TALK, None, "mine", "set one", "", "", (), licence="MIT"),
        TrainingRow(
            "told", TALK, Telling("xml", "tags"), "mine", "set two", "", "xml", (), licence="CC-BY-4.0"
        ),
    ]
    part = rows_to_parquet([encode_row(row) for row in rows])
    text = manifest_bytes(
        Manifest(
            name="two rows",
            seed=1,
            recipe="",
            row_count=2,
            token_count=10,
            token_rule="words",
            parts=(ReleaseFile("rows.parquet", hashlib.sha256(part).hexdigest(), len(part), 2),),
            card=ReleaseFile(CARD, hashlib.sha256(b"card").hexdigest(), 4),
        )
    )
    folder = releases_folder(store.folder) / release_id_of(text)
    folder.mkdir(parents=True)
    (folder / "rows.parquet").write_bytes(part)
    (folder / CARD).write_bytes(b"card")
    (folder / MANIFEST).write_bytes(text)
    return folder.name


def export(store, release, tmp_path, form):
    plan = ExportPlan(form, "release", release=release)
    report = export_rows(store, plan, tmp_path / "all.jsonl", person=A_RESEARCHER, now=NOW)
    return report, [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]


def test_a_told_row_is_written_as_it_is_told_step_by_step(store, release, tmp_path):
    report, records = export(store, release, tmp_path, "trl_sft")
    assert (report.trajectory_count, [record["id"] for record in records]) == (2, ["plain", "told", "told"])
    plain, *told = records
    assert [message["role"] for message in plain["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert all([message["role"] for message in one["messages"]] == ["user", "assistant"] for one in told)
    read = output_format_by_name("xml").parse(told[0]["messages"][1]["content"])
    assert read.calls == TALK.steps[0].tool_calls
    assert "tools" not in told[0]


def test_the_card_names_release_datasets_and_licences(store, release, tmp_path):
    export(store, release, tmp_path, "unified_1")
    card = (tmp_path / "all.card.md").read_text()
    for words in (
        "license: other",
        "set one",
        "set two",
        "| MIT | 1 |",
        "| CC-BY-4.0 | 1 |",
        release,
        "two rows",
    ):
        assert words in card


def test_each_row_has_the_sections_it_is_told_in(store, release, tmp_path):
    report, records = export(store, release, tmp_path, "text_sections")
    assert (report.record_count, len(records)) == (4, 4)
    assert records[0]["prompt"].startswith("[START OF AVAILABLE TOOLS]")
    assert records[2]["prompt"].startswith("<available_tools>")


def test_a_release_that_is_not_there_is_named(store, tmp_path):
    with pytest.raises(NotFoundError, match="no release"):
        export(store, "0" * 32, tmp_path, "unified_1")
    assert list(tmp_path.glob("all*")) == []
