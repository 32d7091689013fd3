"""An evaluation as a person looks at it: the score, what it is made of, and stricter readings beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from xlam_backend.bfcl.categories import VERSIONS, Category, Version, categories_of, category_by_name
from xlam_backend.bfcl.overall import Overall, overall_score
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.bfcl.readings import constant_floor, is_malformed_credit
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem, Tally
from xlam_backend.errors import InputError
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import (
    ErrorCount,
    count_errors,
    list_evaluations,
    read_all_tallies,
    read_evaluation,
    read_items,
    read_tallies,
)


class AskedSet(msgspec.Struct, frozen=True):
    """The questions of an evaluation as they are on this machine; `words` say what is wrong with them."""

    questions: dict[str, Question]
    words: str = ""


class ListedEvaluation(msgspec.Struct, frozen=True):
    """An evaluation in a list: what it came to, and how many answers are right, wrong and missing."""

    evaluation: Evaluation
    overall: Overall
    right: Rate
    not_answered: int


class CategoryResult(msgspec.Struct, frozen=True):
    """One category: what is right in it, and the stricter readings.

    `malformed` are right answers only because a call in them could not be read, `floor` is what a model
    would score that always answers in words; both None where the questions are not at hand.
    """

    category: Category
    right: Rate
    not_answered: int
    asked: int
    official_count: int
    malformed: int | None = None
    floor: Tally | None = None


class EvaluationView(msgspec.Struct, frozen=True):
    """Everything on the page of an evaluation.

    `strict` is the score without malformed calls, `floor` that of a constant answer; None where the
    questions are not at hand, which `set_words` then says. `not_run` are categories of the version
    that have no answers. `is_removed`: nothing counts it until it is put back.
    """

    evaluation: Evaluation
    overall: Overall
    right: Rate
    not_answered: int
    categories: tuple[CategoryResult, ...]
    not_run: tuple[Category, ...]
    errors: tuple[ErrorCount, ...]
    reasons: tuple[tuple[str, int], ...]
    strict: Overall | None
    floor: Overall | None
    malformed: int | None
    set_words: str
    seconds: float
    input_tokens: int
    output_tokens: int
    cost: float | None
    is_removed: bool


def list_scored(store: Store, *, removed: bool = False) -> list[ListedEvaluation]:
    """Return the evaluations with their scores, newest first."""
    listed = list_evaluations(store, removed=removed)
    tallies = read_all_tallies(store, [one.evaluation_no for one in listed]) if listed else {}
    return [_listed(one, tallies.get(one.evaluation_no, {})) for one in listed]


def read_view(store: Store, evaluation_no: int) -> EvaluationView:
    """Return an evaluation with all that is known of it.

    Raises:
        NotFoundError: there is none of this number.
    """
    evaluation = read_evaluation(store, evaluation_no)
    tallies = read_tallies(store, evaluation_no)
    items = read_items(store, evaluation_no).items
    asked = asked_set(store, evaluation)
    known = bool(asked.questions)
    malformed = _malformed_credits(items, asked.questions) if known else {}
    floors = constant_floor(_asked_questions(items, asked.questions)) if known else {}
    strict = {
        name: Tally(tally.correct - malformed.get(name, 0), tally.total, tally.not_answered)
        for name, tally in tallies.items()
    }
    version = _version(evaluation)
    return EvaluationView(
        evaluation,
        overall_score(version, tallies),
        _right(tallies),
        sum(tally.not_answered for tally in tallies.values()),
        tuple(_category(name, tally, version, malformed, floors) for name, tally in tallies.items()),
        tuple(category for category in categories_of(version) if category.name not in tallies),
        tuple(count_errors(store, evaluation_no)),
        _reasons(items),
        overall_score(version, strict) if known else None,
        overall_score(version, floors) if floors else None,
        sum(malformed.values()) if known else None,
        asked.words,
        sum(item.seconds or 0.0 for item in items),
        sum(item.input_tokens for item in items),
        sum(item.output_tokens for item in items),
        _cost(items),
        any(one.evaluation_no == evaluation_no for one in list_evaluations(store, removed=True)),
    )


def asked_set(store: Store, evaluation: Evaluation) -> AskedSet:
    """Return the questions of an evaluation; none where the set is gone, or has changed since."""
    try:
        found = find_question_set(store.folder, evaluation.question_set)
    except InputError:
        return AskedSet(
            {},
            f"The question set {evaluation.question_set!r} is not on this machine: prompts, what is allowed "
            "and stricter readings cannot be shown.",
        )
    if found.hash != evaluation.set_hash:
        return AskedSet(
            {},
            f"The question set {evaluation.question_set!r} has changed since it was asked: prompts, what is "
            "allowed and stricter readings cannot be shown.",
        )
    return AskedSet(found.by_id())


def is_malformed(item: EvaluationItem, question: Question) -> bool:
    """Whether an item is right only because the call in it could not be read."""
    if item.is_valid is None:
        return False
    verdict = Verdict(item.is_valid, item.error_type, item.errors, item.decoded, item.decode_error)
    return is_malformed_credit(question, item.output, verdict)


def _version(evaluation: Evaluation) -> Version:
    return next((known for known in VERSIONS if known == evaluation.version), "v4")


def _listed(evaluation: Evaluation, tallies: Mapping[str, Tally]) -> ListedEvaluation:
    return ListedEvaluation(
        evaluation,
        overall_score(_version(evaluation), tallies),
        _right(tallies),
        sum(tally.not_answered for tally in tallies.values()),
    )


def _right(tallies: Mapping[str, Tally]) -> Rate:
    return rate(
        sum(tally.correct for tally in tallies.values()), sum(tally.total for tally in tallies.values())
    )


def _category(
    name: str, tally: Tally, version: Version, malformed: Mapping[str, int], floors: Mapping[str, Tally]
) -> CategoryResult:
    category = category_by_name(name)
    return CategoryResult(
        category,
        rate(tally.correct, tally.total),
        tally.not_answered,
        tally.asked,
        category.count(version),
        malformed.get(name, 0) if floors else None,
        floors.get(name),
    )


def _asked_questions(items: Sequence[EvaluationItem], questions: Mapping[str, Question]) -> list[Question]:
    return [
        questions[item.item_id] for item in items if item.is_valid is not None and item.item_id in questions
    ]


def _malformed_credits(items: Sequence[EvaluationItem], questions: Mapping[str, Question]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        question = questions.get(item.item_id)
        if question is not None and is_malformed(item, question):
            counts[item.category] = counts.get(item.category, 0) + 1
    return counts


def _reasons(items: Sequence[EvaluationItem]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for item in items:
        if item.is_valid is None:
            counts[item.reason] = counts.get(item.reason, 0) + 1
    return tuple(sorted(counts.items(), key=lambda pair: -pair[1])[:20])


def _cost(items: Sequence[EvaluationItem]) -> float | None:
    paid = [item.cost for item in items if item.cost is not None]
    return sum(paid) if paid else None
