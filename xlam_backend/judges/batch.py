"""Asks all questions of a run and writes finished parts: resumable, each place exactly once.

Places are numbered in the order of the input, and a part holds the ratings of the same places whenever it is
made. A part that exists is not asked about again; what had been answered for a part that does not is
answered by the cache of replies. So a run that was killed goes on where it was, and pays nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.domain.rating import Rating
from xlam_backend.domain.tool import Tool
from xlam_backend.errors import JudgeUnavailableError, StoppedError
from xlam_backend.judges.answer import Answer, Unreadable
from xlam_backend.judges.asking import first_request, make_question, read_reply, repair_request
from xlam_backend.judges.base import Judge
from xlam_backend.judges.outcome import Asked, Heard, ratings_of
from xlam_backend.judges.plan import LeftOutCounts, plan_sample
from xlam_backend.judges.sample import Place
from xlam_backend.judges.settings import chosen_judges
from xlam_backend.judges.shards import JudgeJob, PlannedSample, read_prompts, read_shard
from xlam_backend.llm.chat import AskSummary, ChatRequest, Reply, is_spent
from xlam_backend.runs.base import RunContext
from xlam_backend.runs.folder import INPUT, OUTPUT, STATE
from xlam_backend.runs.part_rows import encode_rows, read_rows

PART_RATINGS = 200
PLAN = "plan.json"
# Asks all requests, tells each reply, asks what comes of it; the client of an endpoint, bound to a run.
Ask = Callable[[Iterable[ChatRequest], Callable[[Reply], Iterable[ChatRequest]]], AskSummary]


class JudgePlan(msgspec.Struct, frozen=True):
    """How many places each shard has to ask about, and how many are left out, by judge and reason."""

    asked_per_shard: tuple[int, ...]
    left_out: dict[str, dict[str, int]]

    @property
    def asked(self) -> int:
        """How many places are asked about in all."""
        return sum(self.asked_per_shard)


class _Open:
    """A place whose models have not all answered; `first` holds replies that are being asked for again."""

    __slots__ = ("asked", "first", "heard")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.heard: dict[int, Heard] = {}
        self.first: dict[int, Reply] = {}


class JudgeBatch:
    """One attempt at a run of the judges."""

    def __init__(self, context: RunContext, job: JudgeJob, ask: Ask) -> None:
        self._context = context
        self._job = job
        self._settings = job.settings
        self._ask = ask
        self._judges = chosen_judges(job.settings)
        self._prompts = read_prompts(job)
        rows = len(self._settings.models) + self._settings.is_committee
        self.part_places = max(1, PART_RATINGS // max(1, rows))
        self._plan = _read_or_make_plan(context, job)
        self._open: dict[int, _Open] = {}
        self._rows: dict[int, dict[int, list[Rating]]] = {}
        self._done = sum(self._part_size(part) for part in range(self._part_count) if self._is_finished(part))
        self._numbers: Counter[str] = Counter()
        self._cost = 0.0

    def carry_out(self) -> None:
        """Ask, write parts, and say what came of it.

        Raises:
            StoppedError: a person stopped the run; finished parts stay.
            JudgeUnavailableError: every further call would have failed the same.
        """
        self._tell()
        summary = self._ask(self._requests(), self._take)
        if self._open and self._context.should_stop():
            raise StoppedError("The run was stopped; what is finished stays.", "Resume it to go on.")
        if self._open:
            raise JudgeUnavailableError(summary.ended_because, summary.way_out)
        self._context.set_outcome(summarise(self._context.folder, self._plan, summary))

    @property
    def _part_count(self) -> int:
        return -(-self._plan.asked // self.part_places)

    def _is_finished(self, part: int) -> bool:
        return self._context.has_part(_part_name(part))

    def _part_of(self, number: int) -> int:
        return number // self.part_places

    def _part_size(self, part: int) -> int:
        return min(self.part_places, self._plan.asked - part * self.part_places)

    def _requests(self) -> Iterator[ChatRequest]:
        """Yield the first request of every model for every place."""
        for number, asked in self._asked_places():
            self._open[number] = _Open(asked)
            for at, model in enumerate(self._settings.models):
                yield first_request(asked.question, _key(number, at, 0), model, self._settings)

    def _asked_places(self) -> Iterator[tuple[int, Asked]]:
        """Yield the places whose part is not finished, with their numbers."""
        number = 0
        known: dict[int, Tool] = {}
        for shard, count in enumerate(self._plan.asked_per_shard):
            parts = {self._part_of(at) for at in range(number, number + count)}
            finished = {part for part in parts if self._is_finished(part)}
            if finished != parts:
                for at, (planned, judge, place) in enumerate(self._places_of(shard, known), start=number):
                    if self._part_of(at) not in finished:
                        yield at, self._written_down(planned, judge, place)
            number += count

    def _places_of(self, shard: int, known: dict[int, Tool]) -> Iterator[tuple[PlannedSample, Judge, Place]]:
        for planned in read_shard(self._context.folder / INPUT, shard, known):
            plan = plan_sample(planned.sample, self._judges, self._settings, planned.judged)
            for judge, place in plan.asked:
                yield planned, judge, place

    def _written_down(self, planned: PlannedSample, judge: Judge, place: Place) -> Asked:
        prompt = self._prompts[judge.name]
        shown = judge.show(planned.sample, place, self._settings.room)
        examples = self._job.examples.get(judge.name, ())
        question = make_question(judge, shown, prompt, self._settings, examples)
        stored = planned.stored
        return Asked(judge, place, stored.version_no, stored.trajectory_no, prompt, question)

    def _take(self, reply: Reply) -> tuple[ChatRequest, ...]:
        """Take a reply: read it, ask again once, or close its place; returns what is to be asked next."""
        number, at, _ = _read_key(reply.key)
        place = self._open[number]
        if reply.state == "not_asked" and not is_spent(reply.reason):
            return ()  # stopped, or the endpoint is out of order: the place stays open for a resume
        question, model, first = place.asked.question, self._settings.models[at], place.first.get(at)
        read = read_reply(question, reply) if reply.state == "answered" else None
        if isinstance(read, Unreadable) and first is None:
            place.first[at] = reply
            key = _key(number, at, 1)
            return (
                repair_request(question, key, model, self._settings, reply=reply.text, reason=read.reason),
            )
        place.heard[at] = Heard(model, reply, read, first)
        if len(place.heard) == len(self._settings.models):
            self._close(number, place)
        self._tell()
        return ()

    def _close(self, number: int, place: _Open) -> None:
        """Turn a place into its ratings, and write its part when it is the last of it."""
        heard = [place.heard[at] for at in range(len(self._settings.models))]
        rows = ratings_of(
            place.asked,
            heard,
            run_id=self._context.run_id,
            settings=self._settings,
            now=datetime.now(UTC),
        )
        del self._open[number]
        self._count(heard, rows)
        part = self._part_of(number)
        gathered = self._rows.setdefault(part, {})
        gathered[number] = rows
        if len(gathered) == self._part_size(part):
            ordered = [row for _, of_place in sorted(gathered.items()) for row in of_place]
            self._context.write_part(_part_name(part), encode_rows(ordered))
            del self._rows[part]

    def _count(self, heard: Iterable[Heard], rows: list[Rating]) -> None:
        self._done += 1
        verdict = rows[-1]
        self._numbers["flagged"] += verdict.is_flagged
        self._numbers["not judged"] += verdict.state == "not_judged"
        for one in heard:
            self._numbers["repaired"] += one.first_reply is not None and isinstance(one.read, Answer)
        self._cost += sum(row.cost or 0.0 for row in rows)
        self._numbers["tokens"] += sum(row.input_tokens + row.output_tokens for row in rows)

    def _tell(self) -> None:
        numbers = self._numbers
        words = f"{numbers['flagged']:,} flagged, {numbers['not judged']:,} not judged"
        figures = {name.replace(" ", "_"): float(count) for name, count in numbers.items()}
        self._context.progress(self._done, self._plan.asked, words, cost=self._cost, **figures)


def summarise(folder: Path, plan: JudgePlan, summary: AskSummary) -> dict[str, Any]:
    """Return what came of a run from all its parts, for the page of the run."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    by_judge: dict[str, Counter[str]] = {}
    is_scripted = False
    for path in sorted((folder / OUTPUT).glob("ratings-*.jsonl")):
        for row in read_part(path):
            if row.member == "member":
                continue
            state = "flagged" if row.is_flagged else "fine" if row.state == "judged" else "not judged"
            counts[state] += 1
            by_judge.setdefault(row.judge, Counter())[state] += 1
            is_scripted = is_scripted or row.is_scripted
            if row.state == "not_judged":
                reasons[row.not_judged_reason] += 1
    return {
        "asked": plan.asked,
        "judged": counts["flagged"] + counts["fine"],
        "flagged": counts["flagged"],
        "not judged": dict(reasons.most_common()),
        "by judge": {judge: dict(of_judge) for judge, of_judge in by_judge.items()},
        "left out": plan.left_out,
        "calls": summary.calls,
        "from cache": summary.from_cache,
        "input tokens": summary.input_tokens,
        "output tokens": summary.output_tokens,
        "cost": summary.cost,
        "scripted": is_scripted,
    }


