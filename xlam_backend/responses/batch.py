"""Carries out a run of responses: step after step, in parts, each step once.

A part holds steps that are answered whole. Whatever stands in a part is not asked about again; what had
been answered for a step that is in none is in the cache of replies. So a run that was stopped or killed
goes on where it was, and pays nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.checks.engine import CheckEngine
from xlam_backend.checks.sound_steps import choose_steps, compile_rules
from xlam_backend.domain.candidate import CLASSIFICATIONS
from xlam_backend.errors import BudgetSpentError, JudgeUnavailableError, StoppedError
from xlam_backend.llm.chat import AskSummary, is_spent
from xlam_backend.prompts.frozen import thaw
from xlam_backend.responses.answering import (
    AnsweredStep,
    AnswerReport,
    Ask,
    Means,
    OpenStep,
    Told,
    answer_steps,
)
from xlam_backend.responses.job import RespondJob, iter_shards
from xlam_backend.runs.base import RunContext
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.runs.part_rows import encode_rows, read_rows

# Between two of these groups the endpoint waits for the slowest answer, so they are large.
GROUP_STEPS = 200
PARTS = "answers-*.jsonl"

StepKey = tuple[int, int]  # version_no, step


class StepCounts(msgspec.Struct, frozen=True):
    """How many steps a run is to answer, and how many are left out, by reason."""

    step_count: int
    left_out: dict[str, int]


class RespondBatch:
    """One attempt at a run of responses."""

    def __init__(self, context: RunContext, job: RespondJob, ask: Ask) -> None:
        self._context = context
        self._job = job
        self._rules = compile_rules()
        self._input = context.folder / INPUT
        self._output = context.folder / OUTPUT
        self._counts = count_steps(self._input, job, self._rules)
        self._answered = {step_key(step) for step in read_parts(self._output)}
        self._per_step = len(job.plan.models) * job.plan.count
        self._candidate_count = len(self._answered) * self._per_step
        self._numbers: Counter[str] = Counter()
        self._used: AskSummary | None = None
        self._means = Means(
            run_id=context.run_id,
            plan=job.plan,
            prompt=thaw(job.prompt),
            judge_prompt=thaw(job.judge_prompt),
            rules=self._rules,
            ask=ask,
            now=lambda: datetime.now(UTC),
            tell=self._tell_one,
        )

    def carry_out(self) -> None:
        """Answer every step, and say what came of it.

        Raises:
            StoppedError: a person stopped the run; what is finished stays.
            BudgetSpentError: there was no room for a further call.
            JudgeUnavailableError: every further call would have failed the same.
        """
        self._tell()
        group: list[OpenStep] = []
        for step in self._open_steps():
            group.append(step)
            if len(group) == GROUP_STEPS:
                self._answer(group)
                group = []
        if group:
            self._answer(group)
        self._context.set_outcome(self._outcome())

    def _open_steps(self) -> Iterator[OpenStep]:
        plan = self._job.plan
        for shard in iter_shards(self._input, self._job):
            for stored in shard:
                chosen = choose_steps(stored.trajectory, plan.steps, self._rules, stored.tool_nos)
                for step in chosen.steps:
                    if (stored.version_no, step) not in self._answered:
                        yield OpenStep(
                            stored.version_no, stored.trajectory_no, step, stored.trajectory, stored.tool_nos
                        )

    def _answer(self, group: list[OpenStep]) -> None:
        report = answer_steps(group, self._means)
        self._used = report.used
        if report.answered:
            self._context.write_part(self._free_name(), encode_rows(report.answered))
            self._answered |= {step_key(step) for step in report.answered}
        if len(report.answered) < len(group):
            self._context.set_outcome(self._outcome())
            self._end(report)

    def _end(self, report: AnswerReport) -> None:
        done = f"{len(self._answered):,} of {self._counts.step_count:,} steps are answered"
        if self._context.should_stop():
            raise StoppedError(f"The run was stopped; {done}.", "Resume it to go on.")
        if is_spent(report.ended_because):
            raise BudgetSpentError(
                f"{report.ended_because.removesuffix('.')}; {done}.",
                "Resume the run with a larger budget: what is answered stays and is not paid again.",
            )
        raise JudgeUnavailableError(f"{report.ended_because} {done}.".strip(), report.way_out)

    def _free_name(self) -> str:
        number = len(list(self._output.glob(PARTS)))
        while self._context.has_part(f"answers-{number:06}.jsonl"):
            number += 1
        return f"answers-{number:06}.jsonl"

    def _tell_one(self, kind: Told) -> None:
        self._numbers[kind] += 1
        if kind == "candidates":
            self._candidate_count += 1
        self._tell()

    def _tell(self) -> None:
        total = self._counts.step_count * self._per_step
        words = f"{len(self._answered):,} of {self._counts.step_count:,} steps done"
        if self._numbers["ratings"]:
            words += f", {self._numbers['ratings']:,} ratings"
        self._context.progress(
            min(self._candidate_count, total),
            total,
            words,
            **{name: float(count) for name, count in self._numbers.items()},
        )

    def _outcome(self) -> dict[str, Any]:
        return {**summarise(self._output, self._counts), **_used_figures(self._used)}


def _used_figures(used: AskSummary | None) -> dict[str, Any]:
    if used is None:  # all was there already
        return {}
    return {
        "calls": used.calls,
        "input tokens": used.input_tokens,
        "output tokens": used.output_tokens,
        "cost": used.cost,
    }


def count_steps(folder: Path, job: RespondJob, rules: CheckEngine) -> StepCounts:
    """Count what a run is to answer."""
    step_count = 0
    left_out: Counter[str] = Counter()
    for shard in iter_shards(folder, job):
        for stored in shard:
            chosen = choose_steps(stored.trajectory, job.plan.steps, rules, stored.tool_nos)
            step_count += len(chosen.steps)
            left_out.update(chosen.left_out)
    return StepCounts(step_count, dict(left_out))


def read_parts(folder: Path) -> Iterator[AnsweredStep]:
    """Yield what the finished parts of a run hold."""
    for path in sorted(folder.glob(PARTS)):
        yield from read_part(path)


def read_part(path: Path) -> Iterator[AnsweredStep]:
    """Return the answered steps of a part, read as they are taken."""
    return read_rows(path, AnsweredStep)


def step_key(step: AnsweredStep) -> StepKey:
    """Return what names an answered step inside a run."""
    return step.version_no, step.step


def summarise(folder: Path, counts: StepCounts) -> dict[str, Any]:
    """Return what came of a run from all its parts, in figures a page can show."""
    by_model: dict[str, Counter[str]] = {}
    answered, is_scripted = 0, False
    for step in read_parts(folder):
        answered += 1
        for candidate in step.candidates:
            by_model.setdefault(candidate.model, Counter())[candidate.classification] += 1
            is_scripted = is_scripted or candidate.is_scripted
    return {
        "steps": counts.step_count,
        "answered": answered,
        "left out": counts.left_out,
        "by model": {
            model: {word: count[word] for word in CLASSIFICATIONS}
            for model, count in sorted(by_model.items())
        },
        "scripted": is_scripted,
    }
