"""The Overview counts what is in the store, and follows every fix."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import find_trajectories
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.repair import apply_fix, undo

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_empty_store_says_what_to_do_next(pages):
    pages.open()
    assert "The store is empty." in pages.words
    assert "Import data" in [link.label for link in pages.app.get("page_link")]


def test_a_fix_takes_one_from_the_errors_and_its_undo_gives_it_back(demo_pages, demo_store):
    demo_pages.open()
    before = [demo_pages.fact(name) for name in FACTS]
    assert before[2] == 0

    act_no = apply_fix(demo_store, a_fixable_finding(demo_store), person=A_RESEARCHER, now=NOW).act_no
    demo_pages.open()
    assert [demo_pages.fact(name) for name in FACTS] == [before[0] - 1, before[1] - 1, 1]

    undo(demo_store, act_no, person=A_RESEARCHER, now=NOW)
    demo_pages.open()
    assert [demo_pages.fact(name) for name in FACTS] == before


def test_the_funnel_tells_the_same_share_as_the_card(demo_pages):
    demo_pages.open()
    flagged = json.loads(demo_pages.app.get("plotly_chart")[1].proto.spec)["data"][0]["text"][2]
    assert f"{flagged} (" in demo_pages.words


FACTS = ("flagged trajectories", "wrong calls", "fixed trajectories")


def a_fixable_finding(store):
    """A finding with a fix, on a trajectory that has no other error."""
    found = find_trajectories(store, Filters(fixed="fixable", check="argument_type"))
    for row in found.rows:
        findings = open_trajectory_page(store, row.trajectory_id).findings.findings
        errors = [one for one in findings if one.finding.level in ("reject", "fix")]
        if len(errors) == 1:
            return errors[0].finding_no
    raise AssertionError("the demo data has no trajectory with one fixable error alone")
