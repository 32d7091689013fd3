"""Checkpoints: only those that were written to their end are gone on from."""

import pytest

from xlam_backend.training.checkpoints import (
    CHECKPOINTS,
    delete_checkpoints,
    drop_torn,
    latest_whole,
    list_checkpoints,
    mark_complete,
)


@pytest.fixture
def run(tmp_path):
    def make(step, *, is_marked=True, process_count=1):
        folder = tmp_path / CHECKPOINTS / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "trainer_state.json").write_text("{}")
        if is_marked:
            mark_complete(folder, step=step, process_count=process_count)
        return folder

    make.folder = tmp_path
    return make


def test_the_latest_whole_one_is_gone_on_from_not_the_highest_number(run):
    run(2), run(10)
    run(30, is_marked=False)
    assert latest_whole(run.folder, process_count=1).name == "checkpoint-10"
    assert [one.name for one in list_checkpoints(run.folder)] == [
        "checkpoint-30",
        "checkpoint-10",
        "checkpoint-2",
    ]
    assert drop_torn(run.folder) == ["checkpoint-30"]


def test_a_file_that_was_lost_or_cut_afterwards_is_named(run):
    (run(1) / "model.safetensors").write_bytes(b"weigh")
    (run(2) / "trainer_state.json").unlink()
    later, earlier = list_checkpoints(run.folder)
    assert later.faults == ("trainer_state.json is missing",)
    assert earlier.faults == ("model.safetensors has 5 bytes instead of 7",)
    assert latest_whole(run.folder, process_count=1) is None


def test_one_written_by_other_processes_is_not_gone_on_from(run):
    run(4, process_count=2)
    assert latest_whole(run.folder, process_count=1) is None
    assert latest_whole(run.folder, process_count=2).name == "checkpoint-4"


def test_without_weights_a_checkpoint_is_none(run):
    folder = run(3, is_marked=False)
    (folder / "model.safetensors").unlink()
    mark_complete(folder, step=3, process_count=1)
    (one,) = list_checkpoints(run.folder)
    assert one.faults == ("it holds no weights",)


def test_only_checkpoints_can_be_deleted(run):
    run(1)
    delete_checkpoints(run.folder, ["../../state", "checkpoint-1"])
    assert list_checkpoints(run.folder) == []
    assert (run.folder / "state").is_dir()
