"""Every command on a store that holds the demo data: text for people, one JSON document for programs."""

from __future__ import annotations

import csv
import json
import shlex

import pytest

from tests.builders import write_records
from xlam_backend.checks import CHECKS
from xlam_backend.flow import STAGES
from xlam_backend.formats import unified_1, unified_2
from xlam_backend.importers import IMPORTERS
from xlam_backend.settings import SAMPLES, person_name
from xlam_backend.store.connection import Store


@pytest.fixture
def store(data_folder):
    store = Store.open(data_folder)
    yield store
    store.close()


@pytest.fixture
def run(command):
    return command


# What needs no argument can be asked of any store.
PLAIN = [
    "overview",
    "errors",
    "datasets",
    "find",
    "tools",
    "check",
    "checks",
    "formats",
    "flow",
    "store",
    "demo",
]


@pytest.mark.parametrize("verb", PLAIN)
def test_plain_commands_answer_on_an_empty_store(run, verb):
    answers = run(verb), run(verb, "--json")
    assert [answer.status for answer in answers] == [0, 0]
    assert answers[0].out
    assert isinstance(answers[1].json, dict | list)


@pytest.mark.parametrize("verb", PLAIN)
def test_plain_commands_answer_on_the_demo_data(demo_data, run, verb):
    answers = run(verb), run(verb, "--json")
    assert [answer.status for answer in answers] == [0, 0]
    assert answers[0].out
    assert answers[1].json or verb in ("demo", "acts")


def test_the_demo_fills_an_empty_store_once(run):
    reports = run("demo", "--json").json
    assert [report["imported"]["dataset"] for report in reports] == sorted(f.stem for f in SAMPLES.iterdir())
    assert all(report["checked"]["finding_count"] for report in reports)
    assert "nothing was added" in run("demo").out


def test_an_import_says_what_came_of_it_and_is_checked(run, tmp_path):
    write_records(tmp_path / "sums.jsonl", 30)
    with (tmp_path / "sums.jsonl").open("a") as file:
        file.write('{"query": "cut off')
    report = run("import", "sums.jsonl", "--dataset", "sums", "--licence", "mine", "--json").json
    imported = report["imported"]
    assert (imported["read_count"], imported["kept_count"], imported["rejected_count"]) == (31, 30, 1)
    assert (imported["dataset"], imported["licence"]) == ("sums", "mine")
    assert report["checked"]["version_count"] == 30


@pytest.mark.parametrize("verb", ["find", "rejects", "tools"])
def test_a_page_far_past_the_end_is_no_bug(demo_data, run, verb):
    far = run(verb, "--page", 10**20, "--page-size", 2, "--json")
    assert far.status == 0, far.err
    assert "rows" in far.json or "page" in far.json


def test_importing_again_changes_nothing(run, tmp_path):
    write_records(tmp_path / "sums.jsonl", 30)
    run("import", "sums.jsonl")
    before = run("overview", "--json").json["totals"]
    again = run("import", "sums.jsonl", "--json").json["imported"]
    assert (again["new_count"], again["repeated_count"]) == (0, 30)
    assert run("overview", "--json").json["totals"] == before


def test_an_unknown_format_names_the_nearest(run, tmp_path):
    write_records(tmp_path / "sums.jsonl", 1)
    answer = run("import", "sums.jsonl", "--format", "xlam_60")
    assert answer.status == 1
    assert "'xlam_60k'" in answer.err


def test_find_narrows_like_explore(demo_data, run):
    everything = run("find", "--json").json
    flagged = run("find", "--level", "flagged", "--page-size", 5, "--json").json
    assert 0 < flagged["total"] < everything["total"]
    assert len(flagged["rows"]) == 5
    assert all(row["finding_counts"].keys() & {"reject", "fix"} for row in flagged["rows"])


def test_show_tells_what_the_checks_say_about_a_trajectory(demo_data, run):
    row = run("find", "--level", "flagged", "--json").json["rows"][0]
    shown = run("show", row["trajectory_id"])
    page = run("show", row["trajectory_id"], "--json").json
    assert page["trajectory"]["query"] == row["query"][:400] or row["query"] in page["trajectory"]["query"]
    for stored in page["findings"]["findings"]:
        assert stored["finding"]["check"] in shown.out


def test_what_is_not_there_is_an_understood_error(demo_data, run):
    for argv in (["show", "0" * 32], ["tool", "no_such_tool"], ["dataset", "remove", "none"]):
        answer = run(*argv)
        assert answer.status == 1
        assert answer.err.startswith("Error: ")


def test_errors_counts_every_flagged_check_of_the_overview(demo_data, run):
    overview = {(row["check"], row["level"]) for row in run("overview", "--json").json["by_check"]}
    errors = {(row["check"], row["level"]) for row in run("errors", "--json").json["by_check"]}
    assert errors
    assert errors <= overview


def test_a_tool_is_shown_with_its_arguments(demo_data, run):
    name = run("tools", "--json").json["lines"][0]["row"]["name"]
    dossier = run("tool", name, "--json").json
    assert dossier["name"] == name
    assert dossier["arguments"][0]["name"] in run("tool", name).out


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_is_explained_with_a_bad_and_a_good_example(run, check):
    explanation = run("checks", "explain", check.name, "--json").json["explanation"]
    assert all(explanation[part] for part in ("summary", "sees", "hurts", "bad", "good", "way_out"))


