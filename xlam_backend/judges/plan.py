"""Which places of a trajectory are asked about, and why the others are not: pure, and the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from xlam_backend.judges.base import Judge, LeftOut, LeftOutReason
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.settings import JudgeSettings

JudgedPlace = tuple[str, Place]  # a judge's name and a place it has judged before


class SamplePlan(msgspec.Struct, frozen=True):
    """What is to be asked about one trajectory, in order, and what is left out."""

    asked: tuple[tuple[Judge, Place], ...]
    left_out: tuple[tuple[Judge, LeftOut], ...]


class LeftOutCounts:
    """How many places are left out, by judge and reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, LeftOutReason]] = Counter()

    def add(self, left_out: Iterable[tuple[Judge, LeftOut]]) -> None:
        """Count what a plan left out."""
        self._counts.update((judge.name, one.reason) for judge, one in left_out)

    def by_judge(self) -> dict[str, dict[str, int]]:
        """Return judge -> reason -> count."""
        counted: dict[str, dict[str, int]] = {}
        for (judge, reason), count in sorted(self._counts.items()):
            counted.setdefault(judge, {})[reason] = count
        return counted


def plan_sample(
    sample: JudgedSample,
    judges: Iterable[Judge],
    settings: JudgeSettings,
    judged: Collection[JudgedPlace] = (),
) -> SamplePlan:
    """Return what these judges would ask about a trajectory.

    Args:
        sample: the trajectory, and what rules reject in it.
        judges: who asks.
        settings: how; see `JudgeSettings`.
        judged: what the same judges, prompts and models have judged before.
    """
    asked: list[tuple[Judge, Place]] = []
    left_out: list[tuple[Judge, LeftOut]] = []
    for judge in judges:
        for found in judge.find(sample, judge.name in settings.everything):
            if isinstance(found, LeftOut):
                left_out.append((judge, found))
            elif settings.skips_rejected and sample.is_rejected(found):
                left_out.append((judge, LeftOut(found, "a rule rejects it")))
            elif settings.skips_judged and (judge.name, found) in judged:
                left_out.append((judge, LeftOut(found, "judged before")))
            else:
                asked.append((judge, found))
    return SamplePlan(tuple(asked), tuple(left_out))
