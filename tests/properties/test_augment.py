"""Augmenting changes no meaning and depends on nothing but the seed and the trajectory."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_call, a_step, a_tool, a_trajectory
from tests.properties.strategies import json_objects, json_values, texts, trajectories, tuples
from xlam_backend.augment.augmented import Augmented, NotAugmented, augment, augment_all
from xlam_backend.augment.draws import DECISIONS, Decisions, Draws
from xlam_backend.augment.meaning import find_change
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.section_styles import STYLES
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Step, ToolCall, Trajectory, content_id
from xlam_backend.output_formats import OUTPUT_FORMATS

EVERYTHING = AugmentPlan(
    formats=tuple(form.name for form in OUTPUT_FORMATS), styles=tuple(style.name for style in STYLES)
)
seeds = st.integers(0, 2**40)
readable_calls = st.builds(ToolCall, texts, json_objects(json_values))
readable = st.builds(
    Trajectory,
    query=texts,
    tools=tuples(st.builds(Tool, texts, texts, json_objects(json_values))),
    steps=tuples(st.builds(Step, texts, tuples(readable_calls))),
)


@settings(max_examples=60)
@given(trajectory=readable, seed=seeds)
def test_the_meaning_stays_in_every_format(trajectory, seed):
    made = augment(trajectory, EVERYTHING, seed=seed)
    assert made.parent_id == content_id(trajectory)
    assert find_change(trajectory, made) == ""


@settings(max_examples=60)
@given(trajectory=trajectories, seed=seeds)
def test_shuffling_alone_changes_nothing_but_order(trajectory, seed):
    made = augment(trajectory, AugmentPlan(), seed=seed)
    assert find_change(trajectory, made) == ""
    assert made.trajectory.format_instruction == trajectory.format_instruction


@settings(max_examples=20)
@given(given_trajectories=st.lists(trajectories, max_size=4), seed=seeds)
def test_the_order_in_which_trajectories_come_does_not_matter(given_trajectories, seed):
    items = [(content_id(each), each) for each in given_trajectories]
    forward = list(augment_all(items, EVERYTHING, seed=seed))
    backward = list(augment_all(reversed(items), EVERYTHING, seed=seed))
    assert msgspec.json.encode(forward) == msgspec.json.encode(backward[::-1])
    assert [made.parent_id for made in forward] == [known_id for known_id, _ in items]


def test_each_decision_has_numbers_of_its_own():
    trajectory = a_trajectory(
        [a_call("get_weather", city="Oslo", days=2, unit="c")], [a_tool(f"tool_{n}") for n in range(9)]
    )
    whole = augment(trajectory, EVERYTHING, seed=3)
    for field in ("tools", "tool_keys", "parameters", "call_keys", "sections"):
        part = augment(trajectory, msgspec.structs.replace(EVERYTHING, **{field: False}), seed=3)
        assert part.telling.format_name == whole.telling.format_name
        assert part.telling.style_name == whole.telling.style_name
        if field != "tools":
            names = [tool.name for tool in part.trajectory.tools]
            assert names == [tool.name for tool in whole.trajectory.tools]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_order_is_drawn_about_as_often_as_any_other(count):
    orders = {}
    for number in range(2_400):
        order = tuple(Decisions(7, f"t{number}").draws("tools").shuffled(range(count)))
        orders[order] = orders.get(order, 0) + 1
    expected = {1: 1, 2: 2, 3: 6, 4: 24}[count]
    assert len(orders) == expected
    assert max(orders.values()) < 1.5 * 2_400 / expected


def test_long_lists_are_shuffled_whole():
    order = Draws(1).shuffled(range(100))
    assert sorted(order) == list(range(100))
    assert sum(at == item for at, item in enumerate(order)) < 10


def test_what_is_drawn_stays_drawn():
    """Releases name their seed: these numbers must never change."""
    assert [Decisions(7, "t1").draws(name).below(1_000) for name in DECISIONS] == DRAWN
    assert Draws(7).shuffled("abcdef") == SHUFFLED


DRAWN = [474, 581, 623, 320, 191, 836, 690, 186]
SHUFFLED = ["b", "a", "f", "c", "e", "d"]


def test_what_cannot_be_read_is_named_and_not_lost():
    unreadable = a_trajectory([ToolCall("f", unreadable="f(x")])
    shown = a_trajectory(few_shot_examples=("Q: 1 A: f()",))
    fine = a_trajectory(
        steps=[a_step(a_call())],
        few_shot_examples=({"query": "And Rome?", "tool_calls": [{"name": "f", "arguments": {}}]},),
    )
    items = [(content_id(each), each) for each in (unreadable, shown, fine)]
    results = list(augment_all(items, EVERYTHING, seed=1))
    assert [type(result) for result in results] == [NotAugmented, NotAugmented, Augmented]
    assert "cannot be written in another format" in results[0].reason
    assert "few-shot examples" in results[1].reason
    kept = list(augment_all(items, AugmentPlan(), seed=1))
    assert [type(result) for result in kept] == [Augmented] * 3


@settings(max_examples=40)
@given(trajectory=readable, seed=seeds, variants=st.integers(2, 6))
def test_variants_mean_the_same_and_no_format_comes_twice_before_all_came(trajectory, seed, variants):
    made = [augment(trajectory, EVERYTHING, seed=seed, variant=at) for at in range(variants)]
    assert all(find_change(trajectory, one) == "" for one in made)
    assert len({one.telling.format_name for one in made}) == variants
    assert made[0] == augment(trajectory, EVERYTHING, seed=seed)


def test_objects_in_arguments_are_shuffled_and_lists_never():
    nested = {f"k{at}": {"x": 1, "y": {"a": 1, "b": 2, "c": [{"p": 1, "q": 2}, 3]}} for at in range(4)}
    orders, inner = set(), set()
    for seed in range(30):
        made = augment(a_trajectory([a_call(**nested)], [a_tool()]), AugmentPlan(), seed=seed)
        told = made.trajectory.steps[0].tool_calls[0].arguments
        assert told == nested
        orders.add(tuple(told))
        inner |= {tuple(value["y"]) for value in told.values()}
        assert {tuple(value["y"]["c"][0]) for value in told.values()} == {("p", "q")}
    assert len(orders) > 10
    assert len(inner) == 6
