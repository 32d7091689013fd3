"""From answers to items: each answer is read, judged by the scorer, and put beside its question's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.evaluation.reading_answers import read_answer


def scored_items(
    questions: Iterable[Question],
    answers: Mapping[str, Answer],
    plan: EvaluationPlan,
    places: Mapping[str, int],
) -> Iterator[EvaluationItem]:
    """Yield an item for every question; what was not answered has no verdict."""
    for question in questions:
        answer = answers.get(question.id)
        if answer is None or answer.state == "not answered":
            yield _not_answered(question, places[question.id], answer)
            continue
        read = read_answer(answer.output, plan)
        verdict = score_item(question, read.output, read.reading)
        yield _item(question, places[question.id], answer, verdict, read.fault)


def _not_answered(question: Question, place: int, answer: Answer | None) -> EvaluationItem:
    return EvaluationItem(
        category=question.category,
        item_id=question.id,
        place=place,
        state="not answered",
        reason=answer.reason if answer else "It was not asked.",
        input_tokens=answer.input_tokens if answer else 0,
        output_tokens=answer.output_tokens if answer else 0,
        cost=answer.cost if answer else None,
    )


def _item(question: Question, place: int, answer: Answer, verdict: Verdict, fault: str) -> EvaluationItem:
    return EvaluationItem(
        category=question.category,
        item_id=question.id,
        place=place,
        state="answered",
        output=answer.output,
        decoded=verdict.decoded,
        decode_error=f"The answer cannot be read: {fault}." if fault else verdict.decode_error,
        is_valid=verdict.is_valid,
        error_type=verdict.error_type,
        errors=verdict.errors,
        seconds=answer.seconds,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost=answer.cost,
    )
