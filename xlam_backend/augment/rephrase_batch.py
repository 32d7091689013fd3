"""Carries out a run of rephrasing: group after group, in parts, each instruction once.

A part holds instructions that are settled. Whatever stands in a part is not asked about again; what had
been answered for one that is in none is in the cache of replies. So a run that was stopped or killed goes
on where it was, and pays nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.augment.derived import MadeBuilder
from xlam_backend.augment.job import DeriveJob, iter_shards
from xlam_backend.augment.made_parts import made_to_bytes
from xlam_backend.augment.rephrase_settings import RephraseSettings
from xlam_backend.augment.rephrasing import (
    Means,
    OpenInstruction,
    Rephrased,
    RephraseReport,
    rephrase_all,
    rephrased_trajectory,
)
from xlam_backend.domain.telling import Telling
from xlam_backend.errors import BudgetSpentError, JudgeUnavailableError, StoppedError
from xlam_backend.llm.chat import AskSummary, is_spent
from xlam_backend.runs.base import RunContext
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.table_file import read_facts

# Between two of these groups the endpoint waits for the slowest answer, so they are large.
GROUP = 200
PARTS = "rephrased-*.arrow"

InstructionKey = tuple[int, int]  # version_no, variant


class ChosenSteps(msgspec.Struct, frozen=True):
    """The steps that can show whether an instruction works, or why there are none."""

    steps: tuple[int, ...] = ()
    reason: str = ""


ChooseSteps = Callable[[StoredTrajectory], ChosenSteps]

NO_INSTRUCTION = "it has no task instruction"


class RephraseCounts(msgspec.Struct, frozen=True):
    """What a part holds: the instructions that are settled, how many are kept, and why others are not."""

    keys: tuple[InstructionKey, ...] = ()
    kept_count: int = 0
    reasons: dict[str, int] = {}
    is_scripted: bool = False


def eligible_steps(stored: StoredTrajectory, choose: ChooseSteps) -> ChosenSteps:
    """Return the steps that show whether another instruction works, or why the trajectory is left out."""
    if not stored.trajectory.task_instruction.strip():
        return ChosenSteps(reason=NO_INSTRUCTION)
    return choose(stored)


class RephraseBatch:
    """One attempt at a run of rephrasing."""

    def __init__(
        self,
        context: RunContext,
        job: DeriveJob,
        means: Callable[[Callable[[], None]], Means],
        choose: ChooseSteps,
        tellings: dict[int, Telling],
    ) -> None:
        self._context = context
        self._job = job
        self._choose = choose
        self._tellings = tellings
        self._input = context.folder / INPUT
        self._output = context.folder / OUTPUT
        self._means = means(self._tell_reply)
        self._replies = 0
        self._used: AskSummary | None = None
        self._left_out: Counter[str] = Counter()
        self._total = 0
        for stored in self._trajectories():
            chosen = eligible_steps(stored, choose)
            self._left_out.update([chosen.reason] if chosen.reason else [])
            self._total += 0 if chosen.reason else self._settings.count
        self._settled = {key for part in read_part_counts(self._output) for key in part.keys}

    @property
    def _settings(self) -> RephraseSettings:
        return self._means.settings

    def carry_out(self) -> None:
        """Settle every instruction, and say what came of it.

        Raises:
            StoppedError: a person stopped the run; what is finished stays.
            BudgetSpentError: there was no room for a further call.
            JudgeUnavailableError: every further call would have failed the same.
        """
        self._tell()
        group: list[OpenInstruction] = []
        for instruction in self._open():
            group.append(instruction)
            if len(group) == GROUP:
                self._settle(group)
                group = []
        if group:
            self._settle(group)
        self._context.set_outcome(self._outcome())

    def _trajectories(self) -> Iterator[StoredTrajectory]:
        for shard in iter_shards(self._input, self._job):
            yield from shard

    def _open(self) -> Iterator[OpenInstruction]:
        for stored in self._trajectories():
            chosen = eligible_steps(stored, self._choose)
            if chosen.reason:
                continue
            for variant in range(self._settings.count):
                if (stored.version_no, variant) not in self._settled:
                    telling = self._tellings.get(stored.trajectory_no)
                    yield OpenInstruction(stored, variant, chosen.steps, telling)

    def _settle(self, group: list[OpenInstruction]) -> None:
        report = rephrase_all(group, self._means)
        self._used = report.used
        if report.settled:
            self._context.write_part(self._free_name(), _part_of(report.settled, self._context.run_id))
            self._settled |= {_key(one) for one in report.settled}
        self._tell()
        if len(report.settled) < len(group):
            self._context.set_outcome(self._outcome())
            self._end(report)

    def _end(self, report: RephraseReport) -> None:
        done = f"{len(self._settled):,} of {self._total:,} instructions are settled"
        if self._context.should_stop():
            raise StoppedError(f"The run was stopped; {done}.", "Resume it to go on.")
        if is_spent(report.ended_because):
            raise BudgetSpentError(
                f"{report.ended_because.removesuffix('.')}; {done}.",
                "Resume the run with a larger budget: what is settled stays and is not paid again.",
            )
        raise JudgeUnavailableError(f"{report.ended_because} {done}.".strip(), report.used.way_out)

    def _free_name(self) -> str:
        number = len(list(self._output.glob(PARTS)))
        while self._context.has_part(f"rephrased-{number:06}.arrow"):
            number += 1
        return f"rephrased-{number:06}.arrow"

    def _tell_reply(self) -> None:
        self._replies += 1
        self._tell()

    def _tell(self) -> None:
        words = f"{len(self._settled):,} of {self._total:,} settled, {self._replies:,} replies"
        self._context.progress(len(self._settled), self._total, words, replies=float(self._replies))

    def _outcome(self) -> dict[str, Any]:
        parts = list(read_part_counts(self._output))
        reasons = sum((Counter(part.reasons) for part in parts), Counter[str]())
        told: dict[str, Any] = {
            "dataset": self._job.dataset.name,
            "trajectories": self._job.trajectory_count,
            "left out": dict(self._left_out),
            "instructions": self._total,
            "kept": sum(part.kept_count for part in parts),
            "not kept": dict(reasons.most_common()),
            "scripted": any(part.is_scripted for part in parts),
        }
        used = self._used
        if used is not None:
            told |= {
                "calls": used.calls,
                "input tokens": used.input_tokens,
                "output tokens": used.output_tokens,
                "cost": used.cost,
            }
        return told


def read_part_counts(output: Path) -> Iterator[RephraseCounts]:
    """Yield what the finished parts of a run count."""
    for path in sorted(output.glob(PARTS)):
        yield msgspec.convert(read_facts(path)["counts"], RephraseCounts)


def _part_of(settled: tuple[Rephrased, ...], run_id: str) -> bytes:
    builder = MadeBuilder("rephrased", run_id)
    reasons: Counter[str] = Counter()
    for one in settled:
        parent = one.open.parent
        if one.reason:
            reasons[one.reason] += 1
            builder.refuse(parent, one.reason, rephrased=one.instruction, model=one.model)
        else:
            made = rephrased_trajectory(parent.trajectory, one.instruction)
            builder.add(parent, made, one.open.telling, model=one.model, is_scripted=one.is_scripted)
    counts = RephraseCounts(
        tuple(_key(one) for one in settled),
        len(settled) - reasons.total(),
        dict(reasons),
        any(one.is_scripted for one in settled),
    )
    return made_to_bytes(builder.build(), msgspec.to_builtins(counts))


def _key(one: Rephrased) -> InstructionKey:
    return one.open.parent.version_no, one.open.variant