def test_one_check_can_be_run_alone(run, store, tmp_path):
    write_records(tmp_path / "sums.jsonl", 3)
    run("import", "sums.jsonl")
    assert run("check", "--only", "argument_type", "--json").json["version_count"] == 0
    assert run("check", "--only", "no_such_check").status == 1


def test_formats_and_stages_are_the_registered_ones(run):
    assert [row["name"] for row in run("formats", "--json").json] == [importer.name for importer in IMPORTERS]
    assert [row["name"] for row in run("flow", "--json").json] == [stage.name for stage in STAGES]


@pytest.mark.parametrize(("form", "parse"), [("unified_1", unified_1.parse), ("unified_2", unified_2.parse)])
def test_an_export_can_be_read_again(demo_data, run, tmp_path, form, parse):
    answer = run("export", "out/all.jsonl", "--form", form, "--json")
    lines = (tmp_path / "out" / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert answer.json["trajectory_count"] == len(lines) == run("find", "--json").json["total"]
    assert all(parse(json.loads(line)).query is not None for line in lines)


def test_removing_a_dataset_shows_first_and_removes_when_told(demo_data, run):
    name = run("datasets", "--json").json[0]["name"]
    shown = run("dataset", "remove", name, "--json").json
    assert shown["removed"] is False
    assert name in [row["name"] for row in run("datasets", "--json").json]
    done = run("dataset", "remove", name, "--yes", "--json").json
    assert done["removal"] == shown["removal"]
    assert name not in [row["name"] for row in run("datasets", "--json").json]


def fixable(run):
    """A trajectory with a fixable finding, and that finding."""
    row = run("find", "--fixed", "fixable", "--json").json["rows"][0]
    page = run("show", row["trajectory_id"], "--json").json
    return page, next(stored for stored in page["findings"]["findings"] if stored["finding"]["fix"])


def findings_of(run, page):
    return run("show", page["trajectory_id"], "--json").json["findings"]["findings"]


def test_a_fix_is_previewed_applied_and_taken_back(demo_data, run):
    page, stored = fixable(run)
    number = stored["finding_no"]
    preview = run("fix", number, "--preview", "--json").json
    assert preview["changes"]
    assert run("find", "--fixed", "fixed", "--json").json["total"] == 0
    applied = run("fix", number, "--json").json
    assert applied["changes"] == preview["changes"]
    assert number not in [left["finding_no"] for left in findings_of(run, page)]
    acts = run("acts", "--json").json
    assert [(act["actor"], act["kind"]) for act in acts] == [(person_name(), "one")]
    assert run("undo", applied["act_no"]).status == 0
    assert number in [left["finding_no"] for left in findings_of(run, page)]
    assert run("undo", applied["act_no"]).status == 1


def test_a_family_is_previewed_and_mended_in_one_act(demo_data, run):
    _, stored = fixable(run)
    family = stored["family"]
    preview = run("fix", "--family", family, "--preview", "--json").json
    report = run("fix", "--family", family, "--json").json
    assert report["fixed_count"] == preview["trajectory_count"]
    assert len(run("acts", "--json").json) == 1
    assert run("fix", "--family", family).status == 1


@pytest.mark.parametrize("argv", [["fix"], ["fix", "1", "--family", "x"], ["fix", "one"], ["undo"]])
def test_fixing_nothing_in_particular_is_wrong_usage(run, argv):
    assert run(*argv).status == 2


def test_a_finding_that_is_not_there_is_an_understood_error(demo_data, run):
    assert run("fix", "999999").status == 1
    assert run("undo", "999999").status == 1


def test_rejects_are_listed_and_come_out_as_they_went_in(run, tmp_path):
    broken = [b'{"query": "cut off', b"\xff\xfe no text", b'[1, "\x1b[2J"]']
    write_records(tmp_path / "sums.jsonl", 2)
    with (tmp_path / "sums.jsonl").open("ab") as file:
        file.write(b"\n".join(broken) + b"\n")
    run("import", "sums.jsonl")
    listed = run("rejects", "--json").json
    assert (listed["total"], [row["line"] for row in listed["page"]["rows"]]) == (3, [3, 4, 5])
    assert "\x1b" not in run("rejects").out
    assert run("rejects", "--output", "broken/lines.txt").status == 0
    assert (tmp_path / "broken" / "lines.txt").read_bytes().splitlines() == broken
    assert run("rejects", "--dataset", "another", "--json").json["total"] == 0


def test_a_file_that_cannot_be_written_is_an_understood_error(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    answer = run("rejects", "--output", "file/rejects.txt")
    assert answer.status == 1
    assert "cannot be written" in answer.err


def test_families_name_the_command_that_mends_them(demo_data, run):
    family = run("families", "--json").json[0]
    line = next(line for line in run("families").out.splitlines() if "fix --preview" in line)
    words = shlex.split(line)
    assert words[:3] == ["python", "-m", "xlam_backend"]
    assert run(*words[3:], "--json").json["family"] == family["family"]


def test_errors_come_as_csv(demo_data, run):
    rows = list(csv.DictReader(run("errors", "--csv").out.splitlines()))
    assert len(rows) > len(run("errors", "--json").json["by_check"])


@pytest.mark.parametrize("option", ["--dataset", "--source", "--check"])
def test_a_mistyped_filter_is_an_error_and_no_empty_list(option, run):
    answer = run("find", option, "no_such_name", "--json")
    assert answer.status == 1
    assert "no_such_name" in answer.json["error"]["what"]
