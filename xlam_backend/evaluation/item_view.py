"""One item as a person looks at it: what was asked, what came, what was read in it, what sets it apart."""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.bfcl.nearest_answer import ArgumentDifference, argument_diff
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import NATIVE, PROMPTED, Reading
from xlam_backend.bfcl.readings import IN_WORDS
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.errors import InputError
from xlam_backend.evaluation.asking import Asked, ask_question
from xlam_backend.evaluation.overview import asked_set, is_malformed
from xlam_backend.evaluation.plan import EvaluationPlan, plan_of
from xlam_backend.evaluation.reading_answers import OWN_PARSER
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import (
    ItemSelection,
    item_neighbours,
    read_evaluation,
    read_item,
)


class ItemView(msgspec.Struct, frozen=True):
    """Everything on the page of an item.

    `asked` is None where it is not known how the model was asked (answers that were read in), or the
    questions are not at hand (`set_words`). `is_malformed`: right only because a call could not be read.
    `is_floor`: a constant answer in words would be right too. `before` and `after` are the neighbours'
    ids in the selection.
    """

    evaluation: Evaluation
    item: EvaluationItem
    question: Question | None
    asked: Asked | None
    asked_words: str
    differences: tuple[ArgumentDifference, ...]
    is_malformed: bool
    is_floor: bool
    set_words: str
    before: str
    after: str


def read_item_view(
    store: Store, evaluation_no: int, item_id: str, selection: ItemSelection | None = None
) -> ItemView:
    """Return one item with its question, and its neighbours among those that are selected.

    Raises:
        NotFoundError: there is no such evaluation, or it has no such item.
    """
    evaluation = read_evaluation(store, evaluation_no)
    item = read_item(store, evaluation_no, item_id)
    found = asked_set(store, evaluation)
    question = found.questions.get(item_id)
    before, after = item_neighbours(store, evaluation_no, item, selection or ItemSelection())
    asked, words = _asked(evaluation, question)
    return ItemView(
        evaluation,
        item,
        question,
        asked,
        words,
        _differences(evaluation, item, question),
        question is not None and is_malformed(item, question),
        question is not None and score_item(question, IN_WORDS).is_valid,
        found.words,
        before,
        after,
    )


def reading_of(evaluation: Evaluation) -> Reading:
    """Return how the answers of an evaluation were read."""
    settings = evaluation.settings
    if evaluation.source == "read in":
        return msgspec.convert(
            {
                "decoder": settings.get("decoder", PROMPTED.decoder),
                "underscore_to_dot": bool(settings.get("underscore_to_dot")),
                "edition": settings.get("edition", PROMPTED.edition),
            },
            Reading,
        )
    if evaluation.mode == "native":
        return NATIVE
    return PROMPTED if settings.get("asked_as") == "calls" else OWN_PARSER


def _asked(evaluation: Evaluation, question: Question | None) -> tuple[Asked | None, str]:
    if question is None:
        return None, ""
    if evaluation.source == "read in":
        return None, "How the model was asked is not known: its answers were read in from files."
    plan: EvaluationPlan = plan_of(evaluation)
    try:
        return ask_question(question, plan), ""
    except InputError as error:
        return None, error.what


def _differences(
    evaluation: Evaluation, item: EvaluationItem, question: Question | None
) -> tuple[ArgumentDifference, ...]:
    if question is None or item.is_valid is not False:
        return ()
    decoded: Any = item.decoded
    return argument_diff(question, decoded, reading_of(evaluation))
