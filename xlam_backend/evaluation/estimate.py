"""What an evaluation will ask for, before it is started: questions, tokens and money, about."""

from __future__ import annotations

import msgspec

from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.errors import InputError
from xlam_backend.evaluation.asking import ask_question
from xlam_backend.evaluation.job import chosen_questions
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.store.connection import Store

CHARACTERS_PER_TOKEN = 4
TOKENS_OF_AN_ANSWER = 60  # calls are short; what a model thinks before them is not known
_LOOKED_AT = 60


class EvaluationEstimate(msgspec.Struct, frozen=True):
    """About how much an evaluation takes; `cost` is None without prices. `unaskable` cannot be put so."""

    question_count: int
    by_category: dict[str, int]
    input_tokens: int
    output_tokens: int
    cost: float | None
    unaskable: int
    not_read: dict[str, int]


def estimate_evaluation(
    store: Store, plan: EvaluationPlan, *, endpoint: Endpoint | None = None
) -> EvaluationEstimate:
    """Estimate from a part of the questions, taken evenly.

    Raises:
        UnknownNameError: there is no such question set.
        SettingError: nothing can be asked.
    """
    questions = find_question_set(store.folder, plan.question_set)
    chosen = chosen_questions(questions, plan)
    sample = chosen[:: max(1, len(chosen) // _LOOKED_AT)]
    sizes = [size for question in sample if (size := _size(question, plan)) is not None]
    each = sum(sizes) / len(sizes) / CHARACTERS_PER_TOKEN if sizes else 0.0
    counts: dict[str, int] = {}
    for question in chosen:
        counts[question.category] = counts.get(question.category, 0) + 1
    tokens = round(each * len(chosen))
    written = min(TOKENS_OF_AN_ANSWER, plan.max_tokens) * len(chosen)
    return EvaluationEstimate(
        len(chosen),
        counts,
        tokens,
        written,
        endpoint.cost(tokens, written) if endpoint else None,
        round((len(sample) - len(sizes)) / len(sample) * len(chosen)),
        questions.not_read,
    )


def _size(question: Question, plan: EvaluationPlan) -> int | None:
    try:
        asked = ask_question(question, plan)
    except InputError:
        return None
    tools = sum(len(msgspec.json.encode(tool)) for tool in asked.tools or ())
    return tools + sum(len(message.content) for message in asked.messages)
