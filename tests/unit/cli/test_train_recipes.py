"""`train recipes`, `recipe`, `save-recipe`, `preflight`: as somebody types them."""

from __future__ import annotations

import shlex

import pytest

from tests.training_jobs import fill_and_freeze
from xlam_backend.store.connection import Store
from xlam_backend.training.plan import read_plan
from xlam_backend.training.recipe import PACKAGED


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


@pytest.fixture
def release(store, tmp_path):
    return fill_and_freeze(store, tmp_path / "freeze")


@pytest.fixture
def train(run_group):
    return run_group("train")


def test_recipes_are_listed_printed_and_saved_in_versions(train, release, tmp_path):
    assert [one["recipe"]["name"] for one in train("recipes")] == list(PACKAGED)
    text = train("recipe", "tiny")["text"].replace("name: tiny", "name: mine")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    assert train("save-recipe", "mine.yaml", "--note", "begun")["version"] == 1
    (tmp_path / "mine.yaml").write_text(text.replace("seed: 1", "seed: 2"), encoding="utf-8")
    assert train("save-recipe", "mine.yaml")["version"] == 2
    assert [one["note"] for one in train("recipe", "mine", "--history")] == ["", "begun"]
    (tmp_path / "mine.yaml").write_text("name: mine\nsft:\n  epoch: 1\n", encoding="utf-8")
    refused = train("save-recipe", "mine.yaml", status=1)
    assert "line 3: there is no setting 'epoch'" in refused["error"]["what"]


def test_preflight_says_what_would_happen(train, release):
    found = train("preflight", "--recipe", "tiny", "--release", release[:8], "--name", "first")
    assert found["may_start"] is True
    assert found["work"]["steps"] > 0
    assert found["data"]["row_count"] == 12
    refused = train("preflight", "--recipe", "tiny", "--release", release, "--set", "max_length=16", status=1)
    assert refused["may_start"] is False
    (stops,) = [point for point in refused["points"] if point["level"] == "stops"]
    assert "Raise max_length" in stops["way_out"]


def test_the_command_it_shows_makes_the_same_plan(train, release):
    settings = ("--set", "epochs=2.5", "--set", "lora_targets=q_proj,v_proj", "--set", 'revision="123"')
    found = train("preflight", "--recipe", "tiny", "--method", "dpo", *settings, status=1)
    words = shlex.split(found["command"].replace("\\\n", " "))
    again = train("preflight", *words[words.index("run") + 1 :], status=1)
    assert read_plan(again["plan"]) == read_plan(found["plan"])
    assert again["command"] == found["command"]
