"""Runs on devices, with real processes: side by side, in their order, and nothing held by the dead."""

import pytest

from tests.machines import give_gpus
from tests.run_kinds import REGISTRY
from tests.unit.activities.conftest import ANN, NOW, kill, until
from xlam_backend.activities import evaluate_run, manager, train_run
from xlam_backend.cli.runs import progress_words
from xlam_backend.errors import SettingError
from xlam_backend.evaluation.engine import vllm_program
from xlam_backend.runs.base import Places
from xlam_backend.runs.devices import PROCESSOR
from xlam_backend.runs.launch import start_again

FOUR = ["0", "1", "2", "3"]


@pytest.fixture
def start(runs):
    """Start runs that hold their devices until they are let go."""

    def start_one(count, among=FOUR):
        return runs.start("devices", devices=count, among=among, do="wait", at=0, attempts=9)

    return start_one


def sees(runs, run_id):
    """What the worker of a run was told of its GPUs; None before it has said so."""
    path = runs.folder(run_id) / "sees"
    return path.read_text() if path.exists() else None


def test_runs_on_different_devices_are_at_work_at_once(runs, start):
    two, one, alone = start(2), start(1), start(1, [PROCESSOR])
    for run_id in (two, one, alone):
        runs.until_state(run_id, "running")
    assert [until(lambda at=at: runs.read(at).devices) for at in (two, one)] == [("0", "1"), ("2",)]
    assert runs.read(alone).device_words == "the processor"
    until(lambda: [sees(runs, run_id) for run_id in (two, one, alone)] == ["0,1", "2", ""])
    large, late = start(3), start(1)
    status = until(lambda: (found := runs.read(large)).place and found)
    assert (status.place, status.waits_for) == (1, "3 of GPUs 0, 1, 2 and 3 (1 is free)")
    assert progress_words(status) == "queued for 3 of GPUs 0, 1, 2 and 3 (1 is free), place 1"
    assert runs.read(late).place == 2  # GPU 3 is kept for the one before it
    runs.let_go(two)
    assert runs.wait(two).device_words == "GPUs 0 and 1"
    assert runs.until_state(large, "running").waits_for == ""
    assert until(lambda: runs.read(large).devices) == ("0", "1", "3")
    runs.let_go(one)
    runs.until_state(late, "running")
    assert until(lambda: runs.read(late).devices) == ("2",)


def test_of_whom_is_killed_nothing_stays_held(runs, start):
    first, second, third = start(2, ["0", "1"]), start(2, ["0", "1"]), start(1, ["1"])
    runs.until_state(first, "running")
    until(lambda: runs.pids(second).supervisor_pid and runs.pids(third).supervisor_pid)
    kill(runs.pids(second).supervisor_pid)
    kill(runs.pids(first).supervisor_pid)
    runs.until_state(third, "running")
    assert (runs.read(first).state, runs.read(second).state) == ("lost", "lost")
    assert runs.read(first).devices == ("0", "1")
    runs.resume(first)
    assert until(lambda: runs.read(first).place) == 1
    assert runs.read(first).devices == ()
    kill(runs.pids(third).worker_pid)
    runs.until_state(first, "running")
    assert runs.read(third).state == "failed"


def test_a_run_that_waits_for_devices_can_be_stopped_and_resumed_with_fewer(runs, start):
    holder, large = start(3), start(2)
    runs.until_state(holder, "running")
    until(lambda: runs.pids(large).supervisor_pid)
    runs.stop(large)
    runs.until_state(large, "stopped")
    runs.resume(large, devices=1)
    runs.until_state(large, "running")
    assert until(lambda: runs.read(large).devices) == ("3",)


def test_what_cannot_be_had_is_refused_before_anything_is_changed(runs, start):
    run_id = start(1)
    runs.until_state(run_id, "running")
    runs.stop(run_id)
    before = runs.until_state(run_id, "stopped")

    def refuse(_kind, _params):
        raise SettingError("Too many.", "Ask for fewer.")

    with pytest.raises(SettingError):
        start_again(runs.folder(run_id), changes={}, worker=REGISTRY.worker, now=NOW, places=refuse)
    assert runs.read(run_id) == before


def test_a_training_and_an_evaluation_ask_for_gpus_of_this_machine(monkeypatch, tmp_path):
    give_gpus(monkeypatch, tmp_path / "bin", 4, visible="1,2,3")
    assert train_run.places({"devices": 2}) == Places(2, ("1", "2", "3"))
    assert train_run.places({"device": "cpu"}) == Places(1, (PROCESSOR,))
    plan = {"question_set": "q", "kept_model": "m", "devices": 2}
    assert evaluate_run.model_places({**plan, "engine": "transformers"}) == Places(1, ("1", "2", "3"))
    (tmp_path / "bin" / "vllm").write_text("")
    (tmp_path / "bin" / "vllm").chmod(0o755)
    vllm_program.cache_clear()
    try:
        assert evaluate_run.model_places(plan) == Places(2, ("1", "2", "3"))
    finally:
        vllm_program.cache_clear()


def test_a_training_on_more_gpus_than_there_are_leaves_no_run(store, monkeypatch, tmp_path):
    give_gpus(monkeypatch, tmp_path / "bin", 2)
    with pytest.raises(SettingError, match="this machine has 2"):
        manager.start_run(store, "train", {"devices": 3}, title="t", person=ANN, now=NOW)
    assert manager.list_runs(store.folder) == []
