"""Training runs with real processes: killed while two of them learn, gone on with, and the model kept."""

import os
import signal
from pathlib import Path

import msgspec
import pytest

from tests.builders import AN_ANNOTATOR
from tests.training_jobs import SMALL, fill_and_freeze
from tests.unit.activities.conftest import ANN, NOW, end_all_runs
from tests.unit.activities.conftest import until as until_in_time
from xlam_backend.activities import manager
from xlam_backend.activities.train_run import start_training
from xlam_backend.errors import AccessDeniedError, NotFoundError, SettingError, UnknownNameError
from xlam_backend.runs import tree
from xlam_backend.runs.folder import runs_folder
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_model_of_run, read_models
from xlam_backend.training.checkpoints import list_checkpoints
from xlam_backend.training.models import find_model, list_models
from xlam_backend.training.plan import read_plan


def until(condition):
    return until_in_time(condition, seconds=200)


@pytest.fixture
def released(data_folder, tmp_path):
    """A store with a small release, and the id of it."""
    store = Store.open(data_folder)
    release = fill_and_freeze(store, tmp_path / "freeze")
    yield store, release
    end_all_runs(store.folder)
    store.close()


@pytest.mark.timeout(300)  # three processes load torch and TRL, twice
def test_a_killed_training_on_two_devices_leaves_nothing_behind_and_goes_on(released):
    store, release = released
    plan = msgspec.structs.replace(
        SMALL, name="two", release=release[:8], devices=2, eval_rows=0, max_steps=60, save_steps=15
    )
    run_id = start_training(store, plan, person=ANN, now=NOW)
    folder = runs_folder(store.folder) / run_id

    def processes(module):
        found = tree.marked_processes(folder)
        return {pid for pid in found if module in command_of(pid)}

    until(lambda: any(one.is_whole for one in list_checkpoints(folder)))
    (torchrun,) = processes("training.several")
    assert len(processes("training.rank") - {torchrun}) == 2  # its own command names them too
    os.kill(torchrun, signal.SIGKILL)
    status = manager.wait_for_run(store, run_id)
    assert (status.state, status.failure_class) == ("failed", "interrupted")
    until(lambda: tree.marked_processes(folder) == [])
    kept = [one.step for one in list_checkpoints(folder) if one.is_whole]
    assert 15 <= max(kept) < 60  # what is told of progress may lag behind what is kept
    manager.resume_run(store, run_id, person=ANN, now=NOW)
    status = manager.wait_for_run(store, run_id)
    assert (status.state, status.what) == ("succeeded", "")
    assert (status.outcome["devices"], status.outcome["strategy"]) == (2, "ddp")
    assert status.outcome["steps"] == 60
    model = read_model_of_run(store, run_id)
    assert (model.name, model.method, model.release_id, model.base_model) == ("two", "sft", release, "tiny")
    assert read_plan(model.plan).devices == 2
    assert find_model(store.folder, "two").record == model
    assert not (folder / "state" / "examples").exists()
    with pytest.raises(SettingError, match="a model 'two' already"):
        start_training(store, plan, person=ANN, now=NOW)


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({}, SettingError, "No release is named"),
        ({"release": "abcdef"}, NotFoundError, "no release 'abcdef'"),
        ({"release": "known", "name": "../up"}, SettingError, "cannot be the name"),
        ({"release": "known", "start_from": "none"}, UnknownNameError, "no model called 'none'"),
        ({"release": "known", "start_from": "no-run/checkpoint-3"}, NotFoundError, "no run 'no-run'"),
        ({"release": "known", "base_model": "/no/folder"}, SettingError, "no folder"),
        ({"method": "dpo"}, SettingError, "No preference pair counts"),
    ],
)
def test_what_cannot_be_learnt_starts_no_run(released, settings, error, words):
    store, release = released
    plan = read_plan({**settings, **({"release": release} if settings.get("release") == "known" else {})})
    with pytest.raises(error, match=words):
        start_training(store, plan, person=ANN, now=NOW)
    assert manager.list_runs(store.folder) == []
    assert list_models(store.folder) == read_models(store) == []


def test_an_annotator_may_not_train(released):
    store, release = released
    with pytest.raises(AccessDeniedError):
        start_training(store, read_plan({"release": release}), person=AN_ANNOTATOR, now=NOW)


def test_a_gpu_that_is_not_there_is_said_and_nothing_is_lost(released):
    store, release = released
    plan = read_plan({"release": release, "device": "cuda", "tiny_layers": 1, "tiny_hidden": 16})
    status = manager.wait_for_run(store, start_training(store, plan, person=ANN, now=NOW))
    assert (status.state, status.failure_class) == ("failed", "data")
    assert "this machine has none" in status.what
