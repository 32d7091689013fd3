"""A row of preference data: the context of a step, the better and the worse way to take it."""

from __future__ import annotations

from typing import Literal

import msgspec

from xlam_backend.domain.pair import PairOrigin, PairSide
from xlam_backend.domain.review import PairReason
from xlam_backend.domain.trajectory import Trajectory

Standing = Literal["not reviewed", "confirmed", "flipped"]


class PreferenceRow(msgspec.Struct, frozen=True):
    """One pair that counts, as it is trained on.

    The context is all that `trajectory` says up to `step`: its query, tools and instructions, and the
    steps before that one. `chosen` and `rejected` take the place of the step itself. Where people
    turned a pair round (`standing` "flipped") the sides stand here as people want them, and `margin`
    has its sign changed with them.

    `row_id` depends on what the row says alone, so the same pair has the same id in every store.
    `reason` names what is wrong with the rejected side ("other" where the sides were turned round),
    `margin` is the judge's rating of the chosen side less that of the rejected one, None when not both
    are rated. `origin` says where the pair comes from, `kind` which error was planted ("" when none
    was), `model` which model gave the rejected side ("" when none did); `is_scripted` marks what the
    scripted model for trying out has written.
    """

    row_id: str
    trajectory: Trajectory
    step: int
    chosen: PairSide
    rejected: PairSide
    reason: PairReason
    margin: float | None
    origin: PairOrigin
    standing: Standing = "not reviewed"
    kind: str = ""
    model: str = ""
    is_scripted: bool = False
    pair_no: int = 0
    trajectory_id: str = ""
    dataset: str = ""
    source: str = ""
