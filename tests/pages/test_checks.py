"""The Checks page explains each rule and counts what it has found here."""

from __future__ import annotations

import pytest

from tests.pages.conftest import data_to_look_at
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.checks.explanation import explain
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.explore.error_statistics import read_error_report

demo_data = data_to_look_at


def test_an_empty_store_has_checks_that_found_nothing(pages):
    assert pages.open("checks") == "Checks"
    assert pages.fact("checks") == len(ALL_CHECKS)
    assert pages.fact("have found something") == 0
    assert "It has found nothing in this store." in pages.words


@pytest.mark.parametrize(
    "check", [ALL_CHECKS[0], ALL_CHECKS[len(ALL_CHECKS) // 2], ALL_CHECKS[-1]], ids=lambda check: check.name
)
def test_a_link_to_a_check_explains_it(demo_pages, check):
    assert demo_pages.open("checks", check=check.name) == "Checks"
    said = explain(check)
    for text in (check.title, said.summary, said.bad, said.good):
        assert " ".join(text.split()) in demo_pages.words
    assert demo_pages.app.radio[0].value == check.name


def test_what_was_found_is_told_level_by_level(demo_pages, demo_store):
    demo_pages.open("checks", check="argument_type")
    rates = [one for one in read_error_report(demo_store).by_check if one.check == "argument_type"]
    assert {one.level for one in rates} == {"reject", "fix"}
    for one in rates:
        assert f"check=argument_type&amp;level={one.level}" in demo_pages.html
        shown = (
            f"{LEVEL_LOOKS[one.level].mark} {one.level} {one.trajectories.hits:,} {one.trajectories.total:,}"
        )
        assert shown in demo_pages.words
    assert "offers safe fixes" in demo_pages.words


def test_a_check_of_tools_counts_descriptions(demo_pages):
    demo_pages.open("checks", check="type_alias")
    assert "Tool descriptions" in demo_pages.words
    assert "offers safe fixes" not in demo_pages.words


def test_choosing_another_writes_it_into_the_address(demo_pages):
    demo_pages.open("checks")
    demo_pages.app.radio[0].set_value("repeated_call").run()
    assert demo_pages.app.query_params["check"] in ("repeated_call", ["repeated_call"])
    assert "Repeated call" in demo_pages.words


def test_a_check_nobody_knows_shows_the_first(demo_pages):
    assert demo_pages.open("checks", check="<b>nobody</b>") == "Checks"
    assert demo_pages.app.radio[0].value == ALL_CHECKS[0].name


def test_levels_and_codes_are_explained(demo_pages):
    demo_pages.open("checks")
    for words in (*(look.meaning for look in LEVEL_LOOKS.values()), *SPECTOOL_CODES.values()):
        assert words in demo_pages.words
