"""Only steps that can be the better side are answered, and what is left out is said."""

from __future__ import annotations

import pytest

from tests.builders import a_call, a_step, a_tool, a_trajectory
from xlam_backend.checks.sound_steps import choose_steps, compile_rules


@pytest.fixture(scope="module")
def rules():
    return compile_rules()


GOOD = a_step(a_call(city="Oslo"), observations=("4 degrees",))
BAD = a_step(a_call(town="Oslo"))
TALK = a_step(thought="Let me see.")


def chosen(rules, steps, choice="each call", **fields):
    found = choose_steps(a_trajectory(steps=steps, **fields), choice, rules)
    return found.steps, found.left_out


def test_by_default_the_first_step_that_calls(rules):
    assert chosen(rules, [TALK, GOOD, GOOD], "first call") == ((1,), ())


def test_or_each_step_that_calls(rules):
    rome = a_step(a_call(city="Rome"), observations=("9 degrees",))
    steps = [GOOD, TALK, rome]
    assert chosen(rules, steps, query="What is the weather in Oslo and in Rome?") == ((0, 2), ())


def test_a_step_that_the_rules_flag_is_left_out(rules):
    assert chosen(rules, [BAD, GOOD]) == ((1,), ("the rules flag the step",))


def test_a_step_flagged_only_for_what_came_back_is_left_out(rules):
    failed = a_step(a_call(city="Oslo"), observations=({"error": "Unknown city 'Oslo'."},))
    found = choose_steps(a_trajectory(steps=[failed, GOOD]), "each call", rules)
    levels = {
        finding.level for finding in rules.check_trajectory(a_trajectory(steps=[failed, GOOD])).findings
        if finding.step == 0
    }  # fmt: skip
    assert (0 in found.steps) == (not levels & {"reject", "fix"})


def test_without_calls_or_stated_tools_there_is_nothing_to_answer(rules):
    assert chosen(rules, [TALK]) == ((), ("no step calls a tool",))
    assert chosen(rules, [GOOD], tools=[], tools_stated=False) == ((), ("the source states no tools",))


def test_a_tool_that_is_not_offered_makes_no_better_side(rules):
    assert chosen(rules, [GOOD], tools=[a_tool("other")]) == ((), ("the rules flag the step",))
