"""Fixes on a real store: previewed, applied, refused, for one and for a family, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, a_call, a_step, a_tool, a_trajectory
from xlam_backend.checks.run import run_checks
from xlam_backend.domain.trajectory import content_id
from xlam_backend.errors import FixRefusedError, NotFoundError
from xlam_backend.repair import (
    apply_family,
    apply_fix,
    apply_tool_fix,
    list_acts,
    preview_family,
    preview_fix,
    preview_tool_fix,
    undo,
)
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.trajectories import find_trajectory, open_trajectory, read_versions
from xlam_backend.store.version_findings import read_version_findings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WHO = {"person": A_RESEARCHER, "now": NOW}
# Its second parameter is a near name of what a wrong call says; its third has a type.
TOOL = a_tool(
    parameters={
        "city": {"type": "string", "required": True},
        "days": {"type": "integer"},
        "hours": {"type": "integer"},
    }
)


def weather(city="Oslo", *calls, **arguments):
    """A trajectory that asks for the weather of a city, with one call or with these."""
    made = list(calls) or [a_call(city=city, **arguments)]
    return a_trajectory(made, [TOOL], query=f"Weather in {city} for 3 days, or 5 hours?")


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "opened", now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def fill(store):
    """Import trajectories and check them."""

    def import_and_check(*trajectories):
        builder = ChunkBuilder()
        for trajectory in trajectories:
            builder.add(trajectory)
        with Ingest(store, NewDataset("made"), now=NOW) as ingest:
            ingest.add(builder.build())
        run_checks(store, processes=0, person=A_RESEARCHER, now=NOW)

    return import_and_check


def findings_now(store, trajectory):
    """The stored findings of a trajectory's current version."""
    stored = open_trajectory(store, content_id(trajectory))
    return list(read_version_findings(store, stored.version_no, stored.tool_nos).findings)


def the_fix(store, trajectory):
    """The one finding with a fix."""
    (found,) = [found for found in findings_now(store, trajectory) if found.finding.fix is not None]
    return found


def arguments_now(store, trajectory):
    return [
        call.arguments
        for step in open_trajectory(store, content_id(trajectory)).trajectory.steps
        for call in step.tool_calls
    ]


def test_a_preview_shows_the_argument_before_and_after_and_changes_nothing(store, fill):
    wrong = weather(days="3")
    fill(wrong, weather("Rome", days="3"))
    found = the_fix(store, wrong)
    preview = preview_fix(store, found.finding_no)
    assert [(change.pointer, change.before, change.after) for change in preview.changes] == [
        ("/days", "3", 3)
    ]
    assert [cleared.check for cleared in preview.cleared] == ["argument_type"]
    assert (preview.introduced, preview.refused, preview.family_count) == ((), "", 2)
    assert arguments_now(store, wrong) == [{"city": "Oslo", "days": "3"}]
    assert list_acts(store) == []


def test_an_applied_fix_makes_a_checked_version(store, fill):
    wrong = weather(days="3")
    fill(wrong)
    applied = apply_fix(store, the_fix(store, wrong).finding_no, **WHO)
    assert arguments_now(store, wrong) == [{"city": "Oslo", "days": 3}]
    assert findings_now(store, wrong) == []
    assert run_checks(store, processes=0, person=A_RESEARCHER, now=NOW).version_count == 0
    (act,) = list_acts(store)
    assert (act.act_no, act.kind, act.actor, act.can_be_undone) == (applied.act_no, "one", "rita", True)
    assert [
        version.version for version in read_versions(store, find_trajectory(store, content_id(wrong)))
    ] == [
        0,
        1,
    ]


def test_a_fix_of_an_older_version_is_refused(store, fill):
    wrong = weather(days="3")
    fill(wrong)
    found = the_fix(store, wrong)
    apply_fix(store, found.finding_no, **WHO)
    with pytest.raises(FixRefusedError, match="older version"):
        apply_fix(store, found.finding_no, **WHO)


def test_a_finding_without_a_fix_has_its_reason(store, fill):
    wrong = weather(days="soon")
    fill(wrong)
    (found,) = [each for each in findings_now(store, wrong) if each.finding.check == "argument_type"]
    assert preview_fix(store, found.finding_no).refused
    with pytest.raises(FixRefusedError):
        apply_fix(store, found.finding_no, **WHO)
    with pytest.raises(NotFoundError):
        preview_fix(store, 10**9)


def test_a_fix_that_would_bring_an_error_is_refused_and_left_out_of_its_family(store, fill):
    # With "get_wether" corrected to "get_weather", the call repeats the one of the step before.
    circle = a_trajectory(
        tools=[TOOL],
        steps=[
            a_step(a_call(city="Oslo"), observations=("rain",)),
            a_step(a_call("get_wether", city="Oslo"), observations=("rain",)),
        ],
        query="Weather in Oslo?",
    )
    plain = weather("Rome", a_call("get_wether", city="Rome"))
    fill(circle, plain)
    found = the_fix(store, circle)
    preview = preview_fix(store, found.finding_no)
    assert "new error" in preview.refused
    assert "repeated_call" in {introduced.check for introduced in preview.introduced}
    with pytest.raises(FixRefusedError, match="new error"):
        apply_fix(store, found.finding_no, **WHO)
    assert len(findings_now(store, circle)) > 0

    report = apply_family(store, found.family, **WHO)
    assert (report.fixed_count, report.left_out_count) == (1, 1)
    assert report.left_out[0].trajectory_id == content_id(circle)
    assert "repeated_call" in report.left_out[0].reason
    assert open_trajectory(store, content_id(plain)).trajectory.steps[0].tool_calls[0].name == "get_weather"
    assert open_trajectory(store, content_id(circle)).version == 0


