"""Planted errors: every kind, only in sound steps, decided by the seed alone, and never a harmless change."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.builders import a_call, a_step, a_trajectory
from tests.planted import AT, RULES, TOOLS, a_rich_trajectory, corrupted, stored
from xlam_backend.checks.step_rules import check_side
from xlam_backend.domain.corruption import CORRUPTION_KINDS
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.preference.corrupting import corrupt_all
from xlam_backend.preference.kinds import KINDS, kind_by_name
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.preference.planting import Planted
from xlam_backend.preference.verify import is_shown

SHARD = stored(a_rich_trajectory(), a_rich_trajectory("Bergen", 2, calls=1), a_rich_trajectory("Rome", 9))


def test_every_kind_is_listed_once_and_can_be_planted():
    assert tuple(kind.name for kind in KINDS) == CORRUPTION_KINDS
    assert {kind.reason for kind in KINDS} <= set(PAIR_REASONS)
    planted = corrupted(SHARD)
    assert {pair.corruption.kind for pair in planted} == set(CORRUPTION_KINDS)
    for pair in planted:
        assert pair.pair.reason == kind_by_name(pair.corruption.kind).reason
        assert pair.pair.chosen.tool_calls == SHARD[pair.pair.version_no - 1].trajectory.steps[0].tool_calls
    with pytest.raises(UnknownNameError):
        kind_by_name("wrong_mood")


def test_the_same_seed_gives_the_same_pairs_whatever_the_order_of_the_input():
    said = [(pair.pair.version_no, pair.corruption, pair.pair.rejected) for pair in corrupted(SHARD)]
    again = [(pair.pair.version_no, pair.corruption, pair.pair.rejected) for pair in corrupted(SHARD[::-1])]
    assert sorted(said, key=repr) == sorted(again, key=repr)
    other = [(pair.pair.version_no, pair.corruption, pair.pair.rejected) for pair in corrupted(SHARD, seed=1)]
    assert sorted(other, key=repr) != sorted(said, key=repr)


def test_only_the_kinds_and_as_many_of_a_step_as_the_plan_says():
    few = corrupted(SHARD, kinds=("missing_argument", "wrong_type"), per_step=1)
    assert len(few) == len(SHARD)
    assert {pair.corruption.kind for pair in few} <= {"missing_argument", "wrong_type"}
    assert len(corrupted(SHARD, kinds=("missing_argument", "wrong_type"))) == 2 * len(SHARD)


def test_a_step_that_is_wrong_itself_is_left_out():
    wrong = a_trajectory([a_call("find_hotel", city="Oslo", nights="four")], TOOLS, query="Oslo, four nights")
    silent = a_trajectory(steps=[a_step()], tools=TOOLS)
    unstated = replace(a_rich_trajectory(), tools=(), tools_stated=False)
    outcomes = list(corrupt_all(stored(wrong, silent, unstated), CorruptionPlan(), RULES, now=AT))
    assert [outcome.pairs for outcome in outcomes] == [(), (), ()]
    assert [outcome.left_out for outcome in outcomes] == [
        ("the rules flag the step",),
        ("no step calls a tool",),
        ("the source states no tools",),
    ]


def test_a_step_that_bears_no_error_of_the_kind_is_counted():
    (outcome,) = corrupt_all(
        stored(a_rich_trajectory(calls=1)), CorruptionPlan(kinds=("missing_call",)), RULES, now=AT
    )
    assert (outcome.step_count, outcome.barren_count, outcome.pairs) == (1, 1, ())


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        ("wrong_value", [a_call("find_hotel", city="oslo", nights=4, board="full")]),  # the same city
        ("wrong_value", [a_call("find_hotel", city="Oslo", nights=4, board="full", stars=1.0)]),  # a default
        ("wrong_value", [a_call("find_hotel", city="Rome", nights=5, board="full")]),  # two places
        ("wrong_type", [a_call("find_hotel", city="Rome", nights=4, board="full")]),  # no other type
        ("missing_argument", [a_call("find_hotel", city="Oslo", nights=4)]),  # it may be left out
        ("wrong_tool", [a_call("find_hotel", city="Rome", nights=4, board="full")]),  # no other tool
        ("repeated_call", [a_call("find_hotel", city="Oslo", nights=4, board="full")]),  # nothing done
    ],
)
def test_what_is_no_error_of_its_kind_is_not_kept(kind, calls):
    trajectory = a_rich_trajectory(calls=1)
    own = PairSide("", trajectory.steps[0].tool_calls)
    planted = Planted(PairSide("", tuple(calls)), 0, "/city" if kind == "wrong_value" else "", "words")
    assert not is_shown(
        kind_by_name(kind),
        own,
        planted,
        schemas=schemas_by_name(TOOLS),
        own_findings=check_side(RULES, trajectory, 0, own).findings,
        findings=check_side(RULES, trajectory, 0, planted.side).findings,
    )


@pytest.mark.parametrize("wrong", [{"size": -1}, {"per_step": 0}, {"per_step": 99}, {"seed": -1}])
def test_a_plan_that_cannot_be_carried_out_is_refused(wrong):
    with pytest.raises(SettingError):
        CorruptionPlan(**wrong)
