"""The numbers of the Errors page: each equals a plain count in Python, and what Explore lists behind it."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, a_call, a_step, a_tool, a_trajectory
from xlam_backend.checks.run import run_checks
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import FixRefusedError
from xlam_backend.explore.error_statistics import (
    CSV_COLUMNS,
    ErrorReport,
    count_pairs,
    read_error_report,
    write_csv,
)
from xlam_backend.explore.search import find_trajectories
from xlam_backend.explore.tool_dossier import list_tools, open_tool
from xlam_backend.repair import apply_fix
from xlam_backend.statistics.intervals import rate
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.error_statistics import Together
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ERRORS = ("reject", "fix")
DATASETS = ("", "first", "second", "third")

TOOLS = [
    a_tool(),
    a_tool("book_table", {"guests": {"type": "int", "required": True}, "area": {"enum": ["in", "out"]}}),
    a_tool("Book_Table!", {"guests": {"type": "fancy", "default": "2"}}),
    a_tool("=cmd()", {}),
]


def random_trajectory(generator: random.Random, number: int):
    """A trajectory of up to four steps whose calls are right, wrong or mendable, as the dice fall."""
    calls = (
        lambda: a_call(city="Oslo", days=number),
        lambda: a_call(city="Oslo", days=str(number)),
        lambda: a_call(days="soon"),
        lambda: a_call(city="Oslo", town="Oslo"),
        lambda: a_call("getWeather", city="Oslo"),
        lambda: a_call("launch_rocket"),
        lambda: a_call("book_table", guests="4", area="IN"),
        lambda: a_call("book_table", area="roof"),
        lambda: a_call("=cmd()", x=1),
    )
    steps = [
        a_step(*(generator.choice(calls)() for _ in range(generator.randint(1, 2))), observations=("{}",))
        for _ in range(generator.randint(1, 4))
    ]
    return a_trajectory(
        steps=steps,
        tools=generator.sample(TOOLS, generator.randint(1, len(TOOLS))),
        query=f"What is the weather in Oslo in {number} days? A table for 4.",
        tools_stated=generator.random() < 0.8,
    )


def fill(store: Store, name: str, importer: str, trajectories) -> None:
    builder = ChunkBuilder()
    for line, trajectory in enumerate(trajectories, 1):
        builder.add(trajectory, f"{name}-{line}", "made.jsonl", line, "")
    builder.record_count = len(builder)
    with Ingest(store, NewDataset(name, importer=importer), now=NOW) as ingest:
        ingest.add(builder.build())


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Three datasets that share trajectories, checked; half of what can be mended is mended."""
    opened = Store.open(tmp_path_factory.mktemp("errors") / "store", now=NOW)
    generator = random.Random(20)
    made = [random_trajectory(generator, number) for number in range(60)]
    fill(opened, "first", "xlam_60k", made[:30])
    fill(opened, "second", "toolbench_answers", [*made[20:50], made[20]])
    fill(opened, "third", "xlam_60k", made[50:])
    run_checks(opened, processes=0, person=A_RESEARCHER, now=NOW)
    for number, act in enumerate(sorted(mendable(opened))):
        if number % 2 == 0:
            with suppress(FixRefusedError):  # a repair that makes two calls equal is no repair
                apply_fix(opened, act, person=A_RESEARCHER, now=NOW)
    yield opened
    opened.close()


def mendable(store: Store) -> list[int]:
    """The first finding with a fix of each trajectory."""
    query = "SELECT min(finding_no) FROM finding WHERE fix <> '' GROUP BY version_no"
    return [row[0] for row in rows(store, query)]


def rows(store: Store, query: str) -> list[tuple]:
    with store.cursor() as cursor:
        return cursor.execute(query).fetchall()


class Plain:
    """Everything a dataset's numbers are counted from, as plain rows; "" is the whole store."""

    def __init__(self, store: Store, dataset: str) -> None:
        current = {number: number for (number,) in rows(store, "SELECT trajectory_no FROM trajectory")}
        current |= dict(rows(store, "SELECT trajectory_no, to_version_no FROM head_change ORDER BY act_no"))
        self.members = defaultdict(set)
        for name, number in rows(
            store, "SELECT d.name, m.trajectory_no FROM membership AS m JOIN dataset AS d USING (dataset_no)"
        ):
            self.members[name].add(number)
        kept = self.members[dataset] if dataset else set(current)
        self.versions = {version: number for number, version in current.items() if number in kept}
        self.findings = [
            row
            for row in rows(
                store,
                "SELECT version_no, check_name, level, step, call, tool FROM finding ORDER BY finding_no",
            )
            if row[0] in self.versions
        ]
        self.calls = [
            row
            for row in rows(store, "SELECT version_no, step, call, name FROM tool_call")
            if row[0] in self.versions
        ]
        self.not_checked = [
            row
            for row in rows(store, "SELECT version_no, check_name, reason FROM not_checked")
            if row[0] in self.versions
        ]
        self.errors = [row for row in self.findings if row[2] in ERRORS]
        self.wrong_calls = {row[0:1] + row[3:] for row in self.errors if row[4] >= 0}
        self.flagged = {self.versions[row[0]] for row in self.errors}

    def versions_with(self, check: str, level: str) -> set[int]:
        return {row[0] for row in self.findings if row[1:3] == (check, level)}


