"""Imports into a real store: sums, repeats, failures, stopping, worker processes."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.errors import SourceUnreadableError, StoppedError
from xlam_backend.importers import pipeline
from xlam_backend.importers.base import Importer, Kept, Place, RawRecord, Rejected
from xlam_backend.importers.companions import NearbyFiles
from xlam_backend.importers.container import Limits
from xlam_backend.importers.pipeline import convert_record, import_source
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    opened = Store.open(tmp_path / "a store")
    yield opened
    opened.close()


def row(number: int, **fields) -> bytes:
    """A line in the form of xlam-function-calling-60k."""
    call = {"name": "count", "arguments": {"to": number}}
    tool = {"name": "count", "description": "Counts.", "parameters": {"to": {"type": "int"}}}
    texts = {"answers": json.dumps([call]), "tools": json.dumps([tool])}
    return json.dumps({"id": number, "query": f"Count to {number}", **texts, **fields}).encode() + b"\n"


def table(store, query):
    """The rows of a query."""
    with store.cursor() as cursor:
        return cursor.execute(query).fetchall()


def row_counts(store):
    """How many rows each table of imported records has."""
    names = ("dataset", "trajectory", "membership", "tool_call", "tool", "reject")
    return {name: table(store, f"SELECT count(*) FROM {name}")[0][0] for name in names}


def convert_with(convert):
    """What an importer with this `convert` gives for a record."""
    importer = Importer(name="x", title="X", recognise=lambda *_: "", convert=convert)
    record = RawRecord(b"{}", Place("a", 1), {})
    return convert_record(importer, record, NearbyFiles(Path("/nowhere")).beside("a"))


def test_every_record_is_kept_or_rejected_with_its_bytes_and_place(store, tmp_path):
    path = tmp_path / "train.jsonl"
    no_tools = b'{"id": 4, "query": "no tools", "answers": "[]"}\n'
    path.write_bytes(row(1) + b'{"id": 2, "query"\n' + row(3) + no_tools)
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (report.record_count, report.read_count, report.kept_count, report.rejected_count) == (4, 4, 2, 2)
    assert (report.dataset, report.importer, report.new_count) == ("train", "xlam_60k", 2)
    assert report.files[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    rejects = table(store, "SELECT file, line, reason, raw FROM reject ORDER BY line")
    assert [(file, line) for file, line, _, _ in rejects] == [("train.jsonl", 2), ("train.jsonl", 4)]
    assert bytes(rejects[0][3]) == b'{"id": 2, "query"'
    assert "'tools'" in rejects[1][2]


def test_the_corrected_file_adds_only_what_was_broken(store, tmp_path):
    path = tmp_path / "train.jsonl"
    good = [row(number) for number in range(20)]
    path.write_bytes(b"".join(line if number % 7 else line[:40] + b"\n" for number, line in enumerate(good)))
    assert import_source(store, path, now=NOW, person=A_RESEARCHER).rejected_count == 3
    path.write_bytes(b"".join(good))
    again = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (again.new_count, again.repeated_count, again.rejected_count) == (3, 17, 0)
    assert table(store, "SELECT count(*) FROM trajectory") == [(20,)]


def test_importing_the_same_file_twice_changes_nothing(store, tmp_path):
    path = tmp_path / "train.jsonl.gz"
    path.write_bytes(gzip.compress(row(1) + row(2) + b"{broken\n"))
    import_source(store, path, now=NOW, person=A_RESEARCHER)
    before = row_counts(store)
    again = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert row_counts(store) == before
    assert (again.kept_count, again.new_count, again.repeated_count, again.rejected_count) == (2, 0, 2, 1)


def test_worker_processes_give_what_one_process_gives(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "WORTH_PROCESSES_BYTES", 0)
    monkeypatch.setattr(pipeline, "CHUNK_RECORDS", 10)
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"".join(row(number) for number in range(50)) + b"{broken\n")
    found = []
    for processes in (0, 1):
        store = Store.open(tmp_path / str(processes))
        report = import_source(store, path, now=NOW, processes=processes, person=A_RESEARCHER)
        query = "SELECT content_id, query, tools, steps FROM trajectory ORDER BY version_no"
        found.append((report.kept_count, report.rejected_count, table(store, query)))
        store.close()
    assert found[0] == found[1]


def test_progress_rises_to_the_end(store, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "CHUNK_RECORDS", 1)
    (tmp_path / "source").mkdir()
    for number in range(5):
        (tmp_path / "source" / f"{number}.jsonl").write_bytes(row(number) + b"{broken\n")
    told = []
    import_source(
        store, tmp_path / "source", now=NOW, importer="xlam_60k", progress=told.append, person=A_RESEARCHER
    )
    assert [progress.record_count for progress in told] == [2, 4, 6, 8, 10]
    assert [progress.rejected_count for progress in told] == [1, 2, 3, 4, 5]
    assert told[-1].done_share == 1.0
    assert told[-1].seconds_left == 0


def test_a_stopped_import_leaves_the_store_as_it_was(store, tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_bytes(row(1))
    with pytest.raises(StoppedError):
        import_source(store, path, now=NOW, should_stop=lambda: True, person=A_RESEARCHER)
    assert set(row_counts(store).values()) == {0}
    assert import_source(store, path, now=NOW, person=A_RESEARCHER).new_count == 1


def test_a_bomb_in_the_middle_of_a_folder_leaves_the_store_as_it_was(store, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(row(1))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(row(2) + b"\n" * 1_500_000 + row(3)))
    limits = Limits(ratio=10, ratio_free_bytes=1_000_000)
    with pytest.raises(SourceUnreadableError, match=r"b\.jsonl\.gz looks like a decompression bomb"):
        import_source(store, folder, now=NOW, limits=limits, person=A_RESEARCHER)
    assert table(store, "SELECT count(*) FROM trajectory") == [(0,)]


def test_thousands_of_small_files_are_one_import(store, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1500):
        (folder / f"{number:04}.json").write_bytes(row(number))
    report = import_source(store, folder, now=NOW, person=A_RESEARCHER)
    assert (report.kept_count, len(report.files), report.skipped) == (1500, 1500, ())


def test_an_importer_that_fails_rejects_the_record_and_says_where():
    def fail(record, companions):
        raise KeyError("moon")

    (rejected,) = convert_with(fail)
    assert isinstance(rejected, Rejected)
    assert "The importer failed: KeyError: 'moon' (test_pipeline.py, line" in rejected.reason


def test_an_importer_that_gives_nothing_rejects_the_record():
    (rejected,) = convert_with(lambda *_: ())
    assert isinstance(rejected, Rejected)


def test_replaced_characters_are_noted_on_the_trajectory(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(row(1, query="one \ud800 and \udfff"))
    ((_, (kept,)),) = pipeline.read_source(path)
    assert isinstance(kept, Kept)
    assert kept.trajectory.query == "one \ufffd and \ufffd"
    assert kept.trajectory.extra == {"replaced_characters": 2}


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from xlam_backend.domain.person import Person
from xlam_backend.importers import pipeline
from xlam_backend.store.connection import Store

pipeline.CHUNK_RECORDS = 100
store = Store.open(Path(sys.argv[1]))
now = datetime(2026, 1, 1, tzinfo=UTC)
say = lambda told: print(told.record_count, flush=True)
pipeline.import_source(store, sys.argv[2], now=now, progress=say, person=Person("rita", "researcher"))
"""


def test_a_killed_import_is_absent_and_its_repeat_is_whole(tmp_path, root):
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"".join(row(number) for number in range(30_000)))
    command = [sys.executable, "-c", KILLED, str(tmp_path / "store"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        os.kill(process.pid, signal.SIGKILL)
    store = Store.open(tmp_path / "store")
    left = table(store, "SELECT count(*) FROM trajectory")[0][0]
    assert left in (0, 30_000)
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert report.new_count + left == 30_000
    assert row_counts(store)["trajectory"] == 30_000
    assert row_counts(store)["membership"] == 30_000
    store.close()
