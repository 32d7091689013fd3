"""Lays two lists of calls beside each other, call by call, and names what differs between them.

Two lists are equal when they make the same calls with the same arguments under JSON equality: 1 is 1.0,
the order of keys does not count, and neither does the order of calls, unless one of them uses the output
of another by its number. Call ids do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from xlam_backend.domain.output_reference import is_output_reference
from xlam_backend.domain.parameter_type import MISSING
from xlam_backend.domain.review import PairReason
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.domain.trajectory_diff import diff_values
from xlam_backend.domain.type_values import is_same_value

PairedAs = Literal["same", "other arguments", "other tool", "missing call", "extra call"]
DifferenceKind = Literal["missing", "extra", "other value", "other type", "unreadable"]

# Above this many comparisons, calls that are not equal are laid beside each other in their order.
MOST_COMPARISONS = 10_000

_JSON_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


class ArgumentDifference(msgspec.Struct, frozen=True):
    """One place inside the arguments where two calls differ; `left` or `right` is MISSING where it lacks.

    missing      only the left call has it
    extra        only the right call has it
    other value  both have it, of one JSON type, with another value
    other type   both have it, of another JSON type
    unreadable   at pointer "": the arguments of a call are no JSON object; its text stands for them
    """

    pointer: str
    kind: DifferenceKind
    left: Any
    right: Any


class CallPair(msgspec.Struct, frozen=True):
    """Two calls that stand for each other, by their indexes; None where the other side has none.

    "missing call" is made on the left only, "extra call" on the right only.
    """

    kind: PairedAs
    left: int | None
    right: int | None
    differences: tuple[ArgumentDifference, ...] = ()


class CallAlignment(msgspec.Struct, frozen=True):
    """Two lists of calls, call by call. `other_order`: all calls are equal, but their order counts."""

    pairs: tuple[CallPair, ...]
    other_order: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether both sides make the same calls."""
        return not self.other_order and all(pair.kind == "same" for pair in self.pairs)


def align_calls(left: Sequence[ToolCall], right: Sequence[ToolCall]) -> CallAlignment:
    """Lay two lists of calls beside each other: equal calls first, then of the same tool, then what is left.

    Laid out the other way round, the pairs are the same, with missing and extra exchanged.
    """
    matches = dict(_match_equal(left, right))
    equal = set(matches.items())
    free_left = [index for index in range(len(left)) if index not in matches]
    taken = set(matches.values())
    free_right = [index for index in range(len(right)) if index not in taken]
    matches |= _match_others(left, right, free_left, free_right)
    pairs = [_pair(left, right, at, matches.get(at), equal) for at in range(len(left))]
    came = set(range(len(right))) - set(matches.values())
    pairs += [CallPair("extra call", None, at) for at in sorted(came)]
    is_moved = len(equal) == len(pairs) and any(here != there for here, there in equal)
    return CallAlignment(tuple(sorted(pairs, key=_place)), is_moved and _has_order(left))


def are_equal_calls(left: Sequence[ToolCall], right: Sequence[ToolCall]) -> bool:
    """Tell whether two lists of calls say the same: between them nothing is to be preferred.

    >>> oslo, bergen = ToolCall("f", {"city": "Oslo", "days": 1}), ToolCall("f", {"city": "Bergen"})
    >>> are_equal_calls([oslo, bergen], [bergen, ToolCall("f", {"days": 1.0, "city": "Oslo"})])
    True
    """
    return len(left) == len(right) and align_calls(left, right).is_equal


def without_defaults(calls: Iterable[ToolCall], schemas: Mapping[str, ToolSchema]) -> tuple[ToolCall, ...]:
    """Leave out optional arguments that only repeat the default their tool declares: they say nothing.

    `schemas` are the tools on offer by name; a call of another one stays as it is.
    """
    return tuple(_without_defaults(call, schemas.get(call.name)) for call in calls)


def _without_defaults(call: ToolCall, schema: ToolSchema | None) -> ToolCall:
    if schema is None:
        return call
    kept = {
        name: value
        for name, value in call.arguments.items()
        if name in schema.required
        or name not in schema.parameters
        or not is_same_value(schema.parameters[name].default, value)
    }
    return call if len(kept) == len(call.arguments) else msgspec.structs.replace(call, arguments=kept)


def difference_reasons(alignment: CallAlignment) -> tuple[PairReason, ...]:
    """Return everything that is wrong with the right side if the left side is right, the gravest first."""
    found = {reason for pair in alignment.pairs for reason in _reasons_of(pair)}
    if alignment.other_order:
        found.add("other")
    return tuple(reason for reason in GRAVEST_FIRST if reason in found)


def difference_reason(chosen: Sequence[ToolCall], rejected: Sequence[ToolCall]) -> PairReason:
    """Return the gravest thing that is wrong with the rejected calls; "" when they equal the chosen ones.

    >>> difference_reason([ToolCall("f", {"city": "Oslo"})], [ToolCall("f", {})])
    'missing argument'
    """
    reasons = difference_reasons(align_calls(chosen, rejected))
    return reasons[0] if reasons else ""


