"""Which steps of a trajectory can be the better side of a pair, and why the others cannot."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, get_args

import msgspec

from xlam_backend.checks import CHECKS
from xlam_backend.checks.engine import CheckEngine, compile_checks
from xlam_backend.checks.step_rules import check_side, own_side
from xlam_backend.domain.finding import ERROR_LEVELS
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.settings import default_means_optional

StepChoice = Literal["first call", "each call"]
STEP_CHOICES: tuple[StepChoice, ...] = get_args(StepChoice)

LeftOutReason = Literal["no step calls a tool", "the source states no tools", "the rules flag the step"]
LEFT_OUT_REASONS: tuple[LeftOutReason, ...] = get_args(LeftOutReason)


class ChosenSteps(msgspec.Struct, frozen=True):
    """The steps of one trajectory that can be, and the reasons why others are left out."""

    steps: tuple[int, ...] = ()
    left_out: tuple[LeftOutReason, ...] = ()


def compile_rules() -> CheckEngine:
    """Make the engine that both sides of a pair are checked with."""
    return compile_checks(CHECKS, default_means_optional=default_means_optional())


def choose_steps(
    trajectory: Trajectory,
    choice: StepChoice,
    rules: CheckEngine,
    tool_keys: Sequence[Hashable] | None = None,
) -> ChosenSteps:
    """Return the steps that can be the better side, of the first with a call or of each.

    A step that the rules flag is left out: what is wrong itself cannot be the better side. So is a
    trajectory without stated tools: no model could know what it may call.
    """
    calling = [index for index, step in enumerate(trajectory.steps) if step.tool_calls]
    if not calling:
        return ChosenSteps(left_out=("no step calls a tool",))
    if not trajectory.tools_stated:
        return ChosenSteps(left_out=("the source states no tools",))
    if choice == "first call":
        calling = calling[:1]

    found = rules.check_trajectory(trajectory, tool_keys).findings
    flagged = {finding.step for finding in found if finding.level in ERROR_LEVELS}
    sound = tuple(
        index for index in calling if index not in flagged and _is_sound(trajectory, index, rules, tool_keys)
    )
    left_out: tuple[LeftOutReason, ...] = ("the rules flag the step",)
    return ChosenSteps(sound, left_out * (len(calling) - len(sound)))


def _is_sound(
    trajectory: Trajectory, step: int, rules: CheckEngine, tool_keys: Sequence[Hashable] | None
) -> bool:
    """Tell whether the rules have nothing against a step as candidates are seen: nothing came back yet."""
    said = check_side(rules, trajectory, step, own_side(trajectory, step), tool_keys)
    return all(finding.level not in ERROR_LEVELS for finding in said.findings)
