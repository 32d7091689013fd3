"""Exports as runs: the same bytes as at once, whole or absent, whoever is killed; nothing published twice."""

from __future__ import annotations

import json
import os
import signal

import pyarrow.parquet as pq
import pytest

from tests.builders import A_RESEARCHER, write_records
from tests.tokenizers_at_hand import MARKED, save_tokenizer
from tests.unit.activities.conftest import NOW, end_all_runs, until
from xlam_backend.activities import manager
from xlam_backend.activities.export_run import start_export_run
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError
from xlam_backend.exports.base import ExportSettings
from xlam_backend.exports.export import export_rows
from xlam_backend.exports.folder import exports_folder, list_exports
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.importers.pipeline import import_source
from xlam_backend.runs.folder import OUTPUT, STATUS, Status, read_record, runs_folder
from xlam_backend.store.connection import Store


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    end_all_runs(data_folder)
    opened.close()


@pytest.fixture
def filled(store, tmp_path):
    """A store of 300 single calls."""
    write_records(tmp_path / "made_up.jsonl", 300)
    import_source(store, tmp_path / "made_up.jsonl", now=NOW, person=A_RESEARCHER)
    return store


@pytest.fixture
def talks(store, root):
    """A store of conversations, of which the form of the 60k set can hold none."""
    import_source(store, root / "data/samples/help_desk_unified_2.jsonl", now=NOW, person=A_RESEARCHER)
    return store


def start(store, form, **more):
    return start_export_run(store, ExportPlan(form, **more), person=A_RESEARCHER, now=NOW)


def finish(store, run_id):
    status = manager.wait_for_run(store, run_id)
    assert status.state == "succeeded", status.what
    return status


def export_count(store):
    """How many exports there are, and how often the log says that one was made."""
    with store.cursor() as cursor:
        (noted,) = cursor.execute("SELECT count(*) FROM audit WHERE action = 'export'").fetchone()
    return len(list_exports(exports_folder(store.folder))), noted


def test_a_run_writes_the_bytes_that_an_export_at_once_writes(filled, tmp_path):
    status = finish(filled, start(filled, "xlam_60k"))
    (made,) = list_exports(exports_folder(filled.folder))
    at_once = export_rows(
        filled, ExportPlan("xlam_60k"), tmp_path / "at_once.jsonl.gz", person=A_RESEARCHER, now=NOW
    )
    assert made.data.read_bytes() == (tmp_path / "at_once.jsonl.gz").read_bytes()
    assert status.outcome["sha256"] == at_once.sha256
    assert (status.outcome["records"], made.refused.exists()) == (300, False)
    assert at_once.sha256 in made.card.read_text()
    manager.take_in_runs(filled, now=NOW)
    assert export_count(filled)[0] == 1


def test_what_cannot_be_written_lies_beside_it(talks):
    status = finish(talks, start(talks, "text_xlam_fc_r", ending=".parquet"))
    (made,) = list_exports(exports_folder(talks.folder))
    refused = [json.loads(line) for line in made.refused.read_text().splitlines()]
    assert len(refused) == sum(status.outcome["not written"].values()) > 0
    assert {one["reason"] for one in refused} == set(status.outcome["not written"])
    assert pq.ParquetFile(made.data).metadata.num_rows == status.outcome["records"] > 0


def test_where_nothing_can_be_written_there_is_no_file_and_the_reason_is_said(talks, tmp_path):
    with pytest.raises(SettingError, match="none of the"):
        export_rows(talks, ExportPlan("xlam_60k"), tmp_path / "x.jsonl", person=A_RESEARCHER, now=NOW)
    assert list(tmp_path.glob("*x.*")) == []
    status = manager.wait_for_run(talks, start(talks, "xlam_60k"))
    assert (status.state, export_count(talks)[0]) == ("failed", 0)
    assert "none of the" in status.what


def test_a_chat_template_is_rendered_in_the_run(filled, tmp_path):
    tokenizer = save_tokenizer(tmp_path / "tokenizer", MARKED)
    status = finish(filled, start(filled, "text_chat_template", settings=ExportSettings(tokenizer)))
    assert status.outcome["records"] == 300
    (made,) = list_exports(exports_folder(filled.folder))
    assert "tokenizer" in made.card.read_text()


def test_nothing_that_matches_starts_no_run(filled):
    with pytest.raises(SettingError, match="Nothing matches"):
        start(filled, "unified_1", filters=Filters(text="no request says this"))
    assert manager.list_runs(filled.folder) == []


def test_a_killed_worker_leaves_no_file_and_its_resumed_run_one(filled):
    write_slowly = "text_xlam_2_llama"
    run_id = start(filled, write_slowly)
    folder = runs_folder(filled.folder) / run_id

    def worker():
        status = read_record(folder / STATUS, Status)
        return status.worker_pid if status else 0

    pid = until(worker)
    os.kill(pid, signal.SIGKILL)
    status = manager.wait_for_run(filled, run_id)
    if status.state != "succeeded":  # it may have been quicker than the signal
        assert list_exports(exports_folder(filled.folder)) == ()
        assert not list((folder / OUTPUT).glob("data*"))
        manager.resume_run(filled, run_id, person=A_RESEARCHER, now=NOW)
    finish(filled, run_id)
    (made,) = list_exports(exports_folder(filled.folder))
    assert made.byte_count > 0
    assert [path.name for path in exports_folder(filled.folder).iterdir() if path.name.startswith(".")] == []


def test_a_crash_between_the_files_and_the_note_makes_no_second_file(filled, monkeypatch):
    run_id = start(filled, "xlam_60k")
    crashed = []

    def crash(*_args, **_named):
        crashed.append(1)
        message = "the power is gone"
        raise RuntimeError(message)

    with monkeypatch.context() as patch:
        patch.setattr("xlam_backend.activities.export_run.write_audit", crash)
        until(lambda: manager.read_run(filled.folder, run_id).state == "succeeded")
        until(lambda: (manager.take_in_runs(filled, now=NOW), crashed)[1])
    assert export_count(filled) == (1, 0)
    finish(filled, run_id)
    assert export_count(filled)[0] == 1