def read_part(path: Path) -> Iterator[Rating]:
    """Return the ratings of a part, read as they are taken."""
    return read_rows(path, Rating)


def make_plan(folder: Path, job: JudgeJob) -> JudgePlan:
    """Count what each shard asks about, and what is left out."""
    judges = chosen_judges(job.settings)
    left_out = LeftOutCounts()
    asked = []
    known: dict[int, Tool] = {}
    for shard in range(job.shard_count):
        count = 0
        for planned in read_shard(folder, shard, known):
            plan = plan_sample(planned.sample, judges, job.settings, planned.judged)
            left_out.add(plan.left_out)
            count += len(plan.asked)
        asked.append(count)
    return JudgePlan(tuple(asked), left_out.by_judge())


def _read_or_make_plan(context: RunContext, job: JudgeJob) -> JudgePlan:
    path = context.folder / STATE / PLAN
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=JudgePlan)
    context.progress(0, 0, "choosing what to ask")
    plan = make_plan(context.folder / INPUT, job)
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{PLAN}")
    draft.write_bytes(msgspec.json.encode(plan))
    draft.replace(path)
    return plan


def _part_name(part: int) -> str:
    return f"ratings-{part:06}.jsonl"


def _key(number: int, model_at: int, attempt: int) -> str:
    return f"{number}/{model_at}/{attempt}"


def _read_key(key: str) -> tuple[int, int, int]:
    number, model_at, attempt = key.split("/")
    return int(number), int(model_at), int(attempt)
