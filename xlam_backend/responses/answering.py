"""Answers steps: asks the models, reads and checks what they say, has it rated, and classifies it.

Nothing here knows of runs or files. A step is answered when all its candidates have had their turn; one
that was left half way (the budget was spent, a person stopped) is left out, to be taken up again: what
was paid for is in the cache of replies by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from xlam_backend.checks.engine import CheckEngine
from xlam_backend.checks.step_rules import RuleVerdict, check_side, own_side
from xlam_backend.domain.candidate import Candidate
from xlam_backend.domain.finding import gravest_error
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.llm.chat import AskSummary, ChatRequest, Reply
from xlam_backend.prompts.prompt_file import Prompt
from xlam_backend.responses.asking import candidate_request, step_messages
from xlam_backend.responses.classify import NO_REPLY, Weighed, means_the_same, weigh
from xlam_backend.responses.plan import RespondPlan
from xlam_backend.responses.rating import Rated, SideQuestion
from xlam_backend.responses.reply_text import ReadStep, read_step

OnReply = Callable[[Reply], Iterable[ChatRequest] | None]


class Ask(Protocol):
    """Asks an endpoint, by its name, many things; each gets exactly one reply."""

    def __call__(self, endpoint: str, requests: Iterable[ChatRequest], on_reply: OnReply) -> AskSummary:
        """Ask all of them."""
        ...


Told = Literal["candidates", "ratings"]


def _say_nothing(_kind: Told) -> None:
    """Tell nobody."""


class OpenStep(msgspec.Struct, frozen=True):
    """A step to be answered. Equal `tool_nos` promise equal tools."""

    version_no: int
    trajectory_no: int
    step: int
    trajectory: Trajectory
    tool_nos: tuple[int, ...]


class AnsweredStep(msgspec.Struct, frozen=True):
    """What came of one step: its candidates, the ratings of each, and those of the trajectory's own step."""

    version_no: int
    trajectory_no: int
    step: int
    own: PairSide
    candidates: tuple[Candidate, ...]
    ratings: tuple[tuple[Rating, ...], ...]  # beside the candidates
    own_ratings: tuple[Rating, ...] = ()


class Means(msgspec.Struct, frozen=True):
    """With what steps are answered."""

    run_id: str
    plan: RespondPlan
    prompt: Prompt
    judge_prompt: Prompt
    rules: CheckEngine
    ask: Ask
    now: Callable[[], datetime]
    tell: Callable[[Told], None] = _say_nothing


class AnswerReport(msgspec.Struct, frozen=True):
    """The steps that were answered, in order, and why the rest was not ("" when there is none)."""

    answered: tuple[AnsweredStep, ...]
    used: AskSummary  # calls, tokens and cost of the whole run so far
    ended_because: str = ""
    way_out: str = ""


def answer_steps(steps: Sequence[OpenStep], means: Means) -> AnswerReport:
    """Have steps answered by every model of the plan."""
    works = [_StepWork(step, f"{place}", means) for place, step in enumerate(steps)]
    by_place = {work.key: work for work in works}

    def take(reply: Reply) -> None:
        by_place[reply.key.partition("/")[0]].take(reply)
        means.tell("candidates")

    requests = (request for work in works for request in work.requests())
    replies = _Watch(take)
    summaries = [means.ask(means.plan.endpoint, requests, replies)]
    if means.plan.rated != "none":
        summaries.append(_rate([work for work in works if work.is_generated], means, replies))
    return AnswerReport(
        tuple(work.result() for work in works if work.is_answered),
        summaries[-1],
        replies.not_asked_because,
        next((summary.way_out for summary in summaries if summary.way_out), ""),
    )


def _rate(works: Sequence[_StepWork], means: Means, replies: _Watch) -> AskSummary:
    questions = {key: question for work in works for key, question in work.questions().items()}

    def take(reply: Reply) -> Iterable[ChatRequest] | None:
        again = questions[reply.key.rpartition("/")[0]].take(reply)
        means.tell("ratings")
        return None if again is None else (again,)

    requests = (request for question in questions.values() for request in question.requests())
    replies.take = take
    return means.ask(means.plan.judge.endpoint, requests, replies)


class _Watch:
    """Passes replies on, and remembers why something was not asked."""

    def __init__(self, take: OnReply) -> None:
        self.take = take
        self.not_asked_because = ""

    def __call__(self, reply: Reply) -> Iterable[ChatRequest] | None:
        if reply.state == "not_asked" and not self.not_asked_because:
            self.not_asked_because = reply.reason
        return self.take(reply)


class _Draft(msgspec.Struct, frozen=True):
    """What one model said in one attempt, read and checked."""

    model: str
    attempt: int
    reply: Reply
    read: ReadStep
    rules: RuleVerdict


