"""`export`, `exports` and `lens`: text for people, one JSON document for programs, errors with a way out."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.tokenizers_at_hand import PLAIN, save_tokenizer
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import find_trajectories
from xlam_backend.exports import EXPORT_FORMATS
from xlam_backend.store.connection import Store


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


@pytest.fixture
def run(demo_data, command):
    return command


@pytest.fixture
def trajectory_id(demo_data):
    store = Store.open(demo_data)
    found = (
        find_trajectories(store, Filters(dataset="help_desk_unified_2", min_steps=2)).rows[0].trajectory_id
    )
    store.close()
    return found


def test_the_old_spelling_still_works_and_the_new_one_says_what_was_not_written(demo_data, run, tmp_path):
    old = run("export", str(tmp_path / "old.jsonl"), "--form", "unified_1", "--json")
    assert (old.status, old.json["trajectory_count"]) == (
        0,
        len((tmp_path / "old.jsonl").read_text().splitlines()),
    )
    new = run("export", str(tmp_path / "new.jsonl.gz"), "--format", "xlam_60k", "--json").json
    assert sum(new["refused"].values()) + new["trajectory_count"] == old.json["trajectory_count"]
    assert len(gzip.decompress((tmp_path / "new.jsonl.gz").read_bytes()).splitlines()) == new["record_count"]
    listed = [json.loads(line) for line in (tmp_path / "new.not-written.jsonl").read_text().splitlines()]
    assert {one["reason"] for one in listed} == set(new["refused"])
    said = run("export", str(tmp_path / "said.jsonl"), "--format", "xlam_60k").out
    assert "Not written:" in said


BAD = {
    "an unknown format": (("x.jsonl", "--format", "no_such"), "export format"),
    "an ending that is none": (("x.csv",), "End it in"),
    "an ending the format has not": (("x.parquet", "--format", "sharegpt"), "not written as .parquet"),
    "pairs as trajectories": (("x.jsonl", "--pairs", "--format", "trl_sft"), "holds trajectories, not"),
    "trajectories as pairs": (("x.jsonl", "--format", "trl_dpo"), "holds preference pairs, not"),
    "a template without a tokenizer": (("x.jsonl", "--format", "text_chat_template"), "needs a tokenizer"),
    "a release that is not there": (("x.jsonl", "--release", "abcdef12"), "no release"),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_explained_and_leaves_nothing(demo_data, run, tmp_path, words, said):
    answer = run("export", str(tmp_path / "out" / words[0]), *words[1:])
    assert answer.status == 1
    assert said in answer.err
    assert not list(tmp_path.glob("out/*"))


def test_every_format_is_listed_and_explained(run):
    names = [one["name"] for one in run("exports", "formats", "--json").json]
    assert names == [form.name for form in EXPORT_FORMATS]
    for form in EXPORT_FORMATS:
        told = run("exports", "formats", form.name).out
        assert all(what in told for what in form.cannot_hold)


def test_an_export_in_a_run_is_listed_and_removed(demo_data, run):
    made = run("exports", "run", "--format", "openai_fine_tuning", "--plain", "--json").json
    assert made["state"] == "succeeded"
    (listed,) = run("exports", "list", "--json").json
    assert made["file"] == listed["data"]
    assert run("exports", "remove", made["file"].rsplit("/", 1)[-1]).status == 0
    assert run("exports", "list", "--json").json == []


def test_the_lens_marks_what_is_learnt(run, trajectory_id):
    lines = run("lens", "show", trajectory_id, "--style", "xlam_2_llama").out.splitlines()
    learnt = [line for line in lines if line.startswith("learnt | ")]
    assert len(learnt) == 1
    assert learnt[0].endswith("<|eot_id|>")
    told = run("lens", "show", trajectory_id, "--style", "xlam_2_llama", "--all-steps", "--json").json
    assert "".join(one["text"] for one in told["segments"]).count("<|begin_of_text|>") == 1
    assert sum(one["is_target"] for one in told["segments"]) >= 2
    assert (told["tokens"], told["fit"]) == (None, "unknown")


def test_the_lens_counts_tokens_and_what_is_cut(run, trajectory_id, tmp_path):
    name = save_tokenizer(tmp_path / "tokenizer", PLAIN)
    words = ("lens", "show", trajectory_id, "--style", "chat_template", "--tokenizer", name)
    told = run(*words, "--limit", "50", "--json").json
    assert told["tokens"]["cut_count"] == told["tokens"]["token_count"] - 50
    assert (told["fit"], told["is_marked"]) == ("target gone", False)


def test_the_lens_explains_what_it_cannot_show(run, trajectory_id):
    for words, said in (
        (("--style", "chat_template"), "belongs to a tokenizer"),
        (("--limit", "10"), "counted in tokens"),
        (("--style", "xlam_fc_r", "--step", "2"), "no place for steps before"),
        (("--step", "99"), "no step 99"),
    ):
        answer = run("lens", "show", trajectory_id, *words)
        assert answer.status == 1
        assert said in answer.err
