"""Carries out the run of an evaluation: has questions answered, each once, then scores all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from xlam_backend.bfcl.question import Question
from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.evaluation.answers import CUT, Answer, AnswerLog
from xlam_backend.evaluation.endpoint_answers import Ask, answer_through_endpoint
from xlam_backend.evaluation.engine import VLLM, ChatPrompts, chosen_engine
from xlam_backend.evaluation.job import ITEMS, EvaluationJob, read_job, read_questions, write_items
from xlam_backend.evaluation.model_answers import answer_with_model
from xlam_backend.evaluation.scored import scored_items
from xlam_backend.llm.chat import AskSummary
from xlam_backend.runs.base import RunContext
from xlam_backend.runs.folder import INPUT, STATE
from xlam_backend.settings import data_dir


class EvaluationWork:
    """One attempt at an evaluation."""

    def __init__(self, context: RunContext, job: EvaluationJob) -> None:
        self._context = context
        self._job = job
        self._questions = list(read_questions(context.folder / INPUT))
        self._numbers: Counter[str] = Counter()
        self._cost = 0.0

    def through_endpoint(self, ask: Ask) -> None:
        """Have an endpoint answer, then score."""
        used: AskSummary | None = None
        with AnswerLog(self._context.folder / STATE) as log:
            left = self._left(log)
            if left:
                used = answer_through_endpoint(
                    left,
                    self._job.plan,
                    ask=ask,
                    take=lambda answer: self._take(log, answer),
                    should_stop=self._context.should_stop,
                )
            self._finish(log, _used_figures(used))

    def with_kept_model(self) -> None:
        """Have the kept model answer, then score."""
        with AnswerLog(self._context.folder / STATE) as log:
            left = self._left(log)
            if left:
                self._answer_with_model(left, log)
            self._finish(log, {})

    def _answer_with_model(self, left: Sequence[Question], log: AnswerLog) -> None:
        from xlam_backend.evaluation.transformers_engine import TransformersEngine, has_gpu
        from xlam_backend.evaluation.vllm_engine import VllmEngine
        from xlam_backend.training.models import find_model
        from xlam_backend.training.weights import load_kept_model, load_kept_tokenizer

        plan = self._job.plan
        kept = find_model(data_dir(), plan.kept_model)
        is_gpu = has_gpu()
        kind = chosen_engine(plan, has_gpu=is_gpu)
        self._context.log(f"{kept.name} answers through {kind} on the {'GPU' if is_gpu else 'processor'}.")
        prompts = ChatPrompts(load_kept_tokenizer(kept), plan)
        engine: VllmEngine | TransformersEngine
        if kind == VLLM:
            engine = VllmEngine(kept, plan, self._context)
        else:
            model = load_kept_model(data_dir(), kept, device="cuda" if is_gpu else "cpu")
            engine = TransformersEngine(model, prompts.tokenizer, plan)
        try:
            answer_with_model(
                left,
                prompts,
                engine,
                take=lambda answer: self._take(log, answer),
                should_stop=self._context.should_stop,
                is_scripted=self._job.is_scripted,
            )
        finally:
            engine.close()

    def _left(self, log: AnswerLog) -> list[Question]:
        self._tell(log)
        return [question for question in self._questions if question.id not in log.answers]

    def _take(self, log: AnswerLog, answer: Answer) -> None:
        log.add(answer)
        self._numbers["input tokens"] += answer.input_tokens
        self._numbers["output tokens"] += answer.output_tokens
        self._cost += answer.cost or 0.0
        self._tell(log)

    def _tell(self, log: AnswerLog) -> None:
        missing = log.missing_count
        words = f"{len(log.answers) - missing:,} answered"
        numbers = {name: float(count) for name, count in self._numbers.items()}
        if self._cost:
            numbers["cost"] = self._cost
        self._context.progress(
            len(log.answers),
            len(self._questions),
            f"{words}, {missing:,} not answered" if missing else words,
            **numbers,
        )

    def _finish(self, log: AnswerLog, used: dict[str, Any]) -> None:
        items = list(scored_items(self._questions, log.answers, self._job.plan, self._job.places))
        self._context.write_part(ITEMS, write_items(items))
        is_scripted = any(answer.is_scripted for answer in log.answers.values())
        cut = sum(answer.is_cut for answer in log.answers.values())
        told = {CUT: cut} if cut else {}
        self._context.set_outcome({**figures_of(items), **told, **used, "scripted": is_scripted})


def work_of(context: RunContext) -> EvaluationWork:
    """Return the work of a run."""
    return EvaluationWork(context, read_job(context.folder / INPUT))


def figures_of(items: Sequence[EvaluationItem]) -> dict[str, Any]:
    """Return what came of the items, in figures a page can show."""
    answered = sum(item.is_valid is not None for item in items)
    figures: dict[str, Any] = {
        "questions": len(items),
        "answered": answered,
        "right": sum(bool(item.is_valid) for item in items),
    }
    if answered < len(items):
        reasons = Counter(item.reason for item in items if item.is_valid is None)
        figures["not answered"] = dict(reasons.most_common(5))
    return figures


def _used_figures(used: AskSummary | None) -> dict[str, Any]:
    if used is None:  # all was there already
        return {}
    return {
        "calls": used.calls,
        "input tokens": used.input_tokens,
        "output tokens": used.output_tokens,
        "cost": used.cost,
    }
