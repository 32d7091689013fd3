"""Acts: new versions that count, findings with them, and undoing that loses nothing."""

from __future__ import annotations

import msgspec
import pytest

from tests.builders import A_RESEARCHER, a_call, a_tool, a_trajectory
from tests.store.conftest import NOW
from xlam_backend.domain.finding import Edit, Finding, NotChecked
from xlam_backend.domain.trajectory import content_id
from xlam_backend.errors import FixRefusedError, NotFoundError
from xlam_backend.store.findings import CheckVersion, pending_versions
from xlam_backend.store.fix_history import read_act, read_acts, read_head_changes
from xlam_backend.store.fixes import NewAct, NewVersion, record_act, record_undo
from xlam_backend.store.trajectories import open_trajectory, read_trajectories, read_versions
from xlam_backend.store.version_findings import read_version_findings

CHECKS = (CheckVersion("argument_type", 1),)
EDITS = (Edit("argument", "set", 0, 0, pointer="/city", value="Bergen"),)
FINDING = Finding("argument_type", 1, "fix", "IAT", "wrong")
FIX = NewAct("family", "Write Bergen.", A_RESEARCHER, "a family")


@pytest.fixture
def imported(fill, store):
    """Trajectories 1, 2 and 3 as stored."""
    fill("weather", [a_trajectory([a_call(city=city)], query=city) for city in ("Oslo", "Rome", "Bonn")])
    return read_trajectories(store, [1, 2, 3])


def mended(stored, city="Bergen", **fields):
    trajectory = msgspec.structs.replace(stored.trajectory, steps=a_trajectory([a_call(city=city)]).steps)
    return NewVersion(stored.trajectory_no, stored.version_no, trajectory, EDITS, **fields)


def current_nos(store):
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT version_no FROM current_trajectory ORDER BY trajectory_no").fetchall()
    return [number for (number,) in rows]


def test_a_fix_makes_a_version_that_counts(store, imported, count):
    new = mended(
        imported[1],
        findings=(FINDING,),
        not_checked=(NotChecked("argument_type", 1, "why"),),
        cleared=(FINDING,),
    )
    act_no = record_act(store, FIX, [new], checks=CHECKS, now=NOW)
    assert current_nos(store) == [1, 4, 3]
    stored = open_trajectory(store, imported[1].trajectory_id)
    assert (stored.version_no, stored.trajectory_no, stored.version) == (4, 2, 1)
    assert stored.trajectory == new.trajectory
    assert stored.content_id == content_id(new.trajectory)
    assert stored.trajectory_id == imported[1].trajectory_id
    assert open_trajectory(store, imported[1].trajectory_id, version=0) == imported[1]
    assert [found.finding for found in read_version_findings(store, 4, []).findings] == [FINDING]
    assert pending_versions(store, CHECKS)[0].numbers.tolist() == [1, 3]
    (change,) = read_head_changes(store, 2)
    assert (change.act_no, change.from_version_no, change.to_version_no) == (act_no, 2, 4)
    assert (change.edits, change.cleared, change.introduced) == (EDITS, (FINDING,), ())
    assert count("tool_call", "version_no = 4 AND arguments LIKE '%Bergen%' AND tool_no = 1") == 1


def test_a_family_is_one_act_undone_as_one(store, imported):
    act_no = record_act(store, FIX, [mended(stored) for stored in imported], checks=CHECKS, now=NOW)
    assert current_nos(store) == [4, 5, 6]
    act = read_act(store, act_no)
    assert (act.kind, act.trajectory_count, act.can_be_undone) == ("family", 3, True)
    undo_no = record_undo(store, act_no, person=A_RESEARCHER, now=NOW)
    assert current_nos(store) == [1, 2, 3]
    assert not read_act(store, act_no).can_be_undone
    assert read_act(store, undo_no).undoes == act_no
    assert read_versions(store, 1)[0].is_current
    record_undo(store, undo_no, person=A_RESEARCHER, now=NOW)
    assert current_nos(store) == [4, 5, 6]
    assert [act.kind for act in read_acts(store)] == ["undo", "undo", "family"]


def test_an_act_on_a_changed_trajectory_is_refused_whole(store, imported, count):
    record_act(store, FIX, [mended(imported[0])], checks=CHECKS, now=NOW)
    with pytest.raises(FixRefusedError, match="1 of 2"):
        record_act(store, FIX, [mended(imported[0]), mended(imported[1])], checks=CHECKS, now=NOW)
    assert count("trajectory") == 4
    assert count("fix_act") == 1


def test_an_undo_after_a_later_fix_is_refused(store, imported):
    first = record_act(store, FIX, [mended(stored) for stored in imported], checks=CHECKS, now=NOW)
    later = mended(open_trajectory(store, imported[2].trajectory_id), "Turin")
    second = record_act(store, FIX, [later], checks=CHECKS, now=NOW)
    with pytest.raises(FixRefusedError, match="1 of 3"):
        record_undo(store, first, person=A_RESEARCHER, now=NOW)
    record_undo(store, second, person=A_RESEARCHER, now=NOW)
    record_undo(store, first, person=A_RESEARCHER, now=NOW)
    assert current_nos(store) == [1, 2, 3]


def test_versions_number_on_after_an_undo(store, imported):
    act_no = record_act(store, FIX, [mended(imported[0])], checks=CHECKS, now=NOW)
    record_undo(store, act_no, person=A_RESEARCHER, now=NOW)
    record_act(store, FIX, [mended(imported[0], "Turin")], checks=CHECKS, now=NOW)
    assert [(row.version, row.is_current) for row in read_versions(store, 1)] == [
        (0, False), (1, False), (2, True)
    ]  # fmt: skip


def test_a_fix_of_a_tool_writes_the_new_tool(store, imported):
    renamed = msgspec.structs.replace(imported[0].trajectory, tools=(a_tool("weather_of"),))
    record_act(store, FIX, [NewVersion(1, 1, renamed, EDITS)], checks=CHECKS, now=NOW)
    stored = open_trajectory(store, imported[0].trajectory_id)
    assert stored.trajectory == renamed
    assert stored.tool_nos == (2,)


def test_unknown_acts_and_trajectories_are_told(store, imported):
    with pytest.raises(NotFoundError, match="no act 7"):
        record_undo(store, 7, person=A_RESEARCHER, now=NOW)
    ghost = NewVersion(99, 99, imported[0].trajectory, EDITS)
    with pytest.raises(NotFoundError):
        record_act(store, FIX, [ghost], checks=CHECKS, now=NOW)
    with pytest.raises(FixRefusedError, match="twice"):
        record_act(store, FIX, [mended(imported[0]), mended(imported[0])], checks=CHECKS, now=NOW)


def test_a_large_family_is_written_in_parts_and_in_order(store, fill):
    fill("many", [a_trajectory(query=str(number)) for number in range(12_000)])
    stored = read_trajectories(store, range(1, 12_001))
    record_act(store, FIX, [mended(each) for each in reversed(stored)], checks=CHECKS, now=NOW)
    assert all(
        row.trajectory.query == stored[row.trajectory_no - 1].trajectory.query
        for row in read_trajectories(store, current_nos(store))
    )
    assert len(current_nos(store)) == 12_000
