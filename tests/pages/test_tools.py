"""The Tools page: a list that is sorted, searched and paged by its address; one tool with all there is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, a_call, a_tool, a_trajectory
from xlam_backend.explore.tool_dossier import TOOL_SORTS, list_tools, open_tool
from xlam_backend.flow import import_and_check
from xlam_backend.formats import unified_1
from xlam_backend.owner import app_store

MARKUP = "<script>alert(1)</script> **bold** :red[x]"


def test_an_empty_store_says_what_to_do_next(pages):
    assert pages.open("tools") == "Tools"
    assert "There are no tools yet." in pages.words


@pytest.mark.parametrize("sort", [*TOOL_SORTS, "nonsense"])
def test_the_list_opens_in_every_order(demo_pages, demo_store, sort):
    assert demo_pages.open("tools", sort=sort) == "Tools"
    total = list_tools(demo_store).total
    assert f"{total} tools." in demo_pages.words


def test_the_list_is_searched(demo_pages):
    assert demo_pages.open("tools", q="plan_route") == "Tools"
    assert "2 tools." in demo_pages.words
    assert demo_pages.open("tools", q="nobody is called this") == "Tools"
    assert "No tool has this in its name." in demo_pages.words


@pytest.mark.parametrize("page", ["1", "2", "99", "x", "-1"])
def test_a_page_that_is_not_there_is_another_one(demo_pages, page):
    assert demo_pages.open("tools", page=page) == "Tools"
    assert "22 tools." in demo_pages.words


def test_one_tool_is_shown_whole(demo_pages, demo_store):
    assert demo_pages.open("tools", tool="reserve_table") == "Tools"
    dossier = open_tool(demo_store, "reserve_table")
    assert demo_pages.fact("calls") == dossier.wrong_calls.total
    assert demo_pages.fact("wrong calls") == dossier.wrong_calls.hits
    assert demo_pages.fact("faults in the descriptions") == 0
    for argument in dossier.arguments:
        assert argument.name in demo_pages.words
    found = dossier.argument_findings[0]
    assert f"check={found.check}" in demo_pages.html


def test_a_tool_that_nobody_knows_says_so(demo_pages):
    assert demo_pages.open("tools", tool="<b>nobody</b>") == "Tools"
    assert "No trajectory offers or calls a tool named '<b>nobody</b>'" in demo_pages.words
    assert "<b>nobody</b>" not in demo_pages.html


def test_the_way_back_leads_to_the_list(demo_pages):
    demo_pages.open("tools", tool="forecast")
    demo_pages.button("All tools").click().run()
    assert "22 tools." in demo_pages.words


def test_sixty_arguments_and_hostile_names_are_folded_and_inert(pages, tmp_path):
    wide = a_tool(MARKUP, {f"{MARKUP} {at}": {"type": "string"} for at in range(60)})
    values = {f"{MARKUP} {at}": MARKUP * 100 for at in range(60)}
    trajectory = a_trajectory(tools=[wide], calls=[a_call(MARKUP, **values)])
    source = tmp_path / "wide.jsonl"
    source.write_text(json.dumps(unified_1.render(trajectory, "one")) + "\n")
    import_and_check(app_store(), source, now=datetime(2026, 1, 1, tzinfo=UTC), person=A_RESEARCHER)

    assert pages.open("tools", tool=MARKUP) == "Tools"
    assert "52 more arguments" in [folded.label for folded in pages.app.expander]
    assert "<script>" not in pages.html
    assert MARKUP in pages.words
