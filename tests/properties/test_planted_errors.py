"""Planted errors, whatever the step: never an equal pair, and the check named finds each anew."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_step, a_tool, a_trajectory
from tests.planted import RULES, corrupted, stored
from xlam_backend.checks.step_rules import check_side
from xlam_backend.domain.call_alignment import align_calls, are_equal_calls
from xlam_backend.domain.finding import ERROR_LEVELS
from xlam_backend.domain.same_meaning import mean_the_same
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.preference.kinds import kind_by_name

VALUES = {
    "string": st.sampled_from(["Oslo", "Rome", "2024-03-05", "A-17", "né à Paris", "x y", "5"]),
    "integer": st.integers(-3, 400),
    "number": st.floats(-5, 5, allow_nan=False).map(lambda value: round(value, 2)),
    "boolean": st.booleans(),
    "array": st.lists(st.sampled_from(["red", "blue", 3]), max_size=2),
    "object": st.dictionaries(st.sampled_from("kl"), st.integers(0, 3), max_size=2),
}


@st.composite
def trajectories(draw):
    """A few tools with typed parameters, and calls that give each what it wants; the request says it all."""
    tools, calls = [], []
    for name in draw(
        st.lists(st.sampled_from(["look_up", "LookUp", "book", "send"]), min_size=1, unique=True)
    ):
        types = draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from(sorted(VALUES)), max_size=3))
        required = draw(st.sets(st.sampled_from("abc")))
        described = {
            key: {"type": kind, "description": key, "required": key in required}
            for key, kind in types.items()
        }
        tools.append(a_tool(name, described))
        if draw(st.booleans()) or not calls:
            calls.append(ToolCall(name, {key: draw(VALUES[kind]) for key, kind in types.items()}))
    query = "Please do it: " + " ".join(str(value) for call in calls for value in call.arguments.values())
    return a_trajectory(tools=tools, steps=[a_step(*calls)], query=query)


@settings(max_examples=60)
@given(st.lists(trajectories(), min_size=1, max_size=3), st.integers(0, 3))
def test_a_planted_error_is_worse_by_the_calls_and_by_its_check(made, seed):
    shard = stored(*made)
    for each in corrupted(shard, seed=seed):
        pair, kind = each.pair, kind_by_name(each.corruption.kind)
        trajectory = shard[pair.version_no - 1].trajectory
        own, rejected = pair.chosen.tool_calls, pair.rejected.tool_calls
        assert not are_equal_calls(own, rejected)
        assert not mean_the_same(own, rejected, schemas_by_name(trajectory.tools))
        differing = [each for each in align_calls(own, rejected).pairs if each.kind != "same"]
        assert len(differing) == (len(own) if kind.shape == "no call" else 1)
        found = check_side(RULES, trajectory, 0, pair.rejected).findings
        before = check_side(RULES, trajectory, 0, pair.chosen).findings
        assert not [finding for finding in before if finding.level in ERROR_LEVELS]
        if kind.check:
            assert kind.check in {finding.check for finding in found}
        assert each.corruption.finding_count == len([one for one in found if one.level in ERROR_LEVELS])
    assert corrupted(shard, seed=seed) == corrupted(shard, seed=seed)
