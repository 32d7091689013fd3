"""The GPUs that runs may use: those of the driver, without what CUDA_VISIBLE_DEVICES hides."""

import pytest

from tests.machines import give_gpus
from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Places
from xlam_backend.runs.devices import PROCESSOR
from xlam_backend.training.devices import places_for
from xlam_backend.training.hardware import gpu_numbers, read_hardware
from xlam_backend.training.plan import TrainingPlan


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        (None, ("0", "1", "2", "3")),
        ("", ()),
        ("2, 0", ("2", "0")),
        ("1,1", ("1",)),
        ("3,-1,0", ("3",)),
        ("7,0", ()),
        ("GPU-2a2b,GPU-0", ("2", "0")),
        ("MIG-4f2c", ("MIG-4f2c",)),
    ],
)
def test_what_is_hidden_is_not_there(monkeypatch, tmp_path, visible, found):
    give_gpus(monkeypatch, tmp_path / "bin", 4, visible=visible)
    assert gpu_numbers() == found
    assert len(read_hardware().gpus) == len(found)


def test_memory_and_load_are_those_of_the_gpu_that_is_named(monkeypatch, tmp_path):
    give_gpus(monkeypatch, tmp_path / "bin", 4, visible="3")
    (gpu,) = read_hardware().gpus
    assert (gpu.free_bytes // 2**20, gpu.busy_share) == (83_000, 0.3)


def test_without_a_driver_there_is_no_gpu(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert gpu_numbers() == ()


@pytest.mark.parametrize(
    ("plan", "gpus", "places"),
    [
        (TrainingPlan(), ("0", "1"), Places(2, ("0", "1"))),
        (TrainingPlan(devices=1, device="cuda"), ("0", "1"), Places(1, ("0", "1"))),
        (TrainingPlan(devices=3, device="cpu"), ("0", "1"), Places(1, (PROCESSOR,))),
        (TrainingPlan(devices=2), (), Places(1, (PROCESSOR,))),
    ],
)
def test_a_training_waits_for_the_devices_it_asks_for(plan, gpus, places):
    assert places_for(plan, gpus) == places


def test_more_devices_than_there_are_are_refused():
    with pytest.raises(SettingError, match="3 GPUs are asked for, and this machine has 2"):
        places_for(TrainingPlan(devices=3), ("0", "1"))
