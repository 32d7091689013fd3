"""`train list|show|compare|drop-checkpoints` and `models`, as somebody types them."""

from __future__ import annotations

import pytest

from tests.training_runs import write_checkpoint, write_kept_model, write_samples, write_training
from xlam_backend.store.connection import Store
from xlam_backend.training.plan import TrainingPlan


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


@pytest.fixture
def train(run_group):
    return run_group("train")


@pytest.fixture
def models(run_group):
    return run_group("models")


def test_training_runs_are_shown_and_compared(store, train):
    folder = write_training(store.folder, "one", TrainingPlan(release="0" * 32, name="small"))
    write_samples(folder, 40)
    write_training(store.folder, "two", TrainingPlan(method="dpo", name="pairs"), more={"loss": float})
    shown = train("show", "one", "--points", "5")
    assert (shown["step"], shown["state"], shown["attempt"]) == (40, "succeeded", 1)
    assert len(shown["curves"]["loss"]["steps"]) <= 9
    assert shown["samples"][0]["written"] == "[book(table=0)]"
    assert "set: name = small" in train("show", "one", text=True)
    compared = train("compare", "one", "two")
    by_name = {row["name"]: row["values"] for row in compared["settings"]}
    assert by_name["method"] == {"small": "sft", "pairs": "dpo"}
    assert "method" in train("compare", "one", "two", text=True)
    assert {run["run_id"] for run in train("list")} == {"one", "two"}
    assert "cannot be compared" in train("compare", "one", status=1)["error"]["what"]


def test_a_figure_that_is_no_number_is_null(store, train):
    write_training(store.folder, "one", steps=3, more={"loss": lambda step: float("nan")})
    shown = train("show", "one")
    assert shown["curves"]["loss"]["values"] == [None, None, None]
    assert shown["loss"] is None


def test_checkpoints_are_dropped_by_name(store, train):
    folder = write_training(store.folder, "one", state="stopped")
    write_checkpoint(folder, 10)
    assert train("drop-checkpoints", "one", "checkpoint-10")["byte_count"] > 4_096
    assert train("checkpoints", "one") == []


def test_a_model_goes_and_comes_back(store, models):
    write_kept_model(store, "one")
    assert [one["name"] for one in models("list")] == ["one"]
    assert models("show", "one")["ancestors"] == []
    assert models("delete", "one", "--because", "too old")["deleted"]
    assert models("list") == []
    assert [one["name"] for one in models("list", "--deleted")] == ["one"]
    models("restore", "one")
    models("delete", "one")
    models("free", "one", status=2, text=True)
    assert models("free", "one", "--yes")["names"] == ["one"]
    assert models("list", "--deleted") == []


def test_a_model_is_exported_by_a_command(store, models):
    write_kept_model(store, "one")
    made = models("export", "one", "--licence", "mit")
    assert made["folder"].endswith("model_exports/one")
    assert [one["name"] for one in models("exports")] == ["one"]
    assert models("remove-export", "one")["removed"]
    assert "whole model already" in models("merge", "one", status=1)["error"]["what"]
