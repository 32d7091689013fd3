"""Which Python type a value of each declared type has, and whether a value has it.

>>> check_type("base", "ten", [10], Declared("integer", int)).fault.error_type
'type_error:simple'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.checking.base import Fault, fault, shown

_PYTHON: dict[str, type] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "array": list,
    "tuple": list,  # a tuple in the allowed answers became a list on its way through JSON
    "dict": dict,
    "any": str,
    # Not in the official questions; question sets of one's own may speak JSON Schema.
    "number": float,
    "object": dict,
    "list": list,
}
_JAVA: dict[str, type] = {
    "byte": int,
    "short": int,
    "integer": int,
    "float": float,
    "double": float,
    "long": int,
    "boolean": bool,
    "char": str,
    "Array": list,
    "ArrayList": list,
    "Set": set,
    "HashMap": dict,
    "Hashtable": dict,
    "Queue": list,
    "Stack": list,
    "String": str,
    "any": str,
}
_JAVASCRIPT: dict[str, type] = {
    "String": str,
    "integer": int,
    "float": float,
    "Bigint": int,
    "Boolean": bool,
    "dict": dict,
    "array": list,
    "any": str,
}
TYPES: Mapping[Language, Mapping[str, type]] = MappingProxyType(
    {"python": _PYTHON, "java": _JAVA, "javascript": _JAVASCRIPT}
)
_WITH_ITEMS: Mapping[Language, frozenset[str]] = MappingProxyType(
    {
        "python": frozenset({"array", "tuple", "list"}),
        "java": frozenset({"Array", "ArrayList"}),
        "javascript": frozenset({"array"}),
    }
)


class Declared(msgspec.Struct, frozen=True):
    """The declared type of an argument: its name, the Python type for it, and that of its items."""

    name: str
    python_type: type
    item_name: str = ""
    item_type: type | None = None


class TypeOutcome(msgspec.Struct, frozen=True):
    """Whether a value has the declared type; `is_variable`: it names a value that the code has elsewhere.

    Allowed answers of another type than the declared one are names of variables; a value
    of that other type is then right as well.
    """

    fault: Fault | None = None
    is_variable: bool = False


def declared_type(details: Any, language: Language) -> Declared | None:
    """The type that a function's description gives to an argument; None where it is not a known one."""
    name = details.get("type") if isinstance(details, dict) else None
    python_type = TYPES[language].get(name) if isinstance(name, str) else None
    if python_type is None:
        return None
    if name not in _WITH_ITEMS[language]:
        return Declared(str(name), python_type)
    items = details.get("items")
    item_name = items.get("type") if isinstance(items, dict) else None
    item_type = TYPES[language].get(item_name) if isinstance(item_name, str) else None
    return Declared(str(name), python_type, str(item_name or ""), item_type)


def check_type(name: str, value: Any, allowed: Sequence[Any], declared: Declared) -> TypeOutcome:
    """Hold the type of a value against the declared one, or against that of the allowed answers."""
    answer_type = _type_of_answers(allowed)
    value_type: type = type(value)
    if value_type is declared.python_type:
        is_variable = answer_type is not None and answer_type is not declared.python_type
        if declared.item_type is None or _items_fit(value, allowed, declared.item_type):
            return TypeOutcome(is_variable=is_variable)
        if answer_type is value_type:
            return TypeOutcome(_wrong_items(name, value, declared))
    elif answer_type is value_type:
        return TypeOutcome(is_variable=True)
    return TypeOutcome(_wrong_type(name, value, declared))


def _type_of_answers(allowed: Sequence[Any]) -> type | None:
    """The type of the first answer; "" is none, it says that the argument may be left out."""
    return next((type(answer) for answer in allowed if answer != ""), None)


def _items_fit(value: Sequence[Any], allowed: Sequence[Any], item_type: type) -> bool:
    """Whether every item has the declared type, or that of the items of one allowed list.

    An allowed answer that is no list asks for nothing here: so it is officially.
    """
    return any(
        not isinstance(answer, list) or all(_item_fits(item, answer, item_type) for item in value)
        for answer in allowed
    )


def _item_fits(item: Any, answer: Sequence[Any], item_type: type) -> bool:
    return type(item) is item_type or _type_of_answers(answer) is type(item)


def _wrong_items(name: str, value: Any, declared: Declared) -> Fault:
    return fault(
        "type_error:nested",
        f"Nested type checking failed for parameter {name!r}. Expected outer type {declared.name} with inner "
        f"type {declared.item_name}. Parameter value: {shown(value)}.",
    )


def _wrong_type(name: str, value: Any, declared: Declared) -> Fault:
    return fault(
        "type_error:simple",
        f"Incorrect type for parameter {name!r}. Expected type {declared.name}, got {type(value).__name__}. "
        f"Parameter value: {shown(value)}.",
    )
