"""Mends many trajectories in one act: what can be mended is, what cannot is left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from xlam_backend.checks.engine import CheckEngine
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.person import Person
from xlam_backend.errors import FixRefusedError
from xlam_backend.repair.mending import Mended, blocking_finding, make_engine, mend
from xlam_backend.repair.one_fix import checks_run, new_version
from xlam_backend.store.connection import Store
from xlam_backend.store.fixes import NewAct, NewVersion, record_act
from xlam_backend.store.stored_chunk import StoredTrajectory

# Trajectories read, and progress told, at a time.
CHUNK_ROWS = 2_000

ToMend = Iterable[tuple[StoredTrajectory, list[Finding]]]


class LeftOut(msgspec.Struct, frozen=True):
    """Trajectories of a family that were not mended: why, how many, and one of them to look at."""

    reason: str
    count: int
    trajectory_id: str


class FamilyProgress(msgspec.Struct, frozen=True):
    """How far the mending of a family is, in trajectories."""

    done_count: int
    total_count: int


class FamilyReport(msgspec.Struct, frozen=True):
    """What mending a family did; `act_no` is 0 when nothing could be mended."""

    act_no: int
    fixed_count: int
    cleared_count: int
    introduced_count: int
    left_out: tuple[LeftOut, ...]

    @property
    def left_out_count(self) -> int:
        """How many trajectories were left as they were."""
        return sum(each.count for each in self.left_out)


class BulkAct(msgspec.Struct, frozen=True):
    """What is to be done to many trajectories: by whom, when, and how many there are."""

    family: str
    person: Person
    now: datetime
    total: int
    progress: Callable[[FamilyProgress], None] | None = None


def mend_all(store: Store, act: BulkAct, to_mend: ToMend) -> FamilyReport:
    """Mend each trajectory with the fixes of its findings, and record all that worked as one act."""
    engine = make_engine()
    work = _Work(act.total, act.progress)
    for stored, findings in to_mend:
        work.take(stored, _try(engine, stored, findings))
    act_no = 0
    if work.new:
        new = NewAct("family", _summary(act.family, len(work.new)), act.person, act.family)
        act_no = record_act(store, new, work.new, checks=checks_run(engine), now=act.now)
    return FamilyReport(
        act_no,
        len(work.new),
        sum(len(new.cleared) for new in work.new),
        sum(len(new.introduced) for new in work.new),
        work.left_out(),
    )


class _Work:
    """Collects what was mended and what was left out, and tells how far it is."""

    def __init__(self, total: int, progress: Callable[[FamilyProgress], None] | None) -> None:
        self.new: list[NewVersion] = []
        self._total = total
        self._progress = progress
        self._done = 0
        self._reasons: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def take(self, stored: StoredTrajectory, result: Mended | str) -> None:
        """Keep the result of one trajectory: mended, or the reason why not."""
        reason = result if isinstance(result, str) else _reason_of(result)
        if isinstance(result, Mended) and not reason:
            self.new.append(new_version(stored, result))
        else:
            self._reasons[reason] += 1
            self._first.setdefault(reason, stored.trajectory_id)
        self._done += 1
        if self._progress is not None and (self._done % CHUNK_ROWS == 0 or self._done == self._total):
            self._progress(FamilyProgress(self._done, self._total))

    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the reasons, the most frequent first."""
        return tuple(
            LeftOut(reason, count, self._first[reason]) for reason, count in self._reasons.most_common()
        )


def _try(engine: CheckEngine, stored: StoredTrajectory, findings: list[Finding]) -> Mended | str:
    try:
        return mend(engine, stored.trajectory, findings, tool_keys=stored.tool_nos)
    except FixRefusedError as error:
        return error.what


def _reason_of(mended: Mended) -> str:
    """Say why a fix is refused in words that are the same for all trajectories with that reason."""
    blocking = blocking_finding(mended.introduced) if mended.refused else None
    return f"It would bring a new error: {blocking.check}." if blocking is not None else mended.refused


def _summary(family: str, count: int) -> str:
    """Say in plain words what was done to a family."""
    check, tool, pointer, _repair = msgspec.json.decode(family, type=tuple[str, str, str, str])
    place = f"{tool}{pointer}" if pointer else tool
    return f"Mended {check} at {place} in {count} trajectories."
