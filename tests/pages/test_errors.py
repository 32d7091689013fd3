"""The Errors page shows what the report says, for the store or one dataset, and follows every fix."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.error_statistics import read_error_report, write_csv
from xlam_backend.explore.search import find_trajectories
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.repair import apply_fix

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECTIONS = ["By check", "By tool", "By dataset", "By source", "By step", "Before and after fixes"]


def test_an_empty_store_says_what_to_do_next(pages):
    assert pages.open("errors") == "Errors"
    assert "The store is empty." in pages.words
    assert [link.label for link in pages.app.get("page_link")] == ["Import data"]


def test_every_section_is_there(demo_pages):
    assert demo_pages.open("errors") == "Errors"
    shown = {heading.value for heading in demo_pages.app.subheader}
    assert shown == {*SECTIONS, "What goes together", "Tool descriptions"}


def test_the_numbers_are_those_of_the_report(demo_pages, demo_store):
    report = read_error_report(demo_store)
    demo_pages.open("errors")
    errors = [found for found in report.by_check if found.level in ("reject", "fix")]
    assert demo_pages.fact("errors found") == sum(found.finding_count for found in errors)
    for found in report.by_check:
        assert f"check={found.check}&amp;level={found.level}" in demo_pages.html
    for group in (*report.by_dataset, *report.by_tool):
        assert f"{group.trajectory_count:,} " in demo_pages.words
    for link in (
        "dataset=help_desk_unified_2&amp;level=flagged",
        "level=flagged&amp;tool=forecast",
        "step=0",
    ):
        assert link in demo_pages.html or "&amp;".join(reversed(link.split("&amp;"))) in demo_pages.html


def test_one_dataset_alone(demo_pages, demo_store):
    assert demo_pages.open("errors", dataset="help_desk_unified_2") == "Errors"
    assert {"By dataset", "By source"} & {heading.value for heading in demo_pages.app.subheader} == set()
    report = read_error_report(demo_store, "help_desk_unified_2")
    assert demo_pages.fact("trajectories checked") == max(one.trajectories.total for one in report.by_check)
    assert "dataset=help_desk_unified_2" in demo_pages.html


def test_a_dataset_that_is_not_there_is_no_error(demo_pages):
    assert demo_pages.open("errors", dataset="<b>nobody</b>") == "Errors"
    assert "No check found anything." in demo_pages.words


def test_fixes_are_counted_before_and_after(demo_pages, demo_store):
    row = find_trajectories(demo_store, Filters(fixed="fixable", check="argument_type")).rows[0]
    findings = open_trajectory_page(demo_store, row.trajectory_id).findings.findings
    fixable = next(one for one in findings if one.finding.fix is not None)
    apply_fix(demo_store, fixable.finding_no, person=A_RESEARCHER, now=NOW)
    demo_pages.open("errors")
    assert "Errors of the 1 fixed trajectories" in demo_pages.words
    assert "The 1 fixed trajectories" in [link.label for link in demo_pages.app.get("page_link")]


def test_the_csv_is_the_report(demo_store):
    report = read_error_report(demo_store)
    lines = list(csv.reader(io.StringIO(write_csv(report))))
    assert {line[0] for line in lines[1:]} == {"check", "dataset", "source", "tool", "step", "tool check"}
