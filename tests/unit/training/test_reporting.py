"""Figures go elsewhere only where that was asked for and can be done; what is missing is said at once."""

from __future__ import annotations

import pytest

from xlam_backend.errors import MissingPackageError, SettingError
from xlam_backend.training import reporting
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.reporting import refuse_missing_reporters, set_up_reporters

WANDB = TrainingPlan(report_to=("wandb",), name="mine")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT"):
        monkeypatch.setenv(name, "")  # so that what is set is taken back
        monkeypatch.delenv(name)
    for name in ("WANDB_DIR", "WANDB_RUN_ID", "WANDB_NAME", "WANDB_RESUME", "WANDB_LOG_MODEL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", "")


@pytest.fixture
def installed(monkeypatch):
    """Every optional package seems to be there."""
    monkeypatch.setattr(reporting.importlib.util, "find_spec", lambda name: name)


def test_a_plan_that_sends_nothing_needs_nothing():
    refuse_missing_reporters(TrainingPlan())


def test_a_package_that_is_missing_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setattr(reporting.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match="pip install tensorboard"):
        refuse_missing_reporters(TrainingPlan(report_to=("tensorboard",)))


def test_without_a_key_nothing_is_started(installed, monkeypatch):
    with pytest.raises(SettingError, match="WANDB_API_KEY"):
        refuse_missing_reporters(WANDB)
    monkeypatch.setenv("WANDB_MODE", "offline")
    refuse_missing_reporters(WANDB)


def test_a_key_that_was_logged_in_counts(installed, tmp_path):
    (tmp_path / ".netrc").write_text("machine api.wandb.ai login user password x")
    refuse_missing_reporters(WANDB)


def test_each_attempt_goes_on_with_the_same_curves(tmp_path):
    set_up_reporters(tmp_path / "run-7", WANDB)
    told = reporting.os.environ
    assert (told["WANDB_RUN_ID"], told["WANDB_RESUME"], told["WANDB_NAME"]) == ("run-7", "allow", "mine")
    assert told["WANDB_PROJECT"] == "xlam-studio"
    assert told["TENSORBOARD_LOGGING_DIR"] == ""
    set_up_reporters(tmp_path / "run-7", TrainingPlan(report_to=("tensorboard",)))
    assert told["TENSORBOARD_LOGGING_DIR"].endswith("run-7/state/tensorboard")