def test_a_family_is_mended_in_one_act_two_calls_of_a_trajectory_together(store, fill):
    twice = weather("Oslo", a_call(city="Oslo", days="3"), a_call(city="Rome", days="3"))
    others = [weather(city, days="3") for city in ("Bonn", "Lima", "Riga")]
    fine = weather("Nice", days=3)
    fill(twice, fine, *others)
    family = the_fix(store, others[0]).family
    preview = preview_family(store, family, sample=2, seed=7)
    assert (preview.trajectory_count, preview.finding_count, len(preview.samples)) == (4, 5, 2)
    assert preview == preview_family(store, family, sample=2, seed=7)
    seen = []
    report = apply_family(store, family, progress=seen.append, **WHO)
    assert (report.fixed_count, report.cleared_count, report.left_out) == (4, 5, ())
    assert [(each.done_count, each.total_count) for each in seen] == [(4, 4)]
    assert [arguments["days"] for arguments in arguments_now(store, twice)] == [3, 3]
    assert open_trajectory(store, content_id(fine)).version == 0
    assert len(list_acts(store)) == 1
    with pytest.raises(NotFoundError):
        apply_family(store, family, **WHO)


def test_undo_brings_every_trajectory_back_and_apply_works_again(store, fill):
    wrong = [weather(city, days="3") for city in ("Oslo", "Rome")]
    fill(*wrong)
    family = the_fix(store, wrong[0]).family
    report = apply_family(store, family, **WHO)
    undoing = undo(store, report.act_no, **WHO)
    with pytest.raises(FixRefusedError, match=f"taken back already, by act {undoing}"):
        undo(store, report.act_no, **WHO)
    for trajectory in wrong:
        assert open_trajectory(store, content_id(trajectory)).version == 0
        assert the_fix(store, trajectory).family == family
    assert [act.kind for act in list_acts(store)] == ["undo", "family"]

    again = apply_family(store, family, **WHO)
    assert again.fixed_count == 2
    assert [open_trajectory(store, content_id(each)).version for each in wrong] == [2, 2]
    assert findings_now(store, wrong[0]) == []


def test_an_act_below_a_later_one_cannot_be_undone_first(store, fill):
    wrong = weather(days="3", hours="5")
    fill(wrong)
    first, second = [each.finding_no for each in findings_now(store, wrong)]
    act = apply_fix(store, first, **WHO)
    later = [each for each in findings_now(store, wrong) if each.finding.fix is not None]
    assert [each.finding.pointer for each in later] == ["/hours"]
    assert later[0].finding_no != second
    later_act = apply_fix(store, later[0].finding_no, **WHO)
    with pytest.raises(FixRefusedError, match="changed again"):
        undo(store, act.act_no, **WHO)
    undo(store, later_act.act_no, **WHO)
    undo(store, act.act_no, **WHO)
    assert arguments_now(store, wrong) == [{"city": "Oslo", "days": "3", "hours": "5"}]


def test_a_second_listing_of_a_tool_is_removed(store, fill):
    twice = a_trajectory([a_call(city="Oslo")], [TOOL, TOOL])
    fill(twice)
    apply_fix(store, the_fix(store, twice).finding_no, **WHO)
    assert len(open_trajectory(store, content_id(twice)).trajectory.tools) == 1
    assert findings_now(store, twice) == []


def test_a_tool_is_renamed_wherever_it_is_offered(store, fill):
    tool = a_tool("shelf finder 2.0")
    called = [
        a_trajectory([a_call("shelf finder 2.0", city=city)], [tool, TOOL], query=f"Shelves in {city}?")
        for city in ("Oslo", "Rome")
    ]
    fine = weather("Nice", days=3)
    fill(fine, *called)
    tool_no = open_trajectory(store, content_id(called[0])).tool_nos[0]
    preview = preview_tool_fix(store, tool_no, "illegal_tool_name", sample=1)
    assert preview.trajectory_count == 2
    assert "illegal_tool_name" in {cleared.check for cleared in preview.samples[0].cleared}
    assert preview.samples[0].refused == ""

    report = apply_tool_fix(store, tool_no, "illegal_tool_name", **WHO)
    assert (report.fixed_count, report.left_out) == (2, ())
    for trajectory in called:
        mended = open_trajectory(store, content_id(trajectory)).trajectory
        assert [offered.name for offered in mended.tools] == ["shelf_finder_2_0", "get_weather"]
        assert mended.steps[0].tool_calls[0].name == "shelf_finder_2_0"
    undo(store, report.act_no, **WHO)
    assert open_trajectory(store, content_id(called[0])).trajectory == called[0]


def test_a_tool_without_a_proposed_fix_is_refused(store, fill):
    fill(weather(days=3))
    with pytest.raises(FixRefusedError, match="no fix"):
        apply_tool_fix(store, 1, "illegal_tool_name", **WHO)
    with pytest.raises(NotFoundError):
        preview_tool_fix(store, 10**6, "illegal_tool_name")
