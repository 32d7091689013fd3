"""What sets the calls of an answer apart from the nearest allowed ones, argument by argument.

Given and allowed calls are laid beside each other in pairs, those that differ least first. Unlike the scorer,
which stops at the first fault, this lists all of them.

    >>> of_area = {"properties": {"base": {"type": "integer"}}, "required": ["base"]}
    >>> area = {"name": "area", "parameters": of_area}
    >>> asked = Question("simple_python_0", "simple_python", (), (area,), ({"area": {"base": [10]}},))
    >>> [(one.kind, one.got, one.allowed) for one in argument_diff(asked, [{"area": {"base": 9}}])]
    [('wrong value', 9, (10,))]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from xlam_backend.bfcl.checking import are_calls, function_for, is_allowed_call
from xlam_backend.bfcl.checking.call import (
    Call,
    CallRules,
    allowed_values,
    check_argument,
    described_arguments,
    parts_of,
    required_arguments,
)
from xlam_backend.bfcl.executables import right_calls
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import PROMPTED, Reading

DifferenceKind = Literal[
    "missing call",
    "extra call",
    "other function",
    "missing argument",
    "unexpected argument",
    "wrong type",
    "wrong value",
]

MOST_COMPARISONS = 10_000
"""Of more calls than this comes to, those at the same place are laid beside each other."""

# Another function costs more than any arguments do, so that calls of the same function find each other.
_OTHER_FUNCTION = 1_000


class ArgumentDifference(msgspec.Struct, frozen=True):
    """One thing in which a call differs from the allowed call that is nearest to it.

    `call_no` counts the calls that were given, from 0; it is None for an allowed call that nobody made.
    `name` is the function that is allowed there (of an extra call: the one that was called), `argument` is ""
    where the call as a whole is meant. `allowed` lists the values that would have been right; with
    `may_be_left_out`, leaving the argument out would have been too. `words` is what the scorer says.
    """

    call_no: int | None
    name: str
    kind: DifferenceKind
    argument: str = ""
    got: Any = None
    allowed: tuple[Any, ...] = ()
    may_be_left_out: bool = False
    words: str = ""


def argument_diff(
    question: Question, decoded: Any, reading: Reading = PROMPTED
) -> tuple[ArgumentDifference, ...]:
    """All differences between the calls of an answer and the nearest allowed ones, in the order of the calls.

    There are none for an answer that could not be read, and where any call is right.
    """
    category = question.its_category
    if not are_calls(decoded) or (category.kind == "relevance" and decoded):
        return ()
    rules = CallRules(category.language, reading.underscore_to_dot, reading.edition)
    comparison = _Comparison(question.functions, decoded, _allowed_calls(question), rules)
    return tuple(comparison.differences())


def _allowed_calls(question: Question) -> Sequence[Call]:
    if question.its_category.kind != "executable":
        return [one for one in question.possible_answer or () if is_allowed_call(one)]
    calls = right_calls(question)
    return [
        {name: {key: [one] for key, one in given.items()}} for call in calls for name, given in call.items()
    ]


class _Comparison:
    """Given and allowed calls of one question."""

    def __init__(
        self,
        functions: Sequence[Mapping[str, Any]],
        calls: Sequence[Call],
        allowed: Sequence[Call],
        rules: CallRules,
    ) -> None:
        self._functions = functions
        self._calls = calls
        self._allowed = allowed
        self._rules = rules

    def differences(self) -> Iterator[ArgumentDifference]:
        """Every difference: first those of the calls that were given, then the calls that nobody made."""
        answer_of = self._pairs()
        for call_no, call in enumerate(self._calls):
            if call_no in answer_of:
                yield from self._between(call_no, self._allowed[answer_of[call_no]])
            else:
                name, arguments = parts_of(call)
                yield ArgumentDifference(call_no, name, "extra call", got=dict(arguments))
        for answer_no, answer in enumerate(self._allowed):
            if answer_no not in answer_of.values():
                name, values = parts_of(answer)
                yield ArgumentDifference(None, name, "missing call", allowed=(dict(values),))

    def _pairs(self) -> dict[int, int]:
        """The allowed call for each given one, nearest pairs first; what is left over has none."""
        if len(self._calls) * len(self._allowed) > MOST_COMPARISONS:
            return {number: number for number in range(min(len(self._calls), len(self._allowed)))}
        costs = sorted(
            (self._cost(call_no, answer), call_no, answer_no)
            for call_no in range(len(self._calls))
            for answer_no, answer in enumerate(self._allowed)
        )
        pairs: dict[int, int] = {}
        for _, call_no, answer_no in costs:
            if call_no not in pairs and answer_no not in pairs.values():
                pairs[call_no] = answer_no
        return pairs

    def _cost(self, call_no: int, answer: Call) -> int:
        found = list(self._between(call_no, answer))
        return sum(_OTHER_FUNCTION if one.kind == "other function" else 1 for one in found)

    def _between(self, call_no: int, answer: Call) -> Iterator[ArgumentDifference]:
        name, allowed = parts_of(answer)
        function = function_for(self._functions, answer, self._rules)
        called, given = parts_of(self._calls[call_no])
        if called != self._rules.expected_name(function["name"]):
            yield ArgumentDifference(call_no, name, "other function", got=called)
            return
        described = described_arguments(function)
        for argument, value in given.items():
            if argument not in described or argument not in allowed:
                yield ArgumentDifference(call_no, name, "unexpected argument", str(argument), value)
                continue
            values = allowed_values(allowed, argument)
            found = check_argument(argument, value, values, described[argument], self._rules)
            if found:
                is_type = found.error_type.startswith("type_error")
                kind: DifferenceKind = "wrong type" if is_type else "wrong value"
                words = " ".join(found.errors)
                yield _at(call_no, name, kind, argument, values, got=value, words=words)
        for argument in _missing(function, given, allowed):
            yield _at(call_no, name, "missing argument", argument, allowed_values(allowed, argument))


def _missing(
    function: Mapping[str, Any], given: Mapping[Any, Any], allowed: Mapping[str, Any]
) -> Iterator[str]:
    """What the function requires, and what no allowed answer leaves out."""
    required = required_arguments(function)
    for argument in dict.fromkeys((*required, *allowed)):
        if argument not in given and (argument in required or "" not in allowed_values(allowed, argument)):
            yield argument


def _at(
    call_no: int,
    name: str,
    kind: DifferenceKind,
    argument: str,
    allowed: Sequence[Any],
    *,
    got: Any = None,
    words: str = "",
) -> ArgumentDifference:
    values = tuple(value for value in allowed if value != "")
    return ArgumentDifference(call_no, name, kind, argument, got, values, "" in allowed, words)
