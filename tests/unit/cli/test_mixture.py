"""`mixture` and `releases`, as somebody types them: from a preset to a release that is verified."""

from __future__ import annotations

import pytest

from xlam_backend.store.connection import Store


@pytest.fixture
def store(demo_data):
    store = Store.open(demo_data)
    yield store
    store.close()


@pytest.fixture
def mixture(run_group):
    return run_group("mixture")


@pytest.fixture
def releases(run_group):
    return run_group("releases")


RULES = "rules:\n  licence_unknown: leave out\n"


def test_from_a_preset_to_a_release_that_is_verified(mixture, releases, tmp_path):
    saved = mixture("new", "--preset", "xlam-fc", "--name", "mine")
    assert (saved["name"], saved["version"]) == ("mine", 1)
    refused = mixture("freeze", "mine", status=1)
    assert "(rule licence_unknown)" in refused["error"]["what"]
    (tmp_path / "mine.yaml").write_text(saved["text"] + RULES, encoding="utf-8")
    assert mixture("new", "--file", "mine.yaml", "--note", "licences")["version"] == 2
    preview = mixture("preview", "mine")
    assert preview["problems"] == []
    by_name = {source["name"]: source["taken"] for source in preview["sources"]}
    assert by_name["synthetic function calling"] == preview["row_count"] / 2
    made = mixture("freeze", "mine")
    assert (made["state"], made["rows"]) == ("succeeded", preview["row_count"])
    (listed,) = releases("list")
    assert listed["release_id"] == made["release"]
    name = made["release"][:8]
    assert releases("verify", name)["is_whole"]
    (row,) = releases("rows", name, "--count", 1)
    assert row["lineage"][0]["kind"] == "raw record"
    assert releases("rows", name, "--row", row["row_id"]) == row
    assert releases("compare", name, name)["only_left"] == 0
    assert f"# {listed['name']}" in releases("show", name)["card"]
    releases("remove", name, status=2)
    assert releases("remove", name, "--yes", name)["is_archived"]
    assert releases("list") == []


def test_what_is_left_out_is_listed_and_written(mixture, tmp_path):
    (tmp_path / "all.yaml").write_text(f"name: all\n{RULES}sources:\n- name: x\n", encoding="utf-8")
    mixture("new", "--file", "all.yaml")
    page = mixture("left-out", "all", "--count", 3)
    total = page["total"]
    assert len(page["rows"]) == 3
    assert total == sum(count["row_count"] for count in mixture("preview", "all")["left_out"])
    mixture("left-out", "all", "--to", "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "trajectory_id,source,dataset,reason,query"
    assert len(lines) == 1 + total


def test_a_damaged_release_is_told_by_the_exit_status(mixture, releases, store, tmp_path):
    (tmp_path / "all.yaml").write_text(f"name: all\n{RULES}sources:\n- name: x\n", encoding="utf-8")
    mixture("new", "--file", "all.yaml")
    name = mixture("freeze", "all")["release"]
    part = store.folder / "releases" / name / "part-00000.parquet"
    part.chmod(0o644)
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    found = releases("verify", name, status=1)
    assert found["damages"] == [{"file": "part-00000.parquet", "words": "has other content"}]


def test_a_fault_in_a_recipe_is_told_with_its_line(mixture, tmp_path):
    (tmp_path / "bad.yaml").write_text("name: a\nsources:\n- name: x\n  share: 120 %\n", encoding="utf-8")
    assert "line 4" in mixture("new", "--file", "bad.yaml", status=1)["error"]["what"]
