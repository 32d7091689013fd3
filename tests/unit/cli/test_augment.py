"""`augment preview` shows what would become of a trajectory."""

from __future__ import annotations

import pytest

from xlam_backend.output_formats import OUTPUT_FORMATS, output_format_by_name
from xlam_backend.store.connection import Store


@pytest.fixture
def store(demo_data):
    store = Store.open(demo_data)
    yield store
    store.close()


@pytest.fixture
def run(run_group):
    return run_group("augment")


@pytest.fixture
def trajectory_id(command):
    return command("find", "--page-size", 1, "--json").json["rows"][0]["trajectory_id"]


def test_the_same_seed_shows_the_same(run, trajectory_id):
    found = run("preview", trajectory_id, "--seed", 7, "--format", "yaml", "--style", "tags")
    assert found == run("preview", trajectory_id, "--seed", 7, "--format", "yaml", "--style", "tags")
    assert found["change_of_meaning"] == ""
    assert found["parent_id"] == trajectory_id
    assert "<query>\n" in found["prompt"]
    assert output_format_by_name("yaml").parse(found["answer"])


@pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)
def test_every_format_is_shown(run, trajectory_id, form):
    words = run("preview", trajectory_id, "--seed", 1, "--format", form.name, "--keep-order", text=True)
    assert f"format {form.name}\nMeaning: unchanged" in words


def test_a_step_that_is_not_there_is_refused(run, trajectory_id):
    words = run("preview", trajectory_id, "--seed", 1, "--step", 99, status=1, text=True)
    assert "steps. Choose" in words.replace("\n", " ")


def test_what_is_made_is_listed_and_removed(run):
    assert "Nothing was made yet" in run("list", text=True)
    made = run("run", "--seed", 3, "--format", "all", "--dataset", "help_desk_unified_2", "--size", 5)
    assert (made["dataset"], made["made"], made["new"]) == ("help_desk_unified_2 augmented", 5, 5)
    (listed,) = run("list")
    assert listed["dataset"]["trajectory_count"] == 5
    shown = run("remove", "help_desk_unified_2 augmented")
    assert (shown["removed"], shown["removal"]["trajectory_count"]) == (False, 5)
    run("remove", "help_desk_unified_2 augmented", "--yes")
    assert run("list") == []
    words = run("remove", "help_desk_unified_2", "--yes", status=1, text=True)
    assert "dataset made from others" in words


def test_rephrasing_is_estimated_without_an_endpoint_and_started_with_none(run):
    estimate = run("rephrase", "--estimate", "--dataset", "reading_room_unified_1", "--size", 0)
    assert 0 < estimate["instruction_count"] <= estimate["trajectory_count"]
    assert "endpoint" in run("rephrase", status=1, text=True)
