"""Searches give exactly the trajectories that a plain loop over everything gives, in one stable order."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import SORTS, Filters, join_ids
from xlam_backend.explore.families import find_families
from xlam_backend.explore.overview import read_overview
from xlam_backend.explore.search import find_around, find_trajectories, read_filter_choices
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.repair import apply_family, apply_fix, preview_family
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ERRORS = {"reject", "fix"}
EVERYTHING = 10_000


@pytest.fixture(scope="module")
def store(demo_template, tmp_path_factory):
    """The demo data with one fixed trajectory."""
    folder = tmp_path_factory.mktemp("searched") / "store"
    shutil.copytree(demo_template, folder)
    opened = Store.open(folder)
    row = find_trajectories(opened, Filters(check="argument_type", fixed="fixable")).rows[0]
    found = open_trajectory_page(opened, row.trajectory_id).findings.findings
    number = next(one.finding_no for one in found if one.finding.check == "argument_type")
    apply_fix(opened, number, person=A_RESEARCHER, now=NOW)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(store):
    """Every trajectory with all that is known about it."""
    rows = find_trajectories(store, Filters(), page_size=EVERYTHING).rows
    return [open_trajectory_page(store, row.trajectory_id) for row in rows]


def matches(page, filters):
    """Tell by a plain look whether a trajectory fits."""
    trajectory = page.trajectory
    findings = [one for one in page.findings.findings if fits(one, filters)]
    calls = {call.name for step in trajectory.steps for call in step.tool_calls}
    levels = {one.finding.level for one in page.findings.findings}
    conditions = (
        not filters.dataset or filters.dataset in {place.dataset for place in page.places},
        not filters.source or page.dataset.importer == filters.source,
        filters.text.lower() in trajectory.query.lower(),
        filters.min_steps is None or len(trajectory.steps) >= filters.min_steps,
        filters.max_steps is None or len(trajectory.steps) <= filters.max_steps,
        bool(findings) or not filters.asks_for_finding or speaks_about_tool(page, filters),
        filters.asks_for_finding or not filters.tool or filters.tool in calls,
        filters.level != "clean" or not levels & ERRORS,
        filters.fixed != "fixed" or page.version > 0,
        filters.fixed != "unfixed" or page.version == 0,
    )
    return all(conditions)


def fits(one, filters):
    finding = one.finding
    return (
        filters.check in ("", finding.check)
        and filters.code in ("", finding.code)
        and filters.tool in ("", finding.tool)
        and filters.argument in ("", finding.pointer)
        and filters.family in ("", one.family)
        and filters.step in (None, finding.step)
        and (filters.level != "flagged" or finding.level in ERRORS)
        and (filters.level in ("", "clean", "flagged") or finding.level == filters.level)
        and (filters.fixed != "fixable" or finding.fix is not None)
    )


def speaks_about_tool(page, filters):
    """Tell whether the check asked for says something about a tool the trajectory offers."""
    if filters.argument or filters.step is not None or filters.family or filters.fixed or not filters.check:
        return False
    return any(
        one.finding.check == filters.check
        and filters.tool in ("", one.finding.tool)
        and filters.code in ("", one.finding.code)
        and (filters.level != "flagged" or one.finding.level in ERRORS)
        and (filters.level in ("", "clean", "flagged") or one.finding.level == filters.level)
        for one in page.findings.tool_findings
    )


FILTERS = [
    Filters(),
    Filters(dataset="help_desk_unified_2"),
    Filters(source="unified_1"),
    Filters(check="argument_type"),
    Filters(check="type_alias"),
    Filters(check="type_alias", level="reject"),
    Filters(check="undefined_function", level="fix"),
    Filters(level="flagged"),
    Filters(level="clean"),
    Filters(level="warn", source="unified_2"),
    Filters(code="IAT"),
    Filters(tool="summarise_numbers"),
    Filters(tool="summarise_numbers", check="argument_type"),
    Filters(tool="summarise_numbers", argument="/numbers"),
    Filters(step=1, level="flagged"),
    Filters(min_steps=2),
    Filters(max_steps=1, text="TABLE"),
    Filters(text="100%_"),
    Filters(fixed="fixed"),
    Filters(fixed="unfixed", level="flagged"),
    Filters(fixed="fixable"),
    Filters(level="clean", check="ungrounded_value"),
    Filters(dataset="no such dataset"),
]


@pytest.mark.parametrize("filters", FILTERS, ids=repr)
def test_search_equals_a_plain_look_at_everything(store, pages, filters):
    found = find_trajectories(store, filters, page_size=EVERYTHING)
    assert [row.trajectory_id for row in found.rows] == [
        page.trajectory_id for page in pages if matches(page, filters)
    ]
    assert found.total == len(found.rows)
    assert found.store_total == len(pages)


def test_rows_say_what_the_trajectory_says(store, pages):
    rows = find_trajectories(store, Filters(), page_size=EVERYTHING).rows
    for row, page in zip(rows, pages, strict=True):
        calls = [call.name for step in page.trajectory.steps for call in step.tool_calls]
        levels = [one.finding.level for one in page.findings.findings]
        assert row.query == page.trajectory.query[: len(row.query)]
        assert (row.step_count, row.call_count) == (len(page.trajectory.steps), len(calls))
        assert row.tools == sorted(set(calls))
        assert row.finding_counts == {level: levels.count(level) for level in set(levels)}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_a_view_are_the_view_and_its_neighbours_stand_side_by_side(store, sort):
    filters = Filters(level="flagged")
    whole = find_trajectories(store, filters, sort=sort, page_size=EVERYTHING).rows
    pages = [find_trajectories(store, filters, sort=sort, page=page, page_size=7) for page in (1, 2, 3)]
    assert [row for page in pages for row in page.rows] == list(whole[:21])
    ids = ["", *(row.trajectory_id for row in whole), ""]
    for place, row in enumerate(whole, 1):
        around = find_around(store, filters, row.trajectory_no, sort=sort)
        assert around == (ids[place - 1], ids[place + 1], place, len(whole))


def test_a_fixed_trajectory_keeps_its_place(store):
    ids = [row.trajectory_no for row in find_trajectories(store, Filters(), page_size=EVERYTHING).rows]
    assert ids == sorted(ids)


def test_a_page_past_the_end_is_the_last_one(store):
    found = find_trajectories(store, Filters(), page=99_999, page_size=50)
    assert found.page == found.page_count
    assert len(found.rows) == found.total - (found.page_count - 1) * 50


def test_a_trajectory_outside_the_view_has_no_neighbours(store):
    clean = find_trajectories(store, Filters(level="clean")).rows[0]
    assert find_around(store, Filters(level="flagged"), clean.trajectory_no) == ("", "", 0, 0)


def test_choices_are_the_names_that_stand_in_the_store(store, pages):
    choices = read_filter_choices(store)
    assert set(choices.datasets) == {place.dataset for page in pages for place in page.places}
    assert set(choices.sources) == {page.dataset.importer for page in pages}
    for check in choices.checks:
        assert find_trajectories(store, Filters(check=check)).total > 0


def test_overview_counts_what_the_searches_find(store, pages):
    overview = read_overview(store)
    totals = overview.totals
    assert totals.trajectory_count == len(pages)
    assert totals.call_count == sum(len(step.tool_calls) for page in pages for step in page.trajectory.steps)
    assert totals.flagged_count == find_trajectories(store, Filters(level="flagged")).total
    assert totals.fixed_count == find_trajectories(store, Filters(fixed="fixed")).total == 1
    assert totals.unchecked_count == 0
    wrong = {
        (page.version_no, one.finding.step, one.finding.call)
        for page in pages
        for one in page.findings.findings
        if one.finding.level in ERRORS and one.finding.call >= 0
    }
    assert totals.wrong_call_count == len(wrong)
    assert [stage.count for stage in overview.funnel][:2] == [
        totals.kept_count + totals.rejected_count,
        totals.kept_count,
    ]
    for count in overview.checks_at("reject", "fix"):
        found = find_trajectories(store, Filters(check=count.check, level=count.level)).total
        assert found == count.trajectory_count
    for row in overview.by_source:
        flagged = find_trajectories(store, Filters(source=row.source, level="flagged")).total
        assert (row.flagged.hits, row.flagged.total) == (
            flagged,
            find_trajectories(store, Filters(source=row.source)).total,
        )


def test_families_are_those_of_the_view_with_their_whole_size(store):
    assert find_families(store, Filters()) == ()
    families = find_families(store, Filters(check="argument_type"))
    assert families
    for family in families:
        assert family.check == "argument_type"
        assert family.trajectory_count == preview_family(store, family.family).trajectory_count
        assert find_trajectories(store, Filters(family=family.family)).total == family.trajectory_count


def test_a_mended_family_is_gone_from_the_view(demo_template, tmp_path):
    folder = tmp_path / "mended"
    shutil.copytree(demo_template, folder)
    store = Store.open(folder)
    family = find_families(store, Filters(check="argument_type"))[0]
    apply_family(store, family.family, person=A_RESEARCHER, now=NOW)
    assert family.family not in {one.family for one in find_families(store, Filters(check="argument_type"))}
    assert find_trajectories(store, Filters(fixed="fixed")).total == family.trajectory_count
    store.close()


def test_trajectories_are_named_one_by_one(store, pages):
    wanted = [page.trajectory_id for page in pages[3:40:7]]
    found = find_trajectories(store, Filters(ids=join_ids([*wanted, wanted[0]])), page_size=EVERYTHING)
    assert [row.trajectory_id for row in found.rows] == wanted
    assert find_trajectories(store, Filters(ids=f" {wanted[0].upper()}, 0123")).total == 1
    assert find_trajectories(store, Filters(ids="'); DROP TABLE trajectory")).total == 0
