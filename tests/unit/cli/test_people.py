"""`people`, `audit`, `review-export`, and every command in the role that the machine's account has."""

from __future__ import annotations

import json

import pytest

from xlam_backend.settings import SAMPLES, person_name
from xlam_backend.store.connection import Store

ME = person_name()


@pytest.fixture
def store(demo_data):
    opened = Store.open(demo_data)
    yield opened
    opened.close()


@pytest.fixture
def run(command):
    return command


def test_roles_are_given_listed_and_taken(run):
    assert run("people", "role", "rita", "researcher").out == "rita is researcher now.\n"
    assert run("people", "role", "eve", "none").out == "eve may not work here any more.\n"
    listed = {one["name"]: one["role"] for one in json.loads(run("people", "list", "--json").out)}
    assert listed == {ME: "admin", "ada": "annotator", "rita": "researcher", "eve": None}
    assert run("people", "role", "rita", "king").status == 2


def test_the_log_is_filtered_and_paged(run):
    run("people", "role", "rita", "researcher")
    page = json.loads(run("audit", "--action", "manage people", "--person", ME, "--json").out)
    assert [row["subject"] for row in page["rows"]] == ["person rita"]
    assert page["total"] == 1
    said = run("audit", "--text", "city_services", "--page-size", 1)
    assert "dataset city_services_60k" in said.out
    assert "1 of 1" in said.err


@pytest.mark.parametrize("form", ["jsonl", "parquet", "csv"])
def test_tables_are_written(run, tmp_path, form):
    report = json.loads(run("review-export", "audit", f"out.{form}", "--json").out)
    assert report["row_count"] > 0
    assert (tmp_path / f"out.{form}").stat().st_size == report["byte_count"]


REFUSED = {
    "annotator": [
        ("import", SAMPLES / "city_services_60k.jsonl"),
        ("check",),
        ("fix", 1),
        ("undo", 1),
        ("export", "out.jsonl"),
        ("rejects", "--output", "out.jsonl"),
        ("dataset", "remove", "city_services_60k", "--yes"),
        ("people", "role", "rita", "admin"),
        ("audit",),
        ("review-export", "verdicts", "out.csv"),
    ],
    "researcher": [
        ("dataset", "remove", "city_services_60k", "--yes"),
        ("people", "role", "rita", "admin"),
        ("audit",),
        ("review-export", "audit", "out.csv"),
    ],
}


@pytest.mark.parametrize(
    ("role", "argv"),
    [(role, argv) for role, commands in REFUSED.items() for argv in commands],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value[:2])),
)
def test_the_command_line_has_the_role_of_the_account(run, tmp_path, role, argv):
    run("people", "role", "ada", "admin")
    assert run("people", "role", ME, role).status == 0
    refused = run(*argv)
    assert refused.status == 1
    assert f"{ME} is a" in refused.err
    assert "may not do this" in refused.err
    assert not list(tmp_path.glob("out.*"))
    assert run("datasets").status == 0
    assert run("find", "--json").status == 0
