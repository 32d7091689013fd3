"""Every kind of error that can be planted: what it does, what it is called as a reason, what shows it."""

from __future__ import annotations

from typing import Literal

import msgspec

from xlam_backend.domain.corruption import CorruptionKind
from xlam_backend.domain.review import PairReason
from xlam_backend.errors import UnknownNameError
from xlam_backend.preference import planting
from xlam_backend.preference.planting import Planter

# How the calls of the two sides must differ, and at no other place.
Shape = Literal["other tool", "other arguments", "missing call", "extra call", "no call"]


class Kind(msgspec.Struct, frozen=True):
    """A kind of error.

    `check` is the check that must flag the rejected side at the planted place, and not the chosen one
    there; "" where the difference of the calls alone shows that the step is worse.
    """

    name: CorruptionKind
    title: str
    does: str
    reason: PairReason
    shape: Shape
    check: str
    plant: Planter


KINDS: tuple[Kind, ...] = (
    Kind(
        "wrong_tool",
        "Wrong tool",
        "calls another tool on offer",
        "wrong tool",
        "other tool",
        "",
        planting.plant_wrong_tool,
    ),
    Kind(
        "undefined_function",
        "Undefined function",
        "calls a function that is not on offer",
        "wrong tool",
        "other tool",
        "undefined_function",
        planting.plant_undefined_function,
    ),
    Kind(
        "missing_argument",
        "Missing argument",
        "leaves a required argument out",
        "missing argument",
        "other arguments",
        "missing_argument",
        planting.plant_missing_argument,
    ),
    Kind(
        "undefined_argument",
        "Undefined argument",
        "gives an argument a name that the tool does not have",
        "extra argument",
        "other arguments",
        "undefined_argument",
        planting.plant_undefined_argument,
    ),
    Kind(
        "wrong_value",
        "Wrong value",
        "gives a value that nobody asked for",
        "wrong value",
        "other arguments",
        "ungrounded_value",
        planting.plant_wrong_value,
    ),
    Kind(
        "outside_enum",
        "Value outside the enum",
        "gives a value that is none of those allowed",
        "wrong value",
        "other arguments",
        "enum_violation",
        planting.plant_outside_enum,
    ),
    Kind(
        "wrong_type",
        "Wrong type",
        "gives a value of another type",
        "wrong value",
        "other arguments",
        "argument_type",
        planting.plant_wrong_type,
    ),
    Kind(
        "placeholder",
        "Placeholder",
        "puts a mark where a value belongs",
        "wrong value",
        "other arguments",
        "placeholder_value",
        planting.plant_placeholder,
    ),
    Kind(
        "missing_call",
        "Missing call",
        "leaves one of several calls out",
        "missing call",
        "missing call",
        "",
        planting.plant_missing_call,
    ),
    Kind(
        "repeated_call",
        "Repeated call",
        "makes a call twice",
        "extra call",
        "extra call",
        "repeated_call",
        planting.plant_repeated_call,
    ),
    Kind(
        "unasked_call",
        "Unasked call",
        "makes a further call that nobody asked for",
        "extra call",
        "extra call",
        "ungrounded_value",
        planting.plant_unasked_call,
    ),
    Kind(
        "unreadable",
        "Unreadable call",
        "writes arguments that are no JSON object",
        "format",
        "other arguments",
        "unreadable_call",
        planting.plant_unreadable,
    ),
    Kind(
        "call_in_prose",
        "Call in prose",
        "talks of the call instead of making it",
        "format",
        "no call",
        "unreadable_call",
        planting.plant_call_in_prose,
    ),
)


def kind_by_name(name: str) -> Kind:
    """Return the kind of this name.

    Raises:
        UnknownNameError: there is none.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise UnknownNameError("kind of error", name, [kind.name for kind in KINDS])
