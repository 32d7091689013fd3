"""The questions a reviewer answers, as statistics see them: their values, and which are close."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Literal, get_args

import msgspec

from xlam_backend.domain.adjudication import Answer
from xlam_backend.statistics.cohen import Weights
from xlam_backend.statistics.krippendorff import Measure
from xlam_backend.store.review_answers import AnswerRow

QuestionName = Literal["flag", "rating", "preference", "disposition"]
QUESTION_NAMES: tuple[QuestionName, ...] = get_args(QuestionName)
# Of equally often answered ones the first: the flag follows from a rating or a preference, and what to do
# with a record comes with the other answers.
_ASKED_FIRST: tuple[QuestionName, ...] = ("rating", "preference", "flag", "disposition")


class Question(msgspec.Struct, frozen=True):
    """What was asked, the answers there are in order, and the measure that fits them."""

    name: QuestionName
    title: str
    domain: tuple[str, ...]
    measure: Measure = "nominal"
    weights: Weights = "none"


QUESTIONS: dict[QuestionName, Question] = {
    "flag": Question("flag", "Is the check or judge right?", ("agree", "disagree", "unsure")),
    "rating": Question(
        "rating", "How good is it, 1 to 5?", ("1", "2", "3", "4", "5"), measure="ordinal", weights="quadratic"
    ),
    "preference": Question(
        "preference", "Which side of the pair is better?", ("chosen", "rejected", "equal", "both_bad")
    ),
    "disposition": Question("disposition", "What to do with the record?", ("keep", "fix", "drop", "flip")),
}


def answer_to(question: QuestionName, given: Answer | AnswerRow) -> str:
    """Return the answer to one question, "" when it was not answered.

    >>> answer_to("rating", Answer(rating=4)), answer_to("flag", Answer(rating=4))
    ('4', '')
    """
    answer = getattr(given, question)
    return "" if answer is None else str(answer)


def are_close(question: QuestionName, first: Hashable, second: Hashable) -> bool:
    """Tell whether two answers count as the same: ratings may lie one point apart.

    >>> are_close("rating", "2", "3"), are_close("flag", "agree", "unsure")
    (True, False)
    """
    if question == "rating":
        return abs(int(str(first)) - int(str(second))) <= 1
    return first == second


def choose_question(asked: Mapping[QuestionName, int], question: str) -> Question:
    """Return the question that is wished for; where nobody answered it, the one answered most often."""
    wished = [name for name in QUESTION_NAMES if name == question and asked[name]]
    if not any(asked.values()):
        return QUESTIONS["flag"]
    return QUESTIONS[max(wished or _ASKED_FIRST, key=lambda name: asked[name])]


def count_asked(rows: Sequence[AnswerRow]) -> dict[QuestionName, int]:
    """Return how many answers each question has."""
    return {name: sum(map(bool, map(attrgetter(name), rows))) for name in QUESTION_NAMES}


def known_answer(row: AnswerRow) -> Answer | None:
    """Return the right answer of a gold item, None for any other."""
    return msgspec.json.decode(row.gold, type=Answer) if row.gold else None


def is_known_answer(row: AnswerRow) -> bool | None:
    """Tell whether an answer to a gold item is right; None where it answers another question."""
    known = known_answer(row)
    if known is None or row.repeats:
        return None
    questions: tuple[QuestionName, ...] = ("preference", "rating", "flag")
    for question in questions:
        given, right = answer_to(question, row), answer_to(question, known)
        if given and right:
            return are_close(question, given, right)
    return None