@pytest.fixture(scope="module", params=DATASETS, ids=lambda name: name or "whole store")
def counted(request, store):
    """The report of a dataset, and the rows to count it from."""
    return read_error_report(store, request.param), Plain(store, request.param)


def test_the_store_holds_what_the_counts_are_about(store):
    plain = Plain(store, "")
    assert len(plain.flagged) > 20
    assert len(plain.not_checked) > 20
    assert len([version for version, number in plain.versions.items() if version != number]) > 5
    assert plain.members["first"] & plain.members["second"]


def test_checks(counted):
    report, plain = counted
    pairs = {row[1:3] for row in plain.findings}
    assert {(found.check, found.level) for found in report.by_check} == pairs
    for found in report.by_check:
        skipped = {row[0] for row in plain.not_checked if row[1] == found.check}
        hits = plain.versions_with(found.check, found.level)
        assert found.trajectories == rate(len(hits), len(plain.versions) - len(skipped))
        assert found.finding_count == sum(
            1 for row in plain.findings if row[1:3] == (found.check, found.level)
        )


def test_errors_come_first_then_the_most_frequent(counted):
    report, _ = counted
    places = [(found.level not in ERRORS, -found.trajectories.hits) for found in report.by_check]
    assert places == sorted(places)


def test_not_checked_with_its_reason(counted):
    report, plain = counted
    expected = Counter((check, reason) for _, check, reason in plain.not_checked)
    assert report.not_checked == tuple((*key, count) for key, count in sorted(expected.items()))


def test_datasets_and_sources(store):
    report, plain = read_error_report(store), Plain(store, "")
    assert {group.name: group.rate for group in report.by_dataset} == {
        name: rate(len(numbers & plain.flagged), len(numbers))
        for name, numbers in plain.members.items()
        if name
    }
    first_in = dict(
        rows(
            store,
            "SELECT trajectory_no, importer FROM trajectory JOIN dataset USING (dataset_no) "
            "WHERE version = 0",
        )
    )
    totals, hits = Counter(first_in.values()), Counter(first_in[number] for number in plain.flagged)
    assert {group.name: group.rate for group in report.by_source} == {
        name: rate(hits[name], totals[name]) for name in totals
    }


def test_a_report_of_one_dataset_has_no_datasets(store):
    report = read_error_report(store, "second")
    assert (report.dataset, report.by_dataset, report.by_source) == ("second", (), ())


def test_tools(counted):
    report, plain = counted
    made, wrong = Counter(row[3] for row in plain.calls), Counter(row[3] for row in plain.wrong_calls)
    assert {group.name: group.rate for group in report.by_tool} == {
        name: rate(wrong[name], made[name]) for name in wrong if name in made
    }
    for group in report.by_tool:
        assert group.trajectory_count == len({row[0] for row in plain.errors if row[5] == group.name})


def test_steps(counted):
    report, plain = counted
    made, wrong = Counter(row[1] for row in plain.calls), Counter(row[1] for row in plain.wrong_calls)
    assert [(group.name, group.rate) for group in report.by_step] == [
        (str(step + 1), rate(wrong[step], made[step])) for step in sorted(made)
    ]
    for group in report.by_step:
        assert group.trajectory_count == len(
            {row[0] for row in plain.errors if row[3] == int(group.name) - 1}
        )


def test_pairs(counted):
    report, plain = counted
    speaking = defaultdict(set)
    for row in plain.findings:
        speaking[row[1]].add(row[0])
    expected = {
        (one, other): len(speaking[one] & speaking[other])
        for one in speaking
        for other in speaking
        if one <= other
    }
    shown = {(pair.first, pair.second): pair.trajectory_count for pair in report.pairs}
    assert shown == {pair: count for pair, count in expected.items() if count}


