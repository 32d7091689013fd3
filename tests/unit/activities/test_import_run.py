"""Imports and checks as runs: the same rows as in the app itself, whole or absent, whoever is killed."""

from __future__ import annotations

import gzip
import io

import pytest

from tests.builders import A_RESEARCHER, write_records
from tests.unit.activities.conftest import NOW, end_all_runs, until
from xlam_backend.activities import manager
from xlam_backend.activities.check_run import start_check_run
from xlam_backend.activities.import_run import start_import_run
from xlam_backend.checks.run import run_checks
from xlam_backend.flow import import_and_check
from xlam_backend.importers.pipeline import import_source
from xlam_backend.importers.uploads import Upload, keep_uploads
from xlam_backend.runs.folder import OUTPUT, part_names, runs_folder
from xlam_backend.store.connection import Store

TABLES = {
    "trajectory": "version_no, content_id, query, steps",
    "tool_call": "*",
    "tool": "*",
    "membership": "*",
    "reject": "*",
    "import_file": "*",
    "dataset": "* EXCLUDE (created_at)",
    "finding": "* EXCLUDE (finding_no)",
    "tool_finding": "*",
}


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    end_all_runs(data_folder)
    opened.close()


@pytest.fixture
def source(tmp_path):
    """Records of which every third has a finding, with a broken line."""
    path = tmp_path / "made_up.jsonl"
    write_records(path, 300)
    lines = path.read_text().splitlines()
    lines[::3] = [line.replace('arguments\\": {\\"a', 'arguments\\": {\\"b') for line in lines[::3]]
    path.write_text("\n".join([*lines, "{broken"]))
    return path


def rows(store, table):
    with store.cursor() as cursor:
        found = cursor.execute(f"SELECT {TABLES[table]} FROM {table}").fetchall()
    return sorted(map(repr, found))


def wait(store, run_id):
    return manager.wait_for_run(store, run_id)


def import_it(store, source, **options):
    return start_import_run(store, str(source), person=A_RESEARCHER, now=NOW, **options)


def test_an_import_run_writes_what_an_import_writes(store, source, tmp_path):
    status = wait(store, import_it(store, source))
    assert status.state == "succeeded", status.what
    assert (status.outcome["kept_count"], status.outcome["rejected_count"]) == (300, 1)
    assert status.intake.taken == {"(whole)": 300}
    other = Store.open(tmp_path / "other")
    try:
        import_and_check(other, source, person=A_RESEARCHER, now=NOW)
        assert rows(store, "finding")
        for table in TABLES:
            assert rows(store, table) == rows(other, table), table
    finally:
        other.close()
    assert part_names(runs_folder(store.folder) / status.run_id) == []  # the store holds them now


def test_an_import_run_that_is_resumed_makes_only_the_chunks_it_lacks(store, source):
    write_records(source, 25_000)
    run_id = import_it(store, source)
    folder = runs_folder(store.folder) / run_id
    until(lambda: manager.read_run(store.folder, run_id).state == "succeeded")
    parts = part_names(folder)
    assert len(parts) > 1
    made_at = [(folder / OUTPUT / name).stat().st_mtime_ns for name in parts]
    (folder / OUTPUT / parts[-1]).unlink()
    (folder / OUTPUT / f".{parts[-1]}.draft-1").write_bytes(b"half")
    resume(store, run_id)
    until(lambda: manager.read_run(store.folder, run_id).state == "succeeded")
    again_at = [(folder / OUTPUT / name).stat().st_mtime_ns for name in parts]
    assert again_at[:-1] == made_at[:-1]
    assert again_at[-1] > made_at[-1]
    assert wait(store, run_id).outcome["kept_count"] == 25_000


def resume(store, run_id):
    """Resume a run that has ended well as if it had failed: it does what it finds undone."""
    path = runs_folder(store.folder) / run_id / "status.json"
    path.write_text(path.read_text().replace('"succeeded"', '"failed"'))
    manager.resume_run(store, run_id, person=A_RESEARCHER, now=NOW)


def test_a_source_that_has_changed_is_begun_anew(store, source):
    run_id = import_it(store, source)
    until(lambda: manager.read_run(store.folder, run_id).state == "succeeded")
    write_records(source, 7)
    resume(store, run_id)
    assert wait(store, run_id).outcome["kept_count"] == 7


def test_a_file_nobody_knows_fails_with_the_reason_and_leaves_nothing(store, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear all")
    status = wait(store, import_it(store, path))
    assert (status.state, status.failure_class) == ("failed", "data")
    assert rows(store, "dataset") == []


def test_an_upload_belongs_to_its_run(store, source):
    packed = io.BytesIO(gzip.compress(source.read_bytes()))
    kept = keep_uploads(store.folder, [Upload("colleague.jsonl.gz", packed)], person=A_RESEARCHER)
    run_id = import_it(store, kept)
    assert not kept.exists()
    status = wait(store, run_id)
    assert (status.state, status.outcome["kept_count"]) == ("succeeded", 300)
    with store.cursor() as cursor:
        found = cursor.execute("SELECT name, source FROM dataset").fetchall()
    assert found == [("colleague", "colleague.jsonl.gz (uploaded)")]


def test_a_check_run_finds_what_the_checks_find(store, source, tmp_path, monkeypatch):
    other = Store.open(tmp_path / "other")
    for opened in (store, other):
        import_source(opened, source, person=A_RESEARCHER, now=NOW)
    monkeypatch.setattr("xlam_backend.checks.shards.SHARD_ROWS", 70)
    status = wait(store, start_check_run(store, person=A_RESEARCHER, now=NOW))
    try:
        report = run_checks(other, person=A_RESEARCHER, now=NOW)
        assert status.state == "succeeded", status.what
        assert status.outcome == {
            "trajectories checked": report.version_count,
            "findings": report.finding_count,
            "tools checked": report.tool_count,
            "findings about tools": report.tool_finding_count,
            "checks that gave no answer": report.not_checked_count,
        }
        assert report.finding_count
        assert len(status.intake.taken) > 5
        for table in ("finding", "tool_finding"):
            assert rows(store, table) == rows(other, table)
        assert run_checks(store, person=A_RESEARCHER, now=NOW).version_count == 0
    finally:
        other.close()


def test_findings_about_what_was_removed_meanwhile_are_left_out(store, source):
    import_source(store, source, person=A_RESEARCHER, now=NOW)
    run_id = start_check_run(store, person=A_RESEARCHER, now=NOW)
    until(lambda: manager.read_run(store.folder, run_id).state == "succeeded")
    with store.write() as cursor:
        cursor.execute("DELETE FROM trajectory WHERE version_no > 3")
    status = wait(store, run_id)
    assert status.intake.is_complete
    with store.cursor() as cursor:
        assert cursor.execute("SELECT max(version_no) FROM checked").fetchall() == [(3,)]
