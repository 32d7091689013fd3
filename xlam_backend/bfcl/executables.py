"""Scores executable questions: works out what was answered, and compares it with what the right calls give.

Nothing of a model's text is run: the names it gives are looked up in `local_functions.py`, and called with
the values that the decoder read. Answers that a network would be needed for are not scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlam_backend.bfcl.checking import are_calls
from xlam_backend.bfcl.checking.base import Fault, fault, shown
from xlam_backend.bfcl.decoding.python_calls import read_python_calls
from xlam_backend.bfcl.local_functions import LOCAL_FUNCTIONS, NETWORK_FUNCTIONS
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.errors import InputError

Call = Mapping[str, Mapping[Any, Any]]


class NeedsNetworkError(InputError):
    """An answer calls a service, and cannot be judged without it: it counts as not run."""


def score_executable(question: Question, decoded: Any) -> Verdict:
    """The verdict on the calls of an answer; a NeedsNetworkError where only a network could tell."""
    if not isinstance(decoded, list) or not decoded:
        return _invalid(decoded, fault("executable_decoder:wrong_output_format", "No calls were given."))
    if not are_calls(decoded):
        reason = "Something among the calls is no call."
        return _invalid(None, fault("executable_decoder:decoder_failed", reason), reason)
    found = _check(question, decoded)
    return Verdict(is_valid=True, decoded=decoded) if found is None else _invalid(decoded, found)


def needs_network(question: Question, decoded: Any) -> bool:
    """Whether some call would have to ask a service before this answer could be judged."""
    right = right_calls(question)
    if not are_calls(decoded) or len(decoded) != len(right):
        return False
    return any(name in NETWORK_FUNCTIONS for call in (*right, *decoded) for name in call)


def _invalid(decoded: Any, found: Fault, decode_error: str = "") -> Verdict:
    return Verdict(
        is_valid=False,
        error_type=found.error_type,
        errors=found.errors,
        decoded=decoded,
        decode_error=decode_error,
    )


def right_calls(question: Question) -> list[Call]:
    """The calls that the question's answer lists as text, such as `math_gcd(a=12, b=18)`."""
    return [call for text in question.possible_answer or () for call in read_python_calls(text)]


def _check(question: Question, calls: Sequence[Call]) -> Fault | None:
    right = right_calls(question)
    is_single = question.category == "exec_simple"
    if len(calls) != len(right):
        if is_single:
            return fault("simple_exec_checker:wrong_count", "Wrong number of functions.")
        words = f"Wrong number of functions provided. Expected {len(right)}, but got {len(calls)}."
        return fault("value_error:exec_result_count", words)
    if needs_network(question, calls):
        raise NeedsNetworkError(
            f"The answer to {question.id} calls a service and cannot be judged without it.",
            "It counts as not run.",
        )
    expected = [_result(call) for call in right]
    return _check_one(calls[0], expected[0]) if is_single else _check_in_any_order(calls, expected)


def _check_in_any_order(calls: Sequence[Call], expected: Sequence[Any]) -> Fault | None:
    free = list(range(len(calls)))
    for number, result in enumerate(expected):
        faults = []
        for index in free:
            found = _check_one(calls[index], result)
            if found is None:
                free.remove(index)
                break
            faults.append(f"Model Result Index {index}: {found.error_type}: {' '.join(found.errors)}")
        else:
            words = (
                f"Could not find a matching function among index {free} of model output for index {number}."
            )
            return Fault("executable_checker:cannot_find_match", (words, *faults))
    return None


def _check_one(call: Call, expected: Any) -> Fault | None:
    try:
        result = _result(call)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:
        return fault(
            "executable_checker:execution_error", f"Error in execution: {shown(call)}. Error: {error}"
        )
    if result == expected:
        return None
    words = (
        f"Wrong execution result for {shown(call)}. Expected: {shown(expected)}, but got: {shown(result)}."
    )
    return fault("executable_checker:wrong_result", words)


def _result(call: Call) -> Any:
    name, arguments = next(iter(call.items()))
    if name not in LOCAL_FUNCTIONS:
        raise LookupError(f"name {name!r} is not defined")
    return LOCAL_FUNCTIONS[name].call(arguments)
