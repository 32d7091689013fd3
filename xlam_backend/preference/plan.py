"""What a person sets when errors are planted: in which steps, of which kinds, how many of each step."""

from __future__ import annotations

import msgspec

from xlam_backend.checks.sound_steps import StepChoice
from xlam_backend.domain.corruption import CORRUPTION_KINDS, CorruptionKind
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError

MOST_PER_STEP = len(CORRUPTION_KINDS)
MOST_TRAJECTORIES = 1_000_000


class CorruptionPlan(msgspec.Struct, frozen=True):
    """Which steps get which errors.

    filters   which trajectories, as in Explore; of those, `size` are drawn by `seed` (0: all)
    steps     of each trajectory the first step with a call, or each step with a call
    kinds     the kinds that may be planted; all when empty
    per_step  how many pairs a step gives at most, each of another kind
    seed      decides which trajectories are drawn, and which error is planted where
    """

    filters: Filters = Filters()
    size: int = 1_000
    steps: StepChoice = "each call"
    kinds: tuple[CorruptionKind, ...] = ()
    per_step: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out."""
        if not 0 <= self.size <= MOST_TRAJECTORIES:
            raise SettingError(
                f"A run takes 1 to {MOST_TRAJECTORIES:,} trajectories (0: all there are).",
                "Change their number.",
            )
        if not 1 <= self.per_step <= MOST_PER_STEP:
            raise SettingError(f"A step gives 1 to {MOST_PER_STEP} pairs.", "Change their number.")
        if self.seed < 0:
            raise SettingError(f"A seed of {self.seed} is not possible.", "Give a whole number from 0.")

    @property
    def wanted_kinds(self) -> tuple[CorruptionKind, ...]:
        """The kinds that may be planted, in the order of the list of kinds."""
        return tuple(kind for kind in CORRUPTION_KINDS if not self.kinds or kind in self.kinds)
