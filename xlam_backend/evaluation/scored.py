"""From answers to items: each answer is read, judged by the scorer, and put beside its question's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from xlam_backend.bfcl.executables import NeedsNetworkError
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import Reading
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.domain.evaluation import EvaluationItem, Output
from xlam_backend.domain.whole_text import as_json_value, without_surrogates
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.evaluation.reading_answers import ReadAnswer, read_answer

NEEDS_NETWORK = "It calls a web service, and cannot be judged without it."


def scored_items(
    questions: Iterable[Question],
    answers: Mapping[str, Answer],
    plan: EvaluationPlan,
    places: Mapping[str, int],
) -> Iterator[EvaluationItem]:
    """Yield an item for every question, read as the plan had it asked."""
    return _scored(questions, answers, places, lambda output: read_answer(output, plan))


def scored_items_as(
    questions: Iterable[Question],
    answers: Mapping[str, Answer],
    reading: Reading,
    places: Mapping[str, int],
) -> Iterator[EvaluationItem]:
    """Yield an item for every question, read by one of the official decoders."""
    return _scored(questions, answers, places, lambda output: ReadAnswer(output, reading))


def _scored(
    questions: Iterable[Question],
    answers: Mapping[str, Answer],
    places: Mapping[str, int],
    read_output: Callable[[Output], ReadAnswer],
) -> Iterator[EvaluationItem]:
    for question in questions:
        answer = answers.get(question.id)
        if answer is None or answer.state == "not answered":  # it has no verdict
            yield _not_scored(question, places[question.id], answer)
            continue
        read = read_output(answer.output)
        try:
            verdict = score_item(question, read.output, read.reading)
        except NeedsNetworkError:
            unscored = msgspec.structs.replace(answer, reason=NEEDS_NETWORK)
            yield _not_scored(question, places[question.id], unscored)
        else:
            yield _item(question, places[question.id], answer, verdict, read.fault)


def _not_scored(question: Question, place: int, answer: Answer | None) -> EvaluationItem:
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
        decoded=as_json_value(verdict.decoded),
        decode_error=without_surrogates(
            f"The answer cannot be read: {fault}." if fault else verdict.decode_error
        ),
        is_valid=verdict.is_valid,
        error_type=verdict.error_type,
        errors=tuple(map(without_surrogates, verdict.errors)),
        seconds=answer.seconds,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost=answer.cost,
    )
