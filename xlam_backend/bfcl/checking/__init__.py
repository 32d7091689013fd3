"""Holds the calls of an answer against the allowed ones, with the verdicts of the official tool.

>>> area = {"name": "area", "parameters": {"properties": {"base": {"type": "integer"}}, "required": ["base"]}}
>>> check_calls("simple", [area], [{"area": {"base": 9}}], [{"area": {"base": [10]}}], CallRules()).error_type
'value_error:others'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlam_backend.bfcl.categories import Kind
from xlam_backend.bfcl.checking.base import Fault, fault
from xlam_backend.bfcl.checking.call import Call, CallRules, check_call

__all__ = ["CallRules", "Fault", "are_calls", "check_calls", "function_for", "is_allowed_call"]

_NO_ORDER = "parallel_function_checker_no_order"


def are_calls(decoded: Any) -> bool:
    """Whether this is a list of {function: {argument: value}}, each with one function; [] is one too."""
    return isinstance(decoded, list) and all(
        isinstance(call, dict) and len(call) == 1 and isinstance(next(iter(call.values())), dict)
        for call in decoded
    )


def is_allowed_call(answer: Any) -> bool:
    """Whether this is an object with a function; of several functions in one, the first counts."""
    return isinstance(answer, dict) and bool(answer)


def check_calls(
    kind: Kind,
    functions: Sequence[Mapping[str, Any]],
    calls: Sequence[Call],
    allowed: Sequence[Call],
    rules: CallRules,
) -> Fault | None:
    """What is wrong with the calls of an answer; None if they are right.

    One call is compared with the one allowed call; of several, each allowed call in turn takes
    the first call that fits and is still free.
    """
    if kind in {"parallel", "parallel_multiple"} or (kind == "multiple" and rules.edition == "v1"):
        return _check_in_any_order(functions, calls, allowed, rules)
    is_choice = kind == "multiple"
    if len(calls) != 1:
        checker = "multiple_function_checker" if is_choice else "simple_function_checker"
        return fault(f"{checker}:wrong_count", "Wrong number of functions.")
    has_one = not is_choice and len(functions) > 0
    function = functions[0] if has_one else function_for(functions, allowed[0], rules)
    return check_call(function, calls[0], allowed[0], rules)


def function_for(
    functions: Iterable[Mapping[str, Any]], allowed: Call, rules: CallRules
) -> Mapping[str, Any]:
    """The description of the function that an allowed call is of.

    A question whose answer calls a function that is not offered cannot be answered; it is described by
    its name alone.
    """
    name = next(iter(allowed))
    for function in functions:
        # Answers of v1 have numbers behind their names: play_1, play_2.
        if function["name"] == name or (rules.edition == "v1" and function["name"] in name):
            return function
    return {"name": name}


def _check_in_any_order(
    functions: Sequence[Mapping[str, Any]], calls: Sequence[Call], allowed: Sequence[Call], rules: CallRules
) -> Fault | None:
    if len(calls) != len(allowed):
        return fault(f"{_NO_ORDER}:wrong_count", "Wrong number of functions.")
    free = list(range(len(calls)))
    for number, answer in enumerate(allowed):
        function = function_for(functions, answer, rules)
        faults: dict[int, Fault] = {}
        for index in free:
            found = check_call(function, calls[index], answer, rules)
            if found is None:
                free.remove(index)
                break
            faults[index] = found
        else:
            return _no_match(number, free, faults)
    return None


def _no_match(number: int, free: Sequence[int], faults: Mapping[int, Fault]) -> Fault:
    """No free call fits: what is wrong with each of them."""
    errors = [
        f"Could not find a matching function among index {list(free)} of model output for index {number} of "
        "possible answers."
    ]
    for index, found in faults.items():
        errors.append(f"Model Result Index {index}: {found.error_type}: {' '.join(found.errors)}")
    return Fault(f"{_NO_ORDER}:cannot_find_match", tuple(errors))