class _StepWork:
    """One step on its way."""

    def __init__(self, step: OpenStep, key: str, means: Means) -> None:
        self.key = key
        self._step = step
        self._means = means
        self._own = own_side(step.trajectory, step.step)
        read = means.rules.read_schema
        self._schemas = {tool.name: read(tool) for tool in reversed(step.trajectory.tools)}
        self._drafts: dict[str, _Draft] = {}
        self._questions: dict[str, SideQuestion] = {}

    @property
    def _turns(self) -> list[tuple[str, str, int]]:
        """Key, model and attempt of every candidate, in order."""
        plan = self._means.plan
        return [
            (f"{self.key}/{place}/{attempt}", model, attempt)
            for place, model in enumerate(plan.models)
            for attempt in range(plan.count)
        ]

    def requests(self) -> Iterable[ChatRequest]:
        """Return the request of every candidate."""
        plan, step = self._means.plan, self._step
        messages = step_messages(step.trajectory, step.step, self._means.prompt, room=plan.room)
        for key, model, attempt in self._turns:
            yield candidate_request(messages, plan, key=key, model=model, attempt=attempt)

    def take(self, reply: Reply) -> None:
        """Read and check a candidate's reply."""
        _, model, attempt = next(turn for turn in self._turns if turn[0] == reply.key)
        if reply.state == "answered":
            read = read_step(reply.text, is_cut_off=reply.finish_reason == "length")
        else:
            read = ReadStep("not_generated", reason=reply.reason)
        verdict = RuleVerdict((), ())
        if read.state == "parsed":
            step = self._step
            verdict = check_side(self._means.rules, step.trajectory, step.step, read.side, step.tool_nos)
        self._drafts[reply.key] = _Draft(model, attempt, reply, read, verdict)

    @property
    def is_generated(self) -> bool:
        """Whether every candidate has had its turn."""
        return len(self._drafts) == len(self._turns) and all(
            draft.reply.state != "not_asked" for draft in self._drafts.values()
        )

    @property
    def is_answered(self) -> bool:
        """Whether everything that was to be asked about the step has been asked."""
        return self.is_generated and all(question.is_answered for question in self._questions.values())

    def questions(self) -> dict[str, SideQuestion]:
        """Return the questions to the judge, by key: each candidate that is to be rated, and the own step."""
        sides = {key: draft.read.side for key, draft in self._drafts.items() if self._is_to_be_rated(draft)}
        if sides:
            sides = {f"{self.key}/own": self._own, **sides}
        step, means = self._step, self._means
        self._questions = {
            key: SideQuestion(
                step.trajectory,
                step.step,
                side,
                prompt=means.judge_prompt,
                settings=means.plan.judge,
                key=key,
            )
            for key, side in sides.items()
        }
        return self._questions

    def _is_to_be_rated(self, draft: _Draft) -> bool:
        if draft.read.state != "parsed":
            return False
        if means_the_same(self._own, draft.read.side, self._schemas):
            return False
        return self._means.plan.rated == "all that differ" or gravest_error(draft.rules.findings) is None

    def result(self) -> AnsweredStep:
        """Return what came of the step."""
        own = self._rated(f"{self.key}/own")
        rated = [self._rated(key) for key, _, _ in self._turns]
        drafts = [self._drafts[key] for key, _, _ in self._turns]
        candidates = [self._candidate(draft, score, own) for draft, score in zip(drafts, rated)]
        return AnsweredStep(
            self._step.version_no,
            self._step.trajectory_no,
            self._step.step,
            self._own,
            tuple(candidates),
            tuple(one.ratings for one in rated),
            tuple(msgspec.structs.replace(rating, subject="step") for rating in own.ratings),
        )

    def _rated(self, key: str) -> Rated:
        question = self._questions.get(key)
        if question is None:
            return Rated(())
        return question.rated(
            version_no=self._step.version_no,
            trajectory_no=self._step.trajectory_no,
            run_id=self._means.run_id,
            now=self._means.now(),
        )

    def _candidate(self, draft: _Draft, rated: Rated, own: Rated) -> Candidate:
        plan, prompt, reply = self._means.plan, self._means.prompt, draft.reply
        weighed = self._weigh(draft, rated, own)
        return Candidate(
            run_id=self._means.run_id,
            version_no=self._step.version_no,
            trajectory_no=self._step.trajectory_no,
            step=self._step.step,
            model=draft.model,
            endpoint=plan.endpoint,
            attempt=draft.attempt,
            prompt_name=prompt.name,
            prompt_version=prompt.version,
            prompt_hash=prompt.hash,
            state=draft.read.state,
            classification=weighed.classification,
            classified_because=weighed.because,
            generated_at=self._means.now(),
            reason=draft.read.reason,
            thought=draft.read.side.thought,
            tool_calls=draft.read.side.tool_calls,
            findings=draft.rules.findings,
            not_checked=draft.rules.not_checked,
            score=rated.score,
            own_score=own.score if rated.ratings else None,
            difference=weighed.difference,
            is_scripted=reply.is_scripted,
            raw_reply=reply.text,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
            cost=reply.cost,
        )

    def _weigh(self, draft: _Draft, rated: Rated, own: Rated) -> Weighed:
        if draft.read.state == "not_generated":
            return Weighed("unusable", NO_REPLY)
        if draft.read.state == "unreadable":
            return Weighed("unusable", draft.read.reason)
        margin = None if rated.score is None or own.score is None else own.score - rated.score
        return weigh(
            self._own,
            draft.read.side,
            draft.rules.findings,
            schemas=self._schemas,
            margin=margin,
            least_margin=self._means.plan.least_margin,
        )
