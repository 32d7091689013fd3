"""An exported model: weights as they are, no pickles, no folders of this machine, an honest card."""

from __future__ import annotations

import hashlib
import json

import pytest
import yaml

from tests.builders import A_RESEARCHER
from tests.training_runs import BEGAN, write_kept_model
from xlam_backend.activities.manager import wait_for_run
from xlam_backend.activities.model_export_run import remove_model_export, start_model_export
from xlam_backend.errors import InputError, NotFoundError, SettingError, StoppedError
from xlam_backend.releases.manifest import Manifest
from xlam_backend.store.connection import Store
from xlam_backend.training.exporting import ModelExportPlan, list_model_exports, plan_export, write_export
from xlam_backend.training.model_card import CardFacts, write_model_card
from xlam_backend.training.model_shelf import ModelScore
from xlam_backend.training.plan import TrainingPlan, write_plan

FILES = {
    "model.safetensors": b"w" * 9_000,
    "config.json": b'{"_name_or_path": "/home/ann/models/x", "hidden_size": 16}',
    "tokenizer.json": b'{"model": {}}',
    "chat_template.jinja": b"{{ messages }}",
    "training_args.bin": b"a pickle",
    "optimizer.pt": b"a pickle",
}
SCORE = ModelScore(1, "questions_demo", "v4", "prompt", BEGAN, None, 61.5, 50.0, 71.2, 48, 78)
PLAN = TrainingPlan(
    release="0" * 32, name="one", base_model="/home/ann/models/x", note="a secret note", seed=5
)


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


def header_of(card):
    return yaml.safe_load(card.split("---\n")[1])


def a_card(store, name="one", *, scores=(), release=None, **facts):
    record = write_kept_model(store, name, plan=write_plan(PLAN), **facts)
    return write_model_card(CardFacts(record, release, scores))


def test_only_what_is_read_goes_along_and_nothing_names_this_machine(store, tmp_path):
    write_kept_model(store, "one", files=FILES)
    job = plan_export(store, ModelExportPlan("one"))
    assert job.left_out == ("optimizer.pt", "training_args.bin")
    written = write_export(job, tmp_path / "out", tell=lambda _: None, should_stop=lambda: False)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "README.md",
        "SHA256SUMS",
        "chat_template.jinja",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    assert json.loads((tmp_path / "out" / "config.json").read_text()) == {"hidden_size": 16}
    assert written.file_count == 5
    for line in (tmp_path / "out" / "SHA256SUMS").read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
    assert "/home/ann" not in "".join(path.read_text() for path in (tmp_path / "out").iterdir())


def test_an_export_that_is_stopped_says_so(store, tmp_path):
    write_kept_model(store, "one", files=FILES)
    job = plan_export(store, ModelExportPlan("one"))
    with pytest.raises(StoppedError):
        write_export(job, tmp_path / "out", tell=lambda _: None, should_stop=lambda: True)


def test_an_adapter_on_a_local_model_is_refused_with_the_way_out(store):
    for name, base in (("local", "/home/ann/base"), ("hub", "Qwen/Qwen3-0.6B")):
        config = json.dumps({"base_model_name_or_path": base}).encode()
        files = {"adapter_model.safetensors": b"w", "adapter_config.json": config}
        write_kept_model(store, name, files=files, tuning="lora", base_model=base)
    with pytest.raises(InputError, match="Merge it first"):
        plan_export(store, ModelExportPlan("local"))
    assert "adapter_config.json" in plan_export(store, ModelExportPlan("hub")).files
    assert header_of(plan_export(store, ModelExportPlan("hub")).card) == {
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "license": "other",
        "base_model": "Qwen/Qwen3-0.6B",
        "base_model_relation": "adapter",
        "tags": ["function-calling", "tool-use", "trl", "sft"],
    }


@pytest.mark.parametrize("licence", ["no\nlicence", "a: b", "-x"])
def test_a_licence_is_a_key(store, licence):
    write_kept_model(store, "one", files=FILES)
    with pytest.raises(SettingError):
        plan_export(store, ModelExportPlan("one", licence))
    assert header_of(plan_export(store, ModelExportPlan("one", "apache-2.0")).card)["license"] == "apache-2.0"


def test_a_model_without_safe_weights_is_refused(store):
    write_kept_model(store, "one", files={"pytorch_model.bin": b"a pickle", "config.json": b"{}"})
    with pytest.raises(NotFoundError, match="safetensors"):
        plan_export(store, ModelExportPlan("one"))


def test_a_card_tells_no_secrets_and_makes_up_no_score(store):
    card = a_card(store, base_model="/home/ann/models/x")
    assert "base_model" not in header_of(card)
    assert "model-index" not in header_of(card)
    assert "It has not been evaluated." in card
    assert "a secret note" not in card
    assert "/home/ann" not in card
    assert "seed: 5" in card


def test_a_card_holds_scores_with_what_stands_behind_them_but_no_scripted_ones(store):
    scripted = ModelScore(2, "q", "v4", "prompt", BEGAN, 99.0, 99.0, 98.0, 100.0, 9, 9, is_scripted=True)
    card = a_card(store, scores=(SCORE, scripted))
    (result,) = header_of(card)["model-index"][0]["results"]
    assert result["metrics"] == [
        {"type": "accuracy", "name": "accuracy over the categories run", "value": 61.5}
    ]
    assert "61.50 (50 to 71.2)" in card
    assert "48 of 78" in card
    assert "q (answered by a scripted model, no real score)" in card


def test_a_card_shows_names_from_data_as_text(store):
    release = Manifest(
        name="<b>mix</b>",
        seed=1,
        recipe="",
        row_count=3,
        token_count=9,
        token_rule="words",
        datasets={"*a* | b": 3},
        licences={"mit": 3},
    )
    card = a_card(store, release=release, release_id="ab" * 16)
    assert "<b>mix" not in card
    assert r"\*a\* \| b" in card
    gone = a_card(store, "two", release_id="ab" * 16)
    assert "which is gone" in gone


def test_the_run_puts_a_folder_in_place_and_another_beside_it(store):
    write_kept_model(store, "one", files=FILES)
    run_id = start_model_export(store, ModelExportPlan("one"), person=A_RESEARCHER, now=BEGAN)
    assert wait_for_run(store, run_id).outcome["left out"] == ["optimizer.pt", "training_args.bin"]
    (made,) = list_model_exports(store.folder)
    assert made.name == "one"
    assert (made.folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    remove_model_export(store, "one", person=A_RESEARCHER, now=BEGAN)
    assert list_model_exports(store.folder) == []
    with pytest.raises(NotFoundError):
        remove_model_export(store, "../models/one", person=A_RESEARCHER, now=BEGAN)
