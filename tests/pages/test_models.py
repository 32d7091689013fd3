"""The Models page: what there is, where it comes from, and taking a model away and back."""

from __future__ import annotations

import pytest

from tests.training_runs import write_kept_model
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.manager import list_runs, wait_for_run
from xlam_backend.owner.app import app_store
from xlam_backend.training.exporting import list_model_exports
from xlam_backend.training.models import list_models


@pytest.fixture
def store(pages):
    yield app_store()
    end_all_runs(app_store().folder)


def test_without_models_the_page_says_where_they_come_from(pages, store):
    assert pages.open("models/models") == "Models"
    assert "There is no model yet." in pages.words


def test_a_model_says_what_it_is_and_comes_from(pages, store):
    write_kept_model(store, "base")
    write_kept_model(
        store,
        "better",
        method="dpo",
        parent="base",
        recipe="<i>mine</i>",
        is_scripted=True,
        data_hash="ab" * 9,
    )
    pages.open("models/models")
    assert "learnt what a scripted model wrote" in pages.words
    assert "models?model=better" in pages.html
    pages.open("models/models", model="better")
    assert "learnt, among others, what a scripted model wrote" in pages.words
    assert "Weights of its parent base" in pages.words
    assert "<i>mine</i>" not in pages.html
    assert "It has not been evaluated yet." in pages.words
    pages.open("models/models", model="base")
    assert "better began with these weights" in pages.words


def test_a_model_is_deleted_and_put_back(pages, store):
    write_kept_model(store, "one")
    pages.open("models/models", model="one")
    pages.app.button(key="delete_model").click().run()
    assert list_models(store.folder) == []
    pages.open("models/models")
    assert "There is no model yet." in pages.words
    pages.app.button(key="restore_one").click().run()
    assert [one.name for one in list_models(store.folder)] == ["one"]


def test_a_model_is_exported_and_its_card_is_shown(pages, store):
    write_kept_model(store, "one")
    pages.open("models/models", model="one")
    pages.app.text_input(key="export_licence").set_value("mit").run()
    pages.app.button(key="export_model").click().run()
    wait_for_run(store, list_runs(store.folder)[0].run_id)
    pages.open("models/models")
    assert list_model_exports(store.folder)[0].name == "one"
    assert any("license: mit" in code.value for code in pages.app.code)
    pages.app.button(key="remove_one").click().run()
    assert list_model_exports(store.folder) == []


def test_only_adapters_offer_to_be_merged(pages, store):
    write_kept_model(store, "whole")
    write_kept_model(store, "adapter", tuning="lora")
    pages.open("models/models", model="whole")
    assert "merge_model" not in [button.key for button in pages.app.button]
    pages.open("models/models", model="adapter")
    assert "merge_model" in [button.key for button in pages.app.button]


def test_a_name_from_an_address_that_is_none_is_said(pages, store):
    pages.open("models/models", model="../../etc")
    assert "There is no model called" in pages.words
