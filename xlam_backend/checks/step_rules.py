"""Holds one way to take a step against the rules, with the tools and the history of its trajectory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import msgspec

from xlam_backend.checks.engine import CheckEngine
from xlam_backend.domain.finding import Finding, NotChecked
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.trajectory import Step, Trajectory


class RuleVerdict(msgspec.Struct, frozen=True):
    """What the rules say about one step, and which of them gave no answer."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]


def with_step(trajectory: Trajectory, step: int, side: PairSide) -> Trajectory:
    """Return the trajectory up to a step, that step taken in another way; nothing has come back yet."""
    taken = Step(thought=side.thought, tool_calls=side.tool_calls)
    return msgspec.structs.replace(trajectory, steps=(*trajectory.steps[:step], taken))


def own_side(trajectory: Trajectory, step: int) -> PairSide:
    """Return how the trajectory itself takes a step."""
    own = trajectory.steps[step]
    return PairSide(own.thought, own.tool_calls)


def check_side(
    rules: CheckEngine,
    trajectory: Trajectory,
    step: int,
    side: PairSide,
    tool_keys: Sequence[Hashable] | None = None,
) -> RuleVerdict:
    """Check one way to take a step; findings about other steps or the trajectory as a whole are left out."""
    outcome = rules.check_trajectory(with_step(trajectory, step, side), tool_keys)
    return RuleVerdict(
        tuple(finding for finding in outcome.findings if finding.step == step), outcome.not_checked
    )
