"""A chosen/rejected pair: two ways to take the same step of a trajectory, one of them the better."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import msgspec

from xlam_backend.domain.review import PairReason
from xlam_backend.domain.trajectory import ToolCall

# generated: the rejected side is the answer of a model; corruption: an error was planted in the chosen one.
PairOrigin = Literal["generated", "corruption"]
PAIR_ORIGINS: tuple[PairOrigin, ...] = get_args(PairOrigin)


class PairSide(msgspec.Struct, frozen=True):
    """One way to take the step: the thought (or reply) and the calls."""

    thought: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


class Pair(msgspec.Struct, frozen=True):
    """Two sides of a step. `chosen` is the trajectory's own step as it was in this version.

    `reason` names what is wrong with the rejected side. `margin` is the judge's rating of the chosen
    side less that of the rejected side, None when not both are rated. `candidate_no` is the answer
    that the rejected side comes from (0: none). `is_equal`: both sides make the same calls, so that
    there is nothing to prefer.
    """

    pair_no: int
    version_no: int
    trajectory_no: int
    step: int
    candidate_no: int
    origin: PairOrigin
    chosen: PairSide
    rejected: PairSide
    reason: PairReason
    is_equal: bool
    margin: float | None
    made_at: datetime
