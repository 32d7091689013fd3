"""What the scorer's error types are in the words of the checks: SpecTool's patterns, as in the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.domain.finding import SpecToolCode

# By the part of an official error type that says what is wrong (spec: wrong value and missing argument are
# both IAV, for SpecTool counts a missing value as a wrong one).
_CODES: dict[str, SpecToolCode] = {
    "wrong_func_name": "IFN",
    "unexpected_param": "IAN",
    "missing_required": "IAV",
    "missing_optional": "IAV",
    "type_error": "IAT",
    "value_error": "IAV",
    "wrong_count": "IAC",
    "exec_result_count": "IAC",
    "wrong_result": "IAV",
    "empty_turn_model_response": "IAC",
    "decoder_failed": "IFE",
    "decoder_wrong_output_format": "IFE",
    "wrong_output_format": "IFE",
}
# A reply that makes no call where one was due, and a call where none was.
_NO_CALL = "relevance_error:decoder_failed"

_WORDS: dict[str, str] = {
    "wrong_func_name": "another function was called",
    "unexpected_param": "an argument that the function does not have",
    "missing_required": "a required argument is missing",
    "missing_optional": "an argument is missing whose default is not meant",
    "type_error": "a value of the wrong type",
    "value_error": "a wrong value",
    "wrong_count": "too many or too few calls",
    "exec_result_count": "too many or too few calls",
    "wrong_result": "what was called comes to another result",
    "execution_error": "what was called cannot be worked out",
    "cannot_find_match": "one of several calls matches none that is due",
    "decoder_failed": "the answer cannot be read as calls",
    "decoder_wrong_output_format": "the answer is read, but is no list of calls",
    "wrong_output_format": "the answer is read, but is no list of calls",
    "decoder_success": "a call where no tool suits",
    "empty_turn_model_response": "no call in a turn that needs one",
}
_INNER = re.compile(r"\b(?:value_error|type_error|simple_function_checker):[a-z_/]+")


def error_words(error_type: str) -> str:
    """Return an official error type in plain words; one that is not known stays as it is.

    >>> error_words("value_error:string"), error_words("relevance_error:decoder_failed")
    ('a wrong value', 'no call where one was due')
    >>> error_words("value_error:exec_result_count")
    'too many or too few calls'
    """
    if error_type == _NO_CALL:
        return "no call where one was due"
    for part in reversed(error_type.split(":")):  # the last one says most
        if part in _WORDS:
            return _WORDS[part]
    return error_type


def code_of(item: EvaluationItem) -> SpecToolCode:
    """Return the SpecTool pattern of a failed item.

    Among several calls the scorer only says that one matched none; then what it says of a call of the same
    function counts, where there is one. Too many calls of which two are the same are repeated calls.
    """
    if item.error_type == _NO_CALL:
        return "IAC"
    if "wrong_count" in item.error_type and _has_repeated_call(item.decoded):
        return "RAC"
    for error_type in (item.error_type, *_inner_types(item.errors)):
        for part in reversed(error_type.split(":")):
            if part in _CODES:
                return _CODES[part]
    return "other"


def _inner_types(errors: tuple[str, ...]) -> Iterator[str]:
    """Yield what was wrong with single calls: first what is not just that another function was called."""
    found = [match.group() for text in errors for match in _INNER.finditer(text)]
    yield from sorted(found, key=lambda one: "wrong_func_name" in one)


def _has_repeated_call(decoded: Any) -> bool:
    if not isinstance(decoded, list) or len(decoded) < 2:
        return False
    texts = [msgspec.json.encode(call, order="deterministic") for call in decoded]
    return len({*texts}) < len(texts)
