"""Turns correct steps into pairs: plants errors by the seed, keeps those that are shown to be worse."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from xlam_backend.checks.engine import CheckEngine
from xlam_backend.checks.sound_steps import LeftOutReason, choose_steps
from xlam_backend.checks.step_rules import check_side, own_side
from xlam_backend.domain.corruption import CorruptedPair, Corruption, CorruptionKind
from xlam_backend.domain.finding import ERROR_LEVELS, Finding
from xlam_backend.domain.pair import Pair, PairSide
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.preference.kinds import Kind, kind_by_name
from xlam_backend.preference.offered import offered_tools
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.preference.planting import Planted, Scene, ValuesOf
from xlam_backend.preference.verify import is_shown
from xlam_backend.store.stored_chunk import StoredTrajectory

_MOST_TRIES = 4  # of a kind at a step, each time with other chances
_LONGEST_BORROWED = 80
_MOST_BORROWED = 200  # values of an argument that others may borrow


class TrajectoryOutcome(msgspec.Struct, frozen=True):
    """What came of one trajectory: the pairs it gave, and how many steps were left out, by reason.

    `barren_count` are sound steps that no kind could be planted in.
    """

    pairs: tuple[CorruptedPair, ...] = ()
    left_out: tuple[LeftOutReason, ...] = ()
    step_count: int = 0
    barren_count: int = 0


class Corrupter:
    """Plants errors as one plan says, held against one set of rules."""

    def __init__(self, plan: CorruptionPlan, rules: CheckEngine, *, now: datetime) -> None:
        self._plan = plan
        self._rules = rules
        self._now = now
        self._kinds = [kind_by_name(name) for name in plan.wanted_kinds]

    def corrupt(self, stored: StoredTrajectory, values: ValuesOf) -> TrajectoryOutcome:
        """Return the pairs that a trajectory gives."""
        chosen = choose_steps(stored.trajectory, self._plan.steps, self._rules, stored.tool_nos)
        pairs: list[CorruptedPair] = []
        barren = 0
        for step in chosen.steps:
            made = list(self._corrupt_step(stored, step, values))
            pairs += made
            barren += not made
        return TrajectoryOutcome(tuple(pairs), chosen.left_out, len(chosen.steps), barren)

    def _corrupt_step(self, stored: StoredTrajectory, step: int, values: ValuesOf) -> Iterator[CorruptedPair]:
        """Yield pairs of one step, each of another kind, in an order that the seed decides."""
        own = own_side(stored.trajectory, step)
        at_work = _StepAtWork(self._rules, stored, step, own, values)
        rng = random.Random(f"{self._plan.seed}/{stored.content_id}/{step}")  # noqa: S311 - no secret
        made = 0
        for kind in rng.sample(self._kinds, len(self._kinds)):
            planted = at_work.plant(kind, f"{self._plan.seed}/{stored.content_id}/{step}/{kind.name}")
            if planted is None:
                continue
            yield self._pair(stored, step, own, kind, planted)
            made += 1
            if made == self._plan.per_step:
                return

    def _pair(
        self, stored: StoredTrajectory, step: int, own: PairSide, kind: Kind, shown: _Shown
    ) -> CorruptedPair:
        pair = Pair(
            pair_no=0,
            version_no=stored.version_no,
            trajectory_no=stored.trajectory_no,
            step=step,
            candidate_no=0,
            origin="corruption",
            chosen=own,
            rejected=shown.planted.side,
            reason=kind.reason,
            is_equal=False,
            margin=None,
            made_at=self._now,
        )
        planted = shown.planted
        errors = sum(1 for finding in shown.findings if finding.level in ERROR_LEVELS)
        corruption = Corruption(
            kind.name, planted.call, planted.pointer, planted.words, kind.check, errors, self._plan.seed
        )
        return CorruptedPair(pair, corruption)


class _Shown(msgspec.Struct, frozen=True):
    """A planted error that was shown to be one, and all the rules say about the step with it."""

    planted: Planted
    findings: tuple[Finding, ...]


class _StepAtWork:
    """One step that errors are planted in, with what is known of it."""

    def __init__(
        self, rules: CheckEngine, stored: StoredTrajectory, step: int, own: PairSide, values: ValuesOf
    ) -> None:
        self._rules = rules
        self._stored = stored
        self._step = step
        self._own = own
        schemas = [rules.read_schema(tool) for tool in stored.trajectory.tools]
        self._schemas: Mapping[str, ToolSchema] = {schema.name: schema for schema in reversed(schemas)}
        self._scene = Scene(own, offered_tools(schemas), values)
        self._own_findings = self._findings(own)

    def plant(self, kind: Kind, seed: str) -> _Shown | None:
        """Plant an error of a kind; None when none can be, or none that is shown to be worse."""
        rng = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(_MOST_TRIES):
            try:
                planted = kind.plant(self._scene, rng.randrange(len(self._own.tool_calls)), rng)
            except RecursionError:  # arguments nested deeper than JSON can be written
                return None
            if planted is None:
                continue
            findings = self._findings(planted.side)
            if is_shown(
                kind,
                self._own,
                planted,
                schemas=self._schemas,
                own_findings=self._own_findings,
                findings=findings,
            ):
                return _Shown(planted, findings)
        return None

    def _findings(self, side: PairSide) -> tuple[Finding, ...]:
        stored = self._stored
        return check_side(self._rules, stored.trajectory, self._step, side, stored.tool_nos).findings


def corrupt_all(
    shard: Sequence[StoredTrajectory], plan: CorruptionPlan, rules: CheckEngine, *, now: datetime
) -> Iterator[TrajectoryOutcome]:
    """Yield what each trajectory of a shard gives; wrong values are borrowed among them."""
    corrupter = Corrupter(plan, rules, now=now)
    values = borrowed_values(stored.trajectory for stored in shard)
    for stored in shard:
        yield corrupter.corrupt(stored, values)


def borrowed_values(trajectories: Iterable[Trajectory]) -> dict[str, list[str]]:
    """Return the short texts given for arguments of each name, in an order that no input order decides."""
    found: dict[str, set[str]] = {}
    for trajectory in trajectories:
        for step in trajectory.steps:
            for call in step.tool_calls:
                for name, value in call.arguments.items():
                    if isinstance(value, str) and 0 < len(value) <= _LONGEST_BORROWED:
                        found.setdefault(name, set()).add(value)
    return {name: sorted(texts)[:_MOST_BORROWED] for name, texts in found.items()}


def count_kinds(pairs: Iterable[CorruptedPair]) -> dict[CorruptionKind, int]:
    """Return how many pairs there are of each kind."""
    return dict(Counter(pair.corruption.kind for pair in pairs))