def test_before_and_after(store, counted):
    report, plain = counted
    fixed = {version: number for version, number in plain.versions.items() if version != number}
    assert report.fixed_count == len(fixed)
    raw = rows(store, "SELECT version_no, check_name FROM finding WHERE level IN ('reject', 'fix')")
    before = Counter(check for version, check in raw if version in fixed.values())
    after = Counter(check for version, check in raw if version in fixed)
    assert {row.check: (row.before, row.after) for row in report.before_after} == {
        check: (before[check], after[check]) for check in before | after
    }


def test_checks_of_tools(store):
    looked = defaultdict(set)
    for check, number in rows(store, "SELECT check_name, tool_no FROM tool_checked"):
        looked[check].add(number)
    found = defaultdict(set)
    for check, level, number in rows(store, "SELECT check_name, level, tool_no FROM tool_finding"):
        found[check, level].add(number)
    shown = {(one.check, one.level or ""): one.tools for one in read_error_report(store).tool_checks}
    silent = {
        (check, ""): rate(0, len(numbers)) for check, numbers in looked.items() if (check, "") not in found
    }
    assert shown == {
        **{key: value for key, value in silent.items() if not any(check == key[0] for check, _ in found)},
        **{
            (check, level): rate(len(numbers), len(looked[check]))
            for (check, level), numbers in found.items()
        },
    }
    assert {level for _, level in found} >= {"fix", "warn"}


def test_every_number_is_what_explore_lists(store, counted):
    report, _ = counted
    dataset = report.dataset

    def listed(**filters: object) -> int:
        return find_trajectories(store, Filters(**{"dataset": dataset, **filters}), page_size=1).total

    for found in report.by_check:
        assert listed(check=found.check, level=found.level) == found.trajectories.hits
    for group in report.by_dataset:
        assert listed(dataset=group.name, level="flagged") == group.trajectory_count == group.rate.hits
    for group in report.by_source:
        assert listed(source=group.name, level="flagged") == group.trajectory_count == group.rate.hits
    for group in report.by_tool:
        assert listed(tool=group.name, level="flagged") == group.trajectory_count
    for group in report.by_step:
        assert listed(step=int(group.name) - 1, level="flagged") == group.trajectory_count
    assert listed(fixed="fixed") == report.fixed_count


def test_a_check_of_tools_leads_to_the_trajectories_that_offer_them(store):
    offered = {
        version: set(tools)
        for version, tools in rows(store, "SELECT version_no, tools FROM current_trajectory")
    }
    levels = defaultdict(set)
    for check, level, number in rows(store, "SELECT check_name, level, tool_no FROM tool_finding"):
        levels[check, level].add(number)
    for (check, level), numbers in levels.items():
        expected = sum(1 for tools in offered.values() if tools & numbers)
        assert find_trajectories(store, Filters(check=check, level=level)).total == expected


def test_the_bars_of_a_tool_lead_to_what_they_name(store):
    spoken = 0
    for line in list_tools(store).lines:
        dossier = open_tool(store, line.row.name)
        assert dossier.wrong_calls == line.wrong_calls
        for found in dossier.argument_findings:
            filters = Filters(tool=dossier.name, check=found.check, level=found.level, argument=found.pointer)
            assert find_trajectories(store, filters).total == found.trajectory_count
            spoken += 1
    assert spoken > 8


def test_csv_holds_every_rate_and_starts_no_formula(store):
    report = read_error_report(store)
    lines = list(csv.DictReader(io.StringIO(write_csv(report))))
    groups = (
        report.by_check,
        report.by_dataset,
        report.by_source,
        report.by_tool,
        report.by_step,
        report.tool_checks,
    )
    assert len(lines) == sum(map(len, groups))
    assert tuple(lines[0]) == CSV_COLUMNS
    for line in lines:
        assert float(line["low"]) <= float(line["share"]) <= float(line["high"])
        assert int(line["hits"]) / int(line["total"]) == float(line["share"])
    assert "'=cmd()" in {line["name"] for line in lines}
    assert not any(line["name"].startswith("=") for line in lines)


def test_an_empty_store_has_an_empty_report(tmp_path):
    opened = Store.open(tmp_path / "empty")
    report = read_error_report(opened)
    opened.close()
    assert report.is_empty
    assert report == ErrorReport("", (), (), (), (), (), (), (), (), 0, ())
    assert write_csv(report) == ",".join(CSV_COLUMNS) + "\n"


def test_pairs_are_counted_from_sets():
    together = [Together(("a", "b"), 3), Together(("a",), 2), Together(("a", "b", "c"), 1)]
    pairs = {(pair.first, pair.second): pair.trajectory_count for pair in count_pairs(together)}
    assert pairs == {
        ("a", "a"): 6, ("a", "b"): 4, ("a", "c"): 1, ("b", "b"): 4, ("b", "c"): 1, ("c", "c"): 1
    }  # fmt: skip
