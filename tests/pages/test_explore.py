"""Explore shows exactly what its address asks for."""

from __future__ import annotations

import pytest

from tests.pages.conftest import data_to_look_at
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import find_trajectories

demo_data = data_to_look_at


@pytest.mark.parametrize(
    "params",
    [
        {"check": "argument_type"},
        {"level": "flagged"},
        {"level": "clean"},
        {"text": "WEATHER"},
        {"tool": "summarise_numbers", "check": "argument_type"},
        {"min_steps": "2", "max_steps": "3"},
        {"fixed": "fixable"},
    ],
)
def test_count_is_that_of_the_search(demo_pages, demo_store, params):
    demo_pages.open("explore", **params)
    numbers = {name: int(value) for name, value in params.items() if value.isdigit()}
    total = find_trajectories(demo_store, Filters(**{**params, **numbers})).total
    assert total > 0
    assert f"{total} of" in demo_pages.words


def test_what_makes_no_sense_in_the_address_is_left_out(demo_pages, demo_store):
    demo_pages.open("explore", level="nonsense", step="-1", page="x", sort="sideways")
    everything = find_trajectories(demo_store, Filters()).total
    assert f"{everything} of {everything}" in demo_pages.words


def test_no_match_says_what_to_do(demo_pages):
    demo_pages.open("explore", text="there is no such request anywhere")
    assert "No trajectory matches." in demo_pages.words


def test_a_chosen_filter_goes_into_the_address_and_starts_at_the_first_page(demo_pages):
    demo_pages.open("explore", page="2")
    demo_pages.app.selectbox(key="url_level").select("flagged").run()
    assert demo_pages.app.query_params["level"] in ("flagged", ["flagged"])
    assert "page" not in demo_pages.app.query_params


def test_clear_takes_every_filter_away(demo_pages):
    demo_pages.open("explore", text="weather", level="clean")
    demo_pages.button("Clear").click().run()
    assert not {"text", "level"} & set(demo_pages.app.query_params)


def test_families_can_be_mended_together_where_the_view_asks_for_findings(demo_pages):
    demo_pages.open("explore", check="argument_type")
    assert any(button.label.startswith("Look and mend") for button in demo_pages.app.button)
    demo_pages.open("explore")
    assert not any(button.label.startswith("Look and mend") for button in demo_pages.app.button)
