"""Scores the results of a model as its files hold them: verdicts, tallies, and the stricter readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from xlam_backend.bfcl.executables import NeedsNetworkError
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.question_files import QuestionSet
from xlam_backend.bfcl.reading import Reading
from xlam_backend.bfcl.readings import StricterTally, stricter_tallies
from xlam_backend.bfcl.result_files import ModelResults, ResultItem
from xlam_backend.bfcl.score_files import ScoreFailure
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.domain.evaluation import Tally


class ScoredResults(msgspec.Struct, frozen=True):
    """The verdicts on a model's answers, by category and question.

    `tallies` counts them; a question without an answer, or whose answer only a network could judge, counts
    as not answered. `stricter` says how many of the credits for irrelevance were malformed calls.
    """

    model: str
    verdicts: dict[str, dict[str, Verdict]]
    tallies: dict[str, Tally]
    stricter: dict[str, StricterTally]


def score_results(results: ModelResults, questions: QuestionSet, reading: Reading) -> ScoredResults:
    """Score every answer of a model."""
    by_id = questions.by_id()
    judged = [one for some in results.items.values() for one in _judge(some, by_id, reading)]
    verdicts: dict[str, dict[str, Verdict]] = {}
    for question, _, verdict in judged:
        verdicts.setdefault(question.category, {})[question.id] = verdict
    asked = {name: len(results.items.get(name, ())) + len(lost) for name, lost in _lost(results).items()}
    tallies = {name: _tally(verdicts.get(name, {}), count) for name, count in asked.items()}
    return ScoredResults(results.model, verdicts, tallies, stricter_tallies(judged))


def _judge(
    items: tuple[ResultItem, ...], questions: Mapping[str, Question], reading: Reading
) -> Iterator[tuple[Question, object, Verdict]]:
    for item in items:
        question = questions[item.id]
        try:
            yield question, item.output, score_item(question, item.output, reading)
        except NeedsNetworkError:
            continue


def _lost(results: ModelResults) -> dict[str, Mapping[str, str]]:
    return {name: results.not_answered.get(name, {}) for name in (*results.items, *results.not_answered)}


def _tally(verdicts: Mapping[str, Verdict], asked: int) -> Tally:
    correct = sum(verdict.is_valid for verdict in verdicts.values())
    return Tally(correct, len(verdicts), asked - len(verdicts))


def failures_of(
    scored: ScoredResults, results: ModelResults, questions: QuestionSet, category: str
) -> Iterator[ScoreFailure]:
    """The wrong answers of a category, as official score files hold them."""
    by_id = {question.id: question for question in questions.questions[category]}
    outputs = {item.id: item.output for item in results.items.get(category, ())}
    for question_id, verdict in scored.verdicts.get(category, {}).items():
        if not verdict.is_valid:
            question = by_id[question_id]
            yield ScoreFailure(
                question_id,
                verdict.error_type,
                verdict.errors,
                {"id": question_id, "question": question.turns, "function": question.functions},
                outputs[question_id],
                verdict.decoded,
                question.possible_answer,
            )
