"""Taking in: each part once, whole runs whole, and what goes wrong is said on the run."""

from pathlib import Path

import pytest

from tests.run_kinds import REGISTRY
from tests.unit.activities.conftest import NOW, Runs
from xlam_backend.activities.intake import Intake
from xlam_backend.store.connection import Store


def test_parts_are_taken_in_while_the_run_goes_on(runs):
    run_id = runs.start(count=4, do="wait", at=2)
    runs.until_waiting(run_id, 2)
    assert runs.take_in() == 2
    assert runs.rows() == [0, 1]
    assert not runs.read(run_id).intake.is_complete


def test_a_part_that_cannot_be_taken_in_is_said_and_the_others_are(runs):
    run_id = runs.start(cannot=["part-0001.json"])
    status = runs.wait(run_id)
    assert status.state == "succeeded"
    assert status.intake.failed == {"part-0001.json": "part-0001.json cannot be read."}
    assert not status.intake.is_complete
    assert runs.rows() == [0, 2]


def test_what_could_not_be_taken_in_is_tried_again_later(runs):
    run_id = runs.start(cannot=["part-0001.json"])
    runs.wait(run_id)
    manifest = runs.folder(run_id) / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"cannot"', '"could not"'))
    assert runs.take_in() == 1
    assert runs.read(run_id).intake.is_complete
    assert runs.rows() == [0, 1, 2]


def test_a_whole_run_is_taken_in_at_its_end_only_and_once(runs):
    run_id = runs.start("whole", count=4, do="wait", at=2)
    runs.until_waiting(run_id, 2)
    assert runs.take_in() == 0
    runs.let_go(run_id)
    status = runs.wait(run_id)
    assert status.intake.taken == {"(whole)": 4}
    assert runs.take_in() == 0
    assert runs.rows() == [0, 1, 2, 3, 1003]  # the last is what follows from it, in the name of ann


def test_a_run_of_another_store_is_left_alone(runs, tmp_path):
    run_id = runs.start()
    runs.until_state(run_id, "succeeded")
    other = Store.open(tmp_path / "other")
    (tmp_path / "other" / "runs").symlink_to(runs.folder(run_id).parent)
    try:
        assert Runs(other).take_in() == 0
        assert "another store" in Runs(other).read(run_id).intake.failed[""]
    finally:
        other.close()
    assert runs.take_in() == 3


def test_what_is_taken_in_is_not_looked_at_again(runs, store, monkeypatch):
    run_id = runs.start()
    runs.wait(run_id)
    intake = Intake(store, REGISTRY)
    intake.take_in(now=NOW)
    looked = []
    monkeypatch.setattr(Intake, "_look_at", lambda self, run_id, now: looked.append(run_id) or 0)
    intake.take_in(now=NOW)
    assert looked == []
    (runs.folder(run_id) / "status.json").touch()
    intake.take_in(now=NOW)
    assert looked == [run_id]


@pytest.mark.parametrize("content", [b"", b"{", b'{"state": "running"}'])
def test_a_torn_status_is_shown_as_lost(runs, content):
    run_id = runs.start()
    runs.wait(run_id)
    Path(runs.folder(run_id) / "status.json").write_bytes(content)
    status = runs.read(run_id)
    assert (status.state, status.failure_class) == ("lost", "disk")
