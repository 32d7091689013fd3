"""Checking what a store holds: only what is pending, whatever ended the run before."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tests.builders import A_RESEARCHER, a_call, a_step, a_tool, a_trajectory
from xlam_backend.checks import CHECKS, run
from xlam_backend.checks.base import Check
from xlam_backend.checks.run import run_checks
from xlam_backend.domain.finding import Finding
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def calls_of(count):
    """Trajectories of which every second gives a number as text."""
    return [
        a_trajectory(
            calls=[a_call(city=f"Town {at}", days=2 if at % 2 else "2")],
            query=f"Weather in Town {at}, 2 days?",
        )
        for at in range(count)
    ]


def fill(store, trajectories, name="made up"):
    builder = ChunkBuilder()
    for at, trajectory in enumerate(trajectories):
        builder.record_count += 1
        builder.add(trajectory, str(at), "made_up.jsonl", at + 1, "")
    with Ingest(store, NewDataset(name, "here", "none", 1, "made up", "none"), now=NOW) as ingest:
        ingest.add(builder.build())


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "checked")
    yield opened
    opened.close()


def stored(store, columns="check_name, level, step, call, tool, pointer"):
    with store.cursor() as cursor:
        return cursor.execute(f"SELECT {columns} FROM finding ORDER BY finding_no").fetchall()


def only(name):
    return [check for check in CHECKS if check.name == name]


def test_findings_are_stored_with_their_place(store):
    fill(store, calls_of(4))
    report = run_checks(store, checks=only("argument_type"), person=A_RESEARCHER, now=NOW)
    assert (report.version_count, report.tool_count, report.finding_count) == (4, 0, 2)
    assert stored(store) == [("argument_type", "fix", 0, 0, "get_weather", "/days")] * 2


def test_a_second_run_has_nothing_to_do(store):
    fill(store, calls_of(4))
    first = run_checks(store, person=A_RESEARCHER, now=NOW)
    before = stored(store)
    second = run_checks(store, person=A_RESEARCHER, now=NOW)
    assert first.version_count == 4
    assert first.tool_count == 1
    assert (second.version_count, second.tool_count, second.finding_count) == (0, 0, 0)
    assert stored(store) == before


def test_only_what_is_new_is_checked(store):
    fill(store, calls_of(4))
    run_checks(store, person=A_RESEARCHER, now=NOW)
    fill(store, calls_of(6), "more")
    assert run_checks(store, person=A_RESEARCHER, now=NOW).version_count == 2


def numbered_check(version):
    """A check that says its version about every trajectory."""
    said = Finding("numbered", version, "warn", "other", "said")
    return Check(
        "X1", "numbered", "Numbered", "warn", "other", "trajectory", version, run=lambda _sample: [said]
    )


def test_a_changed_check_runs_again_alone(store):
    fill(store, calls_of(4))
    run_checks(store, checks=[*CHECKS, numbered_check(1)], processes=0, person=A_RESEARCHER, now=NOW)
    before = stored(store)
    report = run_checks(store, checks=[*CHECKS, numbered_check(2)], processes=0, person=A_RESEARCHER, now=NOW)
    assert (report.version_count, report.finding_count) == (4, 4)
    assert stored(store)[len(before) :] == [("numbered", "warn", -1, -1, "", "")] * 4


def test_worker_processes_find_the_same(store, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CHUNK_ROWS", 3)
    fill(store, calls_of(10))
    other = Store.open(tmp_path / "other")
    fill(other, calls_of(10))
    here = run_checks(store, processes=0, person=A_RESEARCHER, now=NOW)
    there = run_checks(other, processes=2, person=A_RESEARCHER, now=NOW)
    assert stored(store) == stored(other)
    assert msgspec.structs.replace(here, seconds=0) == msgspec.structs.replace(there, seconds=0)
    other.close()


def test_a_stopped_run_keeps_what_it_wrote_and_goes_on_later(store, monkeypatch):
    monkeypatch.setattr(run, "CHUNK_ROWS", 3)
    fill(store, calls_of(10))
    told = []
    stopped = run_checks(store, progress=told.append, should_stop=lambda: True, person=A_RESEARCHER, now=NOW)
    assert (stopped.is_stopped, stopped.version_count) == (True, 3)
    assert [(each.checked_count, each.total_count) for each in told] == [(3, 10)]
    rest = run_checks(store, progress=told.append, person=A_RESEARCHER, now=NOW)
    assert (rest.is_stopped, rest.version_count) == (False, 7)
    assert told[-1].done_share == 1.0
    assert told[-1].seconds_left == 0


def test_a_failing_check_is_stored_as_not_checked(store):
    def fail(_sample):
        raise ValueError("no idea")

    fill(store, calls_of(2))
    broken = Check("X1", "broken", "Broken", "warn", "other", "trajectory", run=fail)
    report = run_checks(
        store, checks=[broken, *only("argument_type")], processes=0, person=A_RESEARCHER, now=NOW
    )
    assert (report.not_checked_count, report.finding_count) == (2, 1)
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT DISTINCT check_name, reason FROM not_checked").fetchall()
    assert [name for name, _ in rows] == ["broken"]
    assert "ValueError: no idea" in rows[0][1]


def test_tools_are_checked_once_however_many_offer_them(store):
    tool = a_tool("get weather")
    fill(store, [a_trajectory(calls=[], tools=[tool], query=str(at)) for at in range(5)])
    report = run_checks(store, checks=only("illegal_tool_name"), person=A_RESEARCHER, now=NOW)
    assert (report.tool_count, report.tool_finding_count, report.finding_count) == (1, 1, 0)


def test_many_steps(store):
    steps = [a_step(a_call(city="Oslo"), observations=("rain",)) for _ in range(120)]
    fill(store, [a_trajectory(steps=steps)])
    assert run_checks(store, checks=only("repeated_call"), person=A_RESEARCHER, now=NOW).finding_count == 119
