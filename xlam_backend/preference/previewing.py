"""Shows what a plan would plant, before anything is planted: some examples, and what is left out."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec

from xlam_backend.checks.sound_steps import LeftOutReason, compile_rules
from xlam_backend.domain.corruption import CorruptedPair, CorruptionKind
from xlam_backend.preference.corrupting import corrupt_all
from xlam_backend.preference.job import draw_versions
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.connection import Store
from xlam_backend.store.trajectories import read_trajectories

MOST_LOOKED_AT = 60

# Nothing of a preview is kept, so the moment it was made does not matter.
_NO_MOMENT = datetime(1970, 1, 1)  # noqa: DTZ001 - as the store gives moments back


class CorruptionPreview(msgspec.Struct, frozen=True):
    """What a plan does to a part of the trajectories it draws.

    `kinds` counts the pairs of that part, `examples` holds one of each kind, `queries` what was asked
    for in each.
    """

    trajectory_count: int
    looked_at: int
    step_count: int
    pair_count: int
    barren_count: int
    left_out: dict[LeftOutReason, int]
    kinds: dict[CorruptionKind, int]
    examples: tuple[CorruptedPair, ...]
    queries: tuple[str, ...]


def preview_corruptions(store: Store, plan: CorruptionPlan) -> CorruptionPreview:
    """Return what a plan would do, told from a part of what it draws; nothing is written."""
    drawn = draw_versions(store, plan)
    part = random_part(drawn, MOST_LOOKED_AT, plan.seed)
    stored = read_trajectories(store, part.tolist())
    outcomes = list(corrupt_all(stored, plan, compile_rules(), now=_NO_MOMENT))
    pairs = [pair for outcome in outcomes for pair in outcome.pairs]
    queries = {each.version_no: each.trajectory.query for each in stored}
    left_out = Counter(reason for outcome in outcomes for reason in outcome.left_out)
    kinds = Counter(pair.corruption.kind for pair in pairs)
    examples = {pair.corruption.kind: pair for pair in reversed(pairs)}
    shown = tuple(examples[kind] for kind in plan.wanted_kinds if kind in examples)
    return CorruptionPreview(
        trajectory_count=len(drawn),
        looked_at=len(stored),
        step_count=sum(outcome.step_count for outcome in outcomes),
        pair_count=len(pairs),
        barren_count=sum(outcome.barren_count for outcome in outcomes),
        left_out=dict(left_out),
        kinds=dict(kinds.most_common()),
        examples=shown,
        queries=tuple(queries[pair.pair.version_no] for pair in shown),
    )
