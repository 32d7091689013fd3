"""Train: recipe, data and settings are chosen, the check says what will happen, one click starts it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from tests.training_jobs import fill_and_freeze
from xlam_backend.activities.manager import list_runs, stop_run
from xlam_backend.activities.train_run import KIND
from xlam_backend.owner.app import app_store
from xlam_backend.training.plan import read_plan
from xlam_backend.training.preflight_model import forget_looks
from xlam_backend.training.recipe_shelf import list_training_recipes, open_training_recipe

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def release(pages, tmp_path):
    """A release of a few rows in the app's store."""
    pages.open()
    return fill_and_freeze(app_store(), tmp_path / "freeze")


def setting(pages, name):
    """The widget of a setting."""
    kinds = (pages.app.number_input, pages.app.selectbox, pages.app.text_input, pages.app.toggle)
    (found,) = [one for kind in kinds for one in kind if one.key == f"train_set_{name}"]
    return found


def runs():
    return [run for run in list_runs(app_store().folder) if run.kind == KIND]


def test_without_a_release_it_says_what_to_do(pages):
    assert pages.open("models/train") == "Train"
    assert "No release is frozen yet: mix one first." in pages.words
    assert "✖ one thing stops it" in pages.words
    assert "No release is chosen. Freeze a mixture, then choose it here." in pages.words
    assert pages.app.button(key="train_start").disabled


def test_a_recipe_is_checked_changed_and_started(pages, release):
    assert pages.open("models/train") == "Train"
    assert "✔ it can start" in pages.words
    assert pages.fact("steps") > 0
    assert f"--release {release}" in pages.app.code[-1].value
    setting(pages, "max_length").set_value(16).run()
    assert "Nothing is left to learn" in pages.words
    assert pages.app.button(key="train_start").disabled
    setting(pages, "max_length").set_value(2000).run()
    setting(pages, "learning_rate").set_value(0.002).run()
    assert pages.app.query_params["set"] == '{"learning_rate":0.002,"max_length":2000}'
    assert "--set learning_rate=0.002" in pages.app.code[-1].value
    pages.app.text_input(key="train_name").set_value("first").run()
    pages.app.button(key="train_start").click().run()
    (started,) = runs()
    plan = read_plan(started.params)
    assert (plan.name, plan.recipe, plan.release) == ("first", "tiny", release)
    assert (plan.max_length, plan.learning_rate, plan.base_model) == (2000, 0.002, "tiny")
    stop_run(app_store(), started.run_id, person=A_RESEARCHER, now=NOW)


def test_changes_are_kept_as_a_recipe(pages, release):
    pages.open("models/train", set='{"epochs": 5}')
    pages.app.text_input(key="train_recipe_name_tiny").set_value("mine").run()
    pages.app.button(key="train_save_recipe").click().run()
    assert pages.app.query_params["recipe"] == "mine"
    assert "set" not in pages.app.query_params
    assert open_training_recipe(app_store(), "mine").recipe.sft["epochs"] == 5
    assert setting(pages, "epochs").value == 5
    text = open_training_recipe(app_store(), "mine").text
    pages.app.text_area(key="train_yaml_mine_1").set_value(text.replace("epochs", "epoch")).run()
    pages.app.button(key="train_save_text").click().run()
    assert "did you mean 'epochs'?" in pages.words
    assert list_training_recipes(app_store())[-1].version == 1


def test_settings_that_clash_are_said_and_can_be_mended(pages, release):
    pages.open("models/train", set='{"tuning": "qlora"}')
    assert "The tiny model is not trained in 4 bits." in pages.words
    setting(pages, "tuning").set_value("lora").run()
    assert "✔ it can start" in pages.words


def test_an_address_loads_nothing_from_elsewhere(pages, release):
    pages.open("models/train", set='{"base_model": "someone/model", "seed": "x", "epochs": 2}')
    assert setting(pages, "base_model").value == "tiny"
    assert setting(pages, "epochs").value == 2
    setting(pages, "base_model").set_value("/nowhere").run()
    assert "There is no folder '/nowhere'" in pages.words
    assert "nowhere" not in str(pages.app.query_params)


def test_a_recipe_of_the_paper_is_refused_here_with_its_figures(pages, release, monkeypatch):
    monkeypatch.setenv("PATH", "")  # no nvidia-smi, whatever the machine has
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    forget_looks()
    pages.open("models/train", recipe="xlam-8x7b-r")
    assert "A GPU is asked for" in pages.words
    assert "46.70B" in pages.html
    assert "not on this machine" in pages.words
    assert "792 GB" in pages.words or "GPUs" in pages.words
    assert pages.app.button(key="train_start").disabled


def test_dpo_begins_with_the_pairs_that_count(pages, release):
    pages.open("models/train", method="dpo")
    assert "0 of 0 pairs count." in pages.words
    assert "No preference pair counts under this rule." in pages.words


def test_an_unknown_run_is_said(pages, release):
    pages.open("models/train", settings_of="20260101-000000-abcdef-train")
    assert "A recipe is taken instead." in pages.words


def test_who_may_not_train_is_told(pages, release):
    pages.take_name("ann")
    pages.open("models/train")
    assert not [button for button in pages.app.button if button.key == "train_start"]
