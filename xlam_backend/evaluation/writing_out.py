"""Writes an evaluation as the official tool would: results and scores, one file each for every category."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from xlam_backend.access import require
from xlam_backend.bfcl.categories import VERSIONS, Category, Version, category_by_name
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.result_files import ResultItem, write_results
from xlam_backend.bfcl.score_files import ScoreFailure, write_scores
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem, Output
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError, SettingError
from xlam_backend.evaluation.asking import ask_question
from xlam_backend.evaluation.overview import asked_set
from xlam_backend.evaluation.plan import plan_of
from xlam_backend.evaluation.reading_answers import read_answer
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation, read_items, read_tallies


class WrittenOut(msgspec.Struct, frozen=True):
    """The files that were written; what was not answered stands in none of them."""

    files: tuple[str, ...]
    answer_count: int
    left_out: int


def write_official(
    store: Store, evaluation_no: int, folder: Path, *, person: Person, now: datetime
) -> WrittenOut:
    """Write `folder`/result and `folder`/score; calls that our own parser read are written as calls.

    Raises:
        AccessDeniedError: the person may not.
        NotFoundError: there is no such evaluation.
        SettingError: it has no answers, or a file is there already or cannot be written.
    """
    require(person, "export")
    evaluation = read_evaluation(store, evaluation_no)
    items = read_items(store, evaluation_no).items
    if all(item.is_valid is None for item in items):
        raise SettingError(f"Evaluation {evaluation_no} has no answers.", "Ask again, or choose another.")
    questions = asked_set(store, evaluation).questions
    version: Version = next((known for known in VERSIONS if known == evaluation.version), "v4")
    answered: dict[Category, list[EvaluationItem]] = {}
    for item in items:
        if item.is_valid is not None:
            answered.setdefault(category_by_name(item.category), []).append(item)
    results = {category: [_result(evaluation, item) for item in some] for category, some in answered.items()}
    files = list(write_results(folder, evaluation.model, results, version=version))
    tallies = read_tallies(store, evaluation_no)
    for category, some in answered.items():
        failures = _failures(evaluation, some, questions)
        files.append(
            write_scores(
                folder, evaluation.model, category, tallies[category.name], failures, version=version
            )
        )
    count = sum(map(len, answered.values()))
    with store.write() as cursor:
        detail = {"files": len(files), "answers": count}
        write_audit(cursor, store, person, "export", f"evaluation {evaluation_no}", detail, now=now)
    return WrittenOut(tuple(map(str, files)), count, len(items) - count)


def official_archive(store: Store, evaluation_no: int, *, person: Person, now: datetime) -> bytes:
    """Return the same files as a ZIP archive."""
    packed = BytesIO()
    with TemporaryDirectory() as place, ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name in write_official(store, evaluation_no, Path(place), person=person, now=now).files:
            archive.write(name, Path(name).relative_to(place))
    return packed.getvalue()


def _result(evaluation: Evaluation, item: EvaluationItem) -> ResultItem:
    return ResultItem(
        item.item_id, _official_output(evaluation, item), item.input_tokens, item.output_tokens, item.seconds
    )


def _official_output(evaluation: Evaluation, item: EvaluationItem) -> Output:
    if evaluation.source == "read in" or evaluation.mode == "native":
        return item.output
    return read_answer(item.output, plan_of(evaluation)).output


def _failures(
    evaluation: Evaluation, items: Sequence[EvaluationItem], questions: dict[str, Question]
) -> list[ScoreFailure]:
    failures = []
    for item in items:
        if item.is_valid is False:
            question = questions.get(item.item_id)
            failures.append(
                ScoreFailure(
                    item.item_id,
                    item.error_type,
                    item.errors,
                    _prompt(evaluation, question),
                    _official_output(evaluation, item),
                    item.decoded,
                    question.possible_answer if question else None,
                )
            )
    return failures


def _prompt(evaluation: Evaluation, question: Question | None) -> Any:
    if question is None:
        return None
    if evaluation.source == "own":
        try:
            return msgspec.to_builtins(ask_question(question, plan_of(evaluation)))
        except InputError:
            return None
    return {"question": question.turns, "function": question.functions}
