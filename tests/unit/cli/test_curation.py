"""The commands of general-instruction data, licences, categories and contamination, with real runs."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.unit.activities.conftest import end_all_runs
from xlam_backend.embeddings.vector_cache import FOLDER
from xlam_backend.store.connection import Store


@pytest.fixture(scope="module")
def kept_vectors(tmp_path_factory):
    """What the tests have embedded so far: the model is loaded where there is a text that is new."""
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture
def store(demo_data, kept_vectors):
    vectors = demo_data / FOLDER
    shutil.copytree(kept_vectors, vectors)
    opened = Store.open(demo_data)
    yield opened
    end_all_runs(opened.folder)
    opened.close()
    shutil.copytree(vectors, kept_vectors, dirs_exist_ok=True)


def import_quiz(command, tmp_path):
    rows = [
        {"id": 1, "instruction": "a good way to GROW potatoes in a bucket", "output": "?"},
        {"id": 2, "instruction": "", "output": "x"},
    ]
    rows += [{"id": at, "instruction": f"Name city number {at}.", "output": "x"} for at in range(3, 9)]
    path = tmp_path / "quiz.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert command("import", path, "--dataset", "quiz", "--json").status == 0


def test_an_evaluation_set_is_found_in_training_data_by_words_and_by_meaning(command, tmp_path):
    refused = command("contamination", "search")
    assert refused.status == 1
    assert "No dataset is marked" in refused.err
    import_quiz(command, tmp_path)
    assert command("contamination", "mark", "quiz").status == 0
    searched = command(
        "contamination",
        "search",
        "--method",
        "n-gram",
        "--method",
        "embedding",
        "--gram-words",
        "6",
        "--json",
    )
    found = {each["method"]: each for each in searched.json["results"]}
    assert found["n-gram"]["match_count"] == 2  # asked for in two ways
    assert found["embedding"]["match_count"] >= 1
    pairs = command("contamination", "pairs", "--method", "n-gram", "--json").json
    assert {pair["evaluation_query"] for pair in pairs["rows"]} == {"a good way to GROW potatoes in a bucket"}
    flagged = command("find", "--check", "contamination", "--json").json
    assert flagged["total"] == len(
        {pair["trajectory_id"] for pair in command("contamination", "pairs", "--json").json["rows"]}
    )
    for each in found.values():
        assert command("contamination", "undo", each["search_no"]).status == 0
    assert command("find", "--check", "contamination", "--json").json["total"] == 0
    assert command("contamination", "undo", "99").status == 1


@pytest.mark.parametrize(
    "wrong",
    [("--gram-words", "1"), ("--least-share", "0"), ("--least-cosine", "2"), ("--dataset", "nobody")],
)
def test_a_search_that_makes_no_sense_is_refused(command, tmp_path, wrong):
    import_quiz(command, tmp_path)
    command("contamination", "mark", "quiz")
    assert command("contamination", "search", *wrong).status == 1


def test_requests_are_sorted_and_the_groups_renamed(command):
    sorted_into = command("categories", "sort", "--count", "4", "--json").json
    assert sorted_into["trajectory_count"] == 44
    assert sum(each["count"] for each in sorted_into["categories"]) == 44
    assert command("categories", "rename", "1", "Kitchen").status == 0
    assert command("categories", "merge", "2", "1").status == 0
    listed = command("categories", "list", "--json").json["categories"]
    assert [(each["name"], each["merged"]) for each in listed if each["merged"]] == [("Kitchen", [2])]
    again = command("categories", "sort", "--count", "4", "--json").json
    assert [each["words"] for each in again["categories"]] == [
        each["words"] for each in sorted_into["categories"]
    ]


def test_general_data_and_licences_are_shown_and_corrected(command):
    shown = command("general", "show", "--json").json
    assert (shown["count"], shown["clean_count"]) == (44, 40)
    assert command("general", "words", "--json").json["list"] == "inappropriate_content.txt"
    assert command("general", "check-again", "--json").json["taken_back"] == 2
    assert command("general", "show", "--json").json == shown
    said = command("licences", "say", "ask the author", "yes", "--note", "we asked", "--json").json
    assert said["newly_flagged"] == 0
    assert command("general", "show", "--json").json["clean_count"] == 40  # it was a warning only
    assert command("licences", "set", "MIT").status == 2
    assert (
        command("licences", "set", "", "--dataset", "everyday_questions", "--json").json["newly_flagged"]
        == 42
    )
    sources = {each["dataset"]: each for each in command("licences", "sources", "--json").json}
    assert sources["everyday_questions"]["licence"]["commercial"] == "unknown"
    assert any(each["key"] == "cc-by-4.0" for each in command("licences", "table", "--json").json)
    assert command("check", "--only", "licence").status == 1