GRAVEST_FIRST: tuple[PairReason, ...] = (
    "format",
    "wrong tool",
    "missing call",
    "extra call",
    "missing argument",
    "extra argument",
    "wrong value",
    "other",
)

_REASON_OF_DIFFERENCE: dict[DifferenceKind, PairReason] = {
    "missing": "missing argument",
    "extra": "extra argument",
    "other value": "wrong value",
    "other type": "wrong value",
    "unreadable": "format",
}


def _reasons_of(pair: CallPair) -> Iterator[PairReason]:
    if pair.kind == "other tool":
        yield "wrong tool"  # what its arguments are is then beside the point
        if any(difference.kind == "unreadable" for difference in pair.differences):
            yield "format"
    elif pair.kind in ("missing call", "extra call"):
        yield "missing call" if pair.kind == "missing call" else "extra call"
    else:
        yield from (_REASON_OF_DIFFERENCE[difference.kind] for difference in pair.differences)


def _match_equal(left: Sequence[ToolCall], right: Sequence[ToolCall]) -> Iterator[tuple[int, int]]:
    """Pair equal calls: those at the same place first, the others in their order."""
    places: defaultdict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for index, call in enumerate(left):
        places[_meaning(call)][0].append(index)
    for index, call in enumerate(right):
        places[_meaning(call)][1].append(index)
    for here, there in places.values():
        standing = set(here) & set(there)
        yield from ((index, index) for index in standing)
        yield from zip(
            [index for index in here if index not in standing],
            [index for index in there if index not in standing],
        )


def _match_others(
    left: Sequence[ToolCall], right: Sequence[ToolCall], free_left: list[int], free_right: list[int]
) -> dict[int, int]:
    """Pair calls that are not equal: the least different first; ties go to the nearest, then the first."""
    if len(free_left) * len(free_right) > MOST_COMPARISONS:
        return _match_in_order(left, right, free_left, free_right)
    costs = sorted(
        (*_cost(left[here], right[there]), abs(here - there), here + there, here, there)
        for here in free_left
        for there in free_right
    )
    matches: dict[int, int] = {}
    taken: set[int] = set()
    for *_, here, there in costs:
        if here not in matches and there not in taken:
            matches[here] = there
            taken.add(there)
    return matches


def _match_in_order(
    left: Sequence[ToolCall], right: Sequence[ToolCall], free_left: list[int], free_right: list[int]
) -> dict[int, int]:
    """Pair calls of the same tool in their order, then whatever is left in its order."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for there in reversed(free_right):
        waiting[right[there].name].append(there)
    matches = {here: waiting[left[here].name].pop() for here in free_left if waiting[left[here].name]}
    rest = sorted(there for places in waiting.values() for there in places)
    return matches | dict(zip([here for here in free_left if here not in matches], rest))


def _cost(left: ToolCall, right: ToolCall) -> tuple[bool, int]:
    return left.name != right.name, sum(1 for _ in _differences(left, right))


def _pair(
    left: Sequence[ToolCall],
    right: Sequence[ToolCall],
    here: int,
    there: int | None,
    equal: set[tuple[int, int]],
) -> CallPair:
    if there is None:
        return CallPair("missing call", here, None)
    if (here, there) in equal:
        return CallPair("same", here, there)
    is_other_tool = left[here].name != right[there].name
    found = tuple(_differences(left[here], right[there]))
    return CallPair("other tool" if is_other_tool else "other arguments", here, there, found)


def _place(pair: CallPair) -> tuple[int, bool]:
    """Order pairs by the left side; what only the right side has stands behind what is at its place."""
    return (pair.left, False) if pair.left is not None else (pair.right or 0, True)


def _differences(left: ToolCall, right: ToolCall) -> Iterator[ArgumentDifference]:
    if left.unreadable or right.unreadable:
        shown_left, shown_right = (call.unreadable or call.arguments for call in (left, right))
        if not is_same_value(shown_left, shown_right):
            yield ArgumentDifference("", "unreadable", shown_left, shown_right)
        return
    for pointer, here, there in diff_values(left.arguments, right.arguments):
        if not is_same_value(here, there):  # 1 is 1.0
            yield ArgumentDifference(pointer, _difference_kind(here, there), here, there)


def _difference_kind(left: Any, right: Any) -> DifferenceKind:
    if right is MISSING:
        return "missing"
    if left is MISSING:
        return "extra"
    is_same_type = _JSON_TYPES.get(type(left)) == _JSON_TYPES.get(type(right))
    return "other value" if is_same_type else "other type"


def _meaning(call: ToolCall) -> Hashable:
    """Return a key that two calls share exactly when they are equal."""
    said: Any = call.unreadable or _frozen(call.arguments)
    return call.name, said


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return frozenset((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return ("list", *map(_frozen, value))
    if isinstance(value, bool):
        return ("boolean", "true" if value else "false")  # in Python true is 1; in JSON it is not
    return value if value is None else ("value", value)


def _has_order(calls: Iterable[ToolCall]) -> bool:
    """Tell whether a call uses another's output: then the calls depend on each other."""
    waiting: list[Any] = [call.arguments for call in calls]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if is_output_reference(value):
                return True
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False
