"""Holds one call against one allowed call, with its function's description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.checking.base import Fault, fault, shown
from xlam_backend.bfcl.checking.java_values import convert_java
from xlam_backend.bfcl.checking.javascript_values import convert_javascript
from xlam_backend.bfcl.checking.types import Declared, check_type, declared_type
from xlam_backend.bfcl.checking.values import check_exactly, check_value
from xlam_backend.bfcl.reading import Edition

Call = Mapping[str, Mapping[Any, Any]]
"""{function: {argument: value}}, with one function."""


class CallRules(msgspec.Struct, frozen=True):
    """What stays the same for all calls of an answer."""

    language: Language = "python"
    underscore_to_dot: bool = False
    edition: Edition = "v4"

    def expected_name(self, name: str) -> str:
        """The name that the model may write for this function."""
        return name.replace(".", "_") if self.underscore_to_dot else name


def parts_of(call: Mapping[str, Any]) -> tuple[str, Mapping[Any, Any]]:
    """The function and the arguments of a call; {} for arguments that are no object (v1 has one such)."""
    name, arguments = next(iter(call.items()))
    return name, arguments if isinstance(arguments, dict) else {}


def described_arguments(function: Mapping[str, Any]) -> Mapping[str, Any]:
    """The description of each argument; {} for a function that has none that can be read."""
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    return properties if isinstance(properties, dict) else {}


def required_arguments(function: Mapping[str, Any]) -> Sequence[str]:
    """The arguments that a call must have."""
    parameters = function.get("parameters")
    required = parameters.get("required") if isinstance(parameters, dict) else None
    return required if isinstance(required, list) else ()


def allowed_values(answer: Mapping[str, Any], argument: str) -> Sequence[Any]:
    """The allowed values of an argument; question sets of one's own may give one value instead of a list."""
    allowed = answer.get(argument, ())
    return allowed if isinstance(allowed, list | tuple) else (allowed,)


def check_call(function: Mapping[str, Any], call: Call, allowed: Call, rules: CallRules) -> Fault | None:
    """The first thing that is wrong with a call, in the order of the official tool; None if all is right."""
    _, answer = parts_of(allowed)
    name = rules.expected_name(function["name"])
    if name not in call:
        return fault(
            "simple_function_checker:wrong_func_name", f"Function name {name!r} not found in model output."
        )
    given = call[name]
    return (
        _check_required(function, given)
        or _check_arguments(function, given, answer, rules)
        or _check_optional(given, answer)
    )


def _check_required(function: Mapping[str, Any], given: Mapping[Any, Any]) -> Fault | None:
    for argument in required_arguments(function):
        if argument not in given:
            return fault(
                "simple_function_checker:missing_required", f"Missing required parameter: {argument!r}."
            )
    return None


def _check_optional(given: Mapping[Any, Any], answer: Mapping[str, Any]) -> Fault | None:
    for argument in answer:
        if argument not in given and "" not in allowed_values(answer, argument):
            return fault(
                "simple_function_checker:missing_optional",
                f"Optional parameter {argument!r} not provided and not marked as optional.",
            )
    return None


def _check_arguments(
    function: Mapping[str, Any], given: Mapping[Any, Any], answer: Mapping[str, Any], rules: CallRules
) -> Fault | None:
    described = described_arguments(function)
    for argument, value in given.items():
        if argument not in described or argument not in answer:
            return fault(
                "simple_function_checker:unexpected_param", f"Unexpected parameter: {shown(argument)}."
            )
        allowed = allowed_values(answer, argument)
        found = check_argument(argument, value, allowed, described[argument], rules)
        if found:
            return found
    return None


def check_argument(
    argument: str, value: Any, allowed: Sequence[Any], details: Any, rules: CallRules
) -> Fault | None:
    """What is wrong with the value of one argument."""
    language = rules.language
    declared = declared_type(details, language)
    if declared is None:
        return check_exactly(argument, value, allowed)
    if language != "python":
        if not isinstance(value, str):
            return _no_literal(argument, value, language)
        try:
            value = _CONVERT[language](value, declared.name, declared.item_name)
        except ValueError as error:
            return fault(f"type_error:{_SHORT[language]}", f"Parameter {argument!r} cannot be read: {error}.")
    value = _as_declared(value, declared, language)
    outcome = check_type(argument, value, allowed, declared)
    if outcome.fault:
        return outcome.fault
    if outcome.is_variable:
        return check_exactly(argument, value, allowed)
    is_counted = rules.edition == "v1"
    return check_value(argument, value, allowed, declared, is_counted=is_counted)


_CONVERT = {"java": convert_java, "javascript": convert_javascript}
_SHORT = {"java": "java", "javascript": "js"}


def _no_literal(argument: str, value: Any, language: Language) -> Fault:
    """Arguments of Java and JavaScript are given as their text in that language."""
    return fault(
        f"type_error:{_SHORT[language]}",
        f"Incorrect type for parameter {argument!r}. Expected type String, got {type(value).__name__}. "
        f"Parameter value: {shown(value)}.",
    )


def _as_declared(value: Any, declared: Declared, language: Language) -> Any:
    """A whole number as the float that is declared, and a tuple as the list that it is stored as."""
    if declared.name == "tuple" and type(value) is tuple:
        return list(value)
    if language == "python" and declared.python_type is float and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return value
    return value
