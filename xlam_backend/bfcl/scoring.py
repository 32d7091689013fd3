"""Scores answers: decodes what a model wrote and judges it, with the verdicts of the official tool.

>>> area = {"name": "area", "parameters": {"properties": {"base": {"type": "integer"}}, "required": ["base"]}}
>>> asked = Question("simple_python_0", "simple_python", (), (area,), ({"area": {"base": [10]}},))
>>> score_item(asked, "[area(base=10)]").is_valid
True
>>> score_item(asked, "[area(base=9)]").error_type
'value_error:others'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import CALL_KINDS, Category
from xlam_backend.bfcl.checking import CallRules, are_calls, check_calls, is_allowed_call
from xlam_backend.bfcl.decoding import decode
from xlam_backend.bfcl.decoding.base import UndecodableError
from xlam_backend.bfcl.executables import score_executable
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import PROMPTED, Reading
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.errors import InputError, UnknownNameError


class ScoredItem(msgspec.Struct, frozen=True):
    """The verdict on one question."""

    id: str
    category: str
    verdict: Verdict


def score_item(question: Question, output: str | list[Any], reading: Reading = PROMPTED) -> Verdict:
    """The verdict on an answer as the model gave it: text, or [{function: "<JSON>"}] of an API.

    Answers that never came (an endpoint that failed) are none of this: they are not scored at all.
    """
    category = question.its_category
    if not category.is_scored_here:
        raise InputError(
            f"Questions of the category {category.name} are not scored here: they need a world or a network.",
            "They show as not run, and what is computed from them is withheld.",
        )
    try:
        decoded = decode(output, reading.decoder, category.language)
    except UndecodableError as error:
        return _judge_undecodable(category, str(error))
    return score_calls(question, decoded, reading)


def score_calls(question: Question, decoded: Any, reading: Reading = PROMPTED) -> Verdict:
    """The verdict on calls that are read already: [{function: {argument: value}}].

    Values for Java and JavaScript are their text in that language.
    """
    category = question.its_category
    if category.kind in CALL_KINDS:
        return _judge_calls(question, category, decoded, reading)
    if category.kind == "executable":
        return score_executable(question, decoded)
    is_valid = _has_calls(decoded) == (category.kind == "relevance")
    return _judge_relevance(category, decoded, is_valid=is_valid)


def score_all(
    questions: Mapping[str, Question],
    outputs: Iterable[tuple[str, str | list[Any]]],
    reading: Reading = PROMPTED,
) -> Iterator[ScoredItem]:
    """The verdicts on answers (question id, output), in their order; an unknown id is an error."""
    for question_id, output in outputs:
        question = questions.get(question_id)
        if question is None:
            raise UnknownNameError("question", question_id, questions)
        yield ScoredItem(question_id, question.category, score_item(question, output, reading))


def _judge_calls(question: Question, category: Category, decoded: Any, reading: Reading) -> Verdict:
    if not are_calls(decoded):
        return Verdict(
            is_valid=False,
            error_type="ast_decoder:decoder_wrong_output_format",
            errors=("Did not output in the specified format.",),
            decoded=decoded,
        )
    if not question.possible_answer or not all(map(is_allowed_call, question.possible_answer)):
        raise InputError(
            f"The question {question.id} has no allowed answer that can be read.",
            "Its file of possible answers should say [{function: {argument: [allowed values]}}].",
        )
    rules = CallRules(category.language, reading.underscore_to_dot, reading.edition)
    found = check_calls(category.kind, question.functions, decoded, question.possible_answer, rules)
    if found is None:
        return Verdict(is_valid=True, decoded=decoded)
    return Verdict(is_valid=False, error_type=found.error_type, errors=found.errors, decoded=decoded)


def _has_calls(decoded: Any) -> bool:
    return are_calls(decoded) and bool(decoded)


def _judge_relevance(category: Category, decoded: Any, *, is_valid: bool, decode_error: str = "") -> Verdict:
    """For irrelevance no call is right, for relevance any call is."""
    if is_valid:
        return Verdict(is_valid=True, decoded=decoded, decode_error=decode_error)
    if category.kind == "irrelevance":
        error_type, error = "irrelevance_error:decoder_success", "Calls were made where none can help."
    else:
        error_type, error = "relevance_error:decoder_failed", f"No call was made. {decode_error}".strip()
    return Verdict(
        is_valid=False, error_type=error_type, errors=(error,), decoded=decoded, decode_error=decode_error
    )


def _judge_undecodable(category: Category, reason: str) -> Verdict:
    if category.kind in {"irrelevance", "relevance"}:
        is_valid = category.kind == "irrelevance"
        return _judge_relevance(category, None, is_valid=is_valid, decode_error=reason)
    where = "executable_decoder" if category.kind == "executable" else "ast_decoder"
    what = "executable" if category.kind == "executable" else "AST"
    return Verdict(
        is_valid=False,
        error_type=f"{where}:decoder_failed",
        errors=(f"Invalid syntax. Failed to decode {what}. {reason}",),
        decode_error=reason,
    )
