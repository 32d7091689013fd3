"""Training recipes: the packaged ones, reading with faults by line, own ones in versions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import AN_ADMIN, AN_ANNOTATOR
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, SettingError, UnknownNameError
from xlam_backend.mixture.recipe_text import RecipeFaultError
from xlam_backend.store.connection import Store
from xlam_backend.training.model_shapes import KNOWN_SHAPES
from xlam_backend.training.plan import TINY
from xlam_backend.training.recipe import PACKAGED, RECIPES_FOLDER, packaged_text, plan_of
from xlam_backend.training.recipe_shelf import (
    changed_recipe_text,
    list_training_recipes,
    open_training_recipe,
    packaged_recipe,
    read_training_recipe_versions,
    recipe_plan,
    save_training_recipe,
)
from xlam_backend.training.recipe_text import read_training_recipe, write_training_recipe

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OWN = "name: mine\nsft:\n  learning_rate: 5e-6\n"


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


def test_every_file_is_listed():
    assert sorted(path.stem for path in RECIPES_FOLDER.glob("*.yaml")) == sorted(PACKAGED)


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged_recipes_are_for_sft_and_dpo(name):
    recipe = packaged_recipe(name).recipe
    assert recipe.name == name
    assert recipe.methods == ("sft", "dpo")
    sft, dpo = plan_of(recipe, "sft"), plan_of(recipe, "dpo")
    assert (sft.method, dpo.method, sft.recipe) == ("sft", "dpo", name)
    assert sft.base_model == dpo.base_model
    assert dpo.tuning == "lora"
    assert (sft.scheduler, dpo.dpo_beta) == ("cosine", 0.1)
    assert read_training_recipe(write_training_recipe(recipe)) == recipe


@pytest.mark.parametrize("name", [name for name in PACKAGED if name != "tiny"])
def test_the_papers_recipes_say_what_the_paper_says(name):
    recipe = packaged_recipe(name).recipe
    plan = plan_of(recipe, "sft")
    assert plan.tuning == ("lora" if name == "xlam-8x22b-r" else "full")
    assert (plan.warmup_steps, plan.sharding) == (100, "fsdp")
    assert recipe.context == KNOWN_SHAPES[plan.base_model].context
    assert plan.max_length <= recipe.context


def test_the_tiny_recipe_needs_nothing_from_outside():
    plan = plan_of(packaged_recipe("tiny").recipe, "sft")
    assert (plan.base_model, plan.device) == (TINY, "cpu")


def test_what_is_chosen_goes_before_the_recipe():
    plan = plan_of(packaged_recipe("tiny").recipe, "sft", epochs=1, release="abcdef")
    assert (plan.epochs, plan.release) == (1, "abcdef")
    with pytest.raises(SettingError, match="no setting 'epoch'"):
        plan_of(packaged_recipe("tiny").recipe, "sft", epoch=1)


def test_a_recipe_for_one_method_refuses_the_other():
    with pytest.raises(SettingError, match="not for dpo"):
        plan_of(read_training_recipe(OWN), "dpo")


def test_numbers_may_be_written_as_people_write_them():
    assert plan_of(read_training_recipe(OWN), "sft").learning_rate == 5e-6
    listed = read_training_recipe("name: x\nsft:\n  lora_targets: q_proj, v_proj\n")
    assert plan_of(listed, "sft").lora_targets == ("q_proj", "v_proj")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: x\nsft:\n  epoch: 3\n", 3, "did you mean 'epochs'"),
        ("name: x\nsft:\n  epochs: 0\n", 3, "epochs"),
        ("name: x\nsft:\n  epochs: many\n", 3, "epochs"),
        ("name: x\nsft:\n  release: abcdef\n", 3, "belongs to a run"),
        ("name: x\nsft: {}\nsetings: {}\n", 3, "did you mean 'settings'"),
        ("name: x\n", 1, "a section `sft:` or `dpo:`"),
        ("sft: {}\n", 1, "a name has letters"),
        ("name: x\nsft: 3\n", 2, "holds settings"),
        ("name: x\ndpo:\n  packing: true\n", 2, "Pairs cannot be packed"),
        ("name: x\nsft: {}\ncontext: wide\n", 3, "context: expected `int`"),
        ("name: x\nsft: {}\ndescription: [a]\n", 3, "description: expected `str`"),
        ("name: x\ndpo:\n  pairs: {rul: margin}\n", 3, "no key 'rul'"),
        ("name: x\ndpo:\n  pairs: {filters: {tol: x}}\n", 3, "no key 'tol'"),
        ("name: x\nsft:\n  base_model: ''\n", 3, "base_model"),
        ("name: x\nsft:\n  epochs: 1e309\n", 3, "epochs"),
        ("name: x\nsft:\n  max_steps: 99999999999999999999\n", 3, "max_steps"),
        ("name: x\ndpo:\n  dpo_beta: inf\n", 3, "dpo_beta"),
        ("name: &a x\nsft:\n  epochs: *a\n", 1, "anchors"),
        ("name: x\nsft:\n  epochs: 1\n  epochs: 2\n", 4, "a second time"),
        ("- a\n", 1, "list of keys"),
        ("name: [\n", 2, "no YAML"),
    ],
)
def test_faults_name_their_line(text, line, words):
    with pytest.raises(RecipeFaultError) as caught:
        read_training_recipe(text)
    assert any(fault.line == line and words in fault.words for fault in caught.value.faults)


def test_own_recipes_come_in_versions(store):
    first = save_training_recipe(store, OWN, person=AN_ADMIN, now=NOW, note="begun")
    same = save_training_recipe(store, OWN, person=AN_ADMIN, now=NOW)
    second = save_training_recipe(store, OWN + "  epochs: 2\n", person=AN_ADMIN, now=NOW)
    assert (first.version, same.version, second.version) == (1, 1, 2)
    assert open_training_recipe(store, "mine").version == 2
    assert recipe_plan(store, "mine", "sft", version=1).epochs == 1
    plan = recipe_plan(store, "mine", "sft")
    assert (plan.epochs, plan.recipe_version) == (2, 2)
    assert [one.note for one in read_training_recipe_versions(store, "mine")] == ["", "begun"]
    assert [one.name for one in list_training_recipes(store)] == [*PACKAGED, "mine"]


def test_names_and_versions_that_are_not_there(store):
    with pytest.raises(UnknownNameError, match="Did you mean 'tiny'"):
        open_training_recipe(store, "tny")
    with pytest.raises(NotFoundError, match="no version 3"):
        open_training_recipe(store, "tiny", 3)


def test_a_packaged_name_is_taken(store):
    with pytest.raises(InputError, match="packaged"):
        save_training_recipe(store, packaged_text("tiny"), person=AN_ADMIN, now=NOW)


def test_who_may_not_train_saves_no_recipe(store):
    with pytest.raises(AccessDeniedError):
        save_training_recipe(store, OWN, person=AN_ANNOTATOR, now=NOW)


def test_an_old_text_that_cannot_be_used_any_more_hides_nothing(store):
    save_training_recipe(store, OWN, person=AN_ADMIN, now=NOW)
    with store.write() as cursor:
        cursor.execute("UPDATE training_recipe SET text = 'name: mine\nsft:\n  gone: 1\n'")
    listed = list_training_recipes(store)[-1]
    assert listed.name == "mine"
    assert listed.recipe.methods == ()
    assert "no setting 'gone'" in listed.fault


def test_changes_become_an_own_recipe():
    text = changed_recipe_text(packaged_recipe("tiny").recipe, "sft", "mine", {"epochs": 2.0})
    made = read_training_recipe(text)
    assert plan_of(made, "sft").epochs == 2
    assert plan_of(made, "dpo").epochs == plan_of(packaged_recipe("tiny").recipe, "dpo").epochs
