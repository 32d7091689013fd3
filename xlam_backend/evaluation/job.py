"""What the worker of an evaluation is given: the questions with their answers, and the plan; as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.question_files import QuestionSet
from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.errors import SettingError
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.runs.part_rows import encode_rows, read_rows

JOB, QUESTIONS = "job.json", "questions.jsonl"
ITEMS = "items.jsonl"  # the part that a run finishes with


class EvaluationJob(msgspec.Struct, frozen=True, kw_only=True):
    """What a run works on, beside the questions.

    `places` are the questions' places among all that the plan asks. `is_scripted` says that a kept model
    learnt what the scripted model wrote.
    """

    plan: EvaluationPlan
    set_name: str
    set_hash: str
    places: dict[str, int]
    is_scripted: bool = False


def chosen_questions(questions: QuestionSet, plan: EvaluationPlan) -> list[Question]:
    """Return the questions that a plan asks, in the order of the set.

    Raises:
        SettingError: a category is not in the set, or cannot be scored here; or nothing is left.
    """
    for name in plan.categories:
        if name not in questions.questions:
            raise SettingError(_why_not(questions, name), f"Choose among: {', '.join(questions.questions)}.")
    chosen: list[Question] = []
    for name, asked in questions.questions.items():
        if not plan.categories or name in plan.categories:
            chosen += asked[: plan.most_items] if plan.most_items else asked
    if not chosen:
        raise SettingError(
            f"Nothing in the question set {questions.name!r} can be asked.", "Choose another question set."
        )
    return chosen


def _why_not(questions: QuestionSet, name: str) -> str:
    if name in questions.not_read:
        return f"{name!r} needs a network or a simulated world and is not run here."
    return f"The question set {questions.name!r} has no category {name!r}."


def write_job(
    folder: Path,
    questions: QuestionSet,
    plan: EvaluationPlan,
    *,
    is_scripted: bool = False,
    only: frozenset[str] | None = None,
) -> int:
    """Write what the worker needs; `only` names the items that are to be asked. Returns their number."""
    whole = chosen_questions(questions, plan)
    places = {question.id: place for place, question in enumerate(whole)}
    asked = [question for question in whole if only is None or question.id in only]
    job = EvaluationJob(
        plan=plan,
        set_name=plan.question_set,  # as it can be found again: by its name, or its folder's path
        set_hash=questions.hash,
        places={question.id: places[question.id] for question in asked},
        is_scripted=is_scripted,
    )
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    (folder / QUESTIONS).write_bytes(encode_rows(asked))
    return len(asked)


def read_job(folder: Path) -> EvaluationJob:
    """Read the job of a run's input."""
    return msgspec.json.decode((folder / JOB).read_bytes(), type=EvaluationJob)


def read_questions(folder: Path) -> Iterator[Question]:
    """Yield the questions of a run's input."""
    return read_rows(folder / QUESTIONS, Question)


def write_items(items: Sequence[EvaluationItem]) -> bytes:
    """Return items as the part that a run finishes with."""
    return encode_rows(items)


def read_items(path: Path) -> Iterable[EvaluationItem]:
    """Yield the items of a finished part."""
    return read_rows(path, EvaluationItem)
