"""Flags calls in which the values of two arguments of the same type have changed places.

What it sees: pairs of arguments of the same type whose values are both in what had been said, but there in
the other order than the tool lists them, or behind a word that belongs to the other argument ("from", "to",
"least", "most").
Why it hurts: every value is grounded and every type is right, so no other rule sees it, and the answer is
wrong.
Example (bad): query = "A trip from Oslo to Leeds", plan_route(origin="Leeds", destination="Oslo")
Example (good): query = "A trip from Oslo to Leeds", plan_route(origin="Oslo", destination="Leeds")
Way out: exchange the values by hand.
"""

from __future__ import annotations

from itertools import combinations

from xlam_backend.domain.evidence import Evidence
from xlam_backend.domain.json_pointer import join_pointer
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.judges.answer import Choice
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import told_before, told_call, told_tool

_KINDS = frozenset({"string", "integer", "number"})
_MOST_ARGUMENTS = 12
_MOST_PAIRS = 10
Pair = tuple[str, str]


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the calls with a pair that looks exchanged."""
    for place, call in sample.calls():
        pairs = same_type_pairs(sample, call)
        if not pairs:
            yield LeftOut(place, "nothing to judge")
        elif everything or doubtful_pairs(sample, place):
            yield place
        else:
            yield LeftOut(place, "settled by a rule")


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down one call with its pairs, and what had been said before it."""
    call = sample.call_at(place)
    schema = sample.schemas.get(call.name)
    context = told_before(sample.trajectory, place.step, room)
    context["tool"] = told_tool(None if schema is None else schema.tool)
    pairs = doubtful_pairs(sample, place) or same_type_pairs(sample, call)
    return Shown(context, {"call": told_call(call), "pairs": [list(pair) for pair in pairs[:_MOST_PAIRS]]})


def same_type_pairs(sample: JudgedSample, call: ToolCall) -> list[Pair]:
    """Return the pairs of arguments, in the tool's order, that could stand in each other's place."""
    schema = sample.schemas.get(call.name)
    if schema is None:
        return []
    kinds = {name: _kind_of(schema, call, name) for name in schema.parameters if name in call.arguments}
    names = [name for name, kind in kinds.items() if kind][:_MOST_ARGUMENTS]
    return [
        (first, second)
        for first, second in combinations(names, 2)
        if kinds[first] == kinds[second]
        and call.arguments[first] != call.arguments[second]
        and schema.parameters[first].enum == schema.parameters[second].enum
    ]


def doubtful_pairs(sample: JudgedSample, place: Place) -> list[Pair]:
    """Return the pairs whose values were said in the other order than the tool lists their arguments."""
    call = sample.call_at(place)
    evidence = sample.evidence(place)
    return [
        (first, second)
        for first, second in same_type_pairs(sample, call)
        if _is_doubtful(_said_at(evidence, first), _said_at(evidence, second))
    ]


def _kind_of(schema: ToolSchema, call: ToolCall, name: str) -> str:
    """Return the type of an argument that can be exchanged with another of its type, "" otherwise."""
    value = call.arguments[name]
    kind = schema.parameters[name].type.kind
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        return ""
    if kind not in _KINDS:
        return ""
    return "string" if kind == "string" else "number"


def _said_at(evidence: dict[str, dict[str, Evidence]], name: str) -> Evidence | None:
    """Return where an argument's value was said, None when it was not, or only a tool knows it."""
    found = evidence[name].get(join_pointer([name]))
    return found if found is not None and found.start >= 0 and found.source != "tool" else None


def _is_doubtful(first: Evidence | None, second: Evidence | None) -> bool:
    """Tell whether two values of one text stand there in the other order, or at the same words."""
    if first is None or second is None:
        return False
    same_text = (first.source, first.step, first.observation, first.pointer) == (
        second.source,
        second.step,
        second.observation,
        second.pointer,
    )
    return same_text and first.start >= second.start


JUDGE = Judge(
    rule_id="C13",
    name="swapped_arguments",
    title="Swapped arguments",
    subject="call",
    prompt="judge_swapped_arguments",
    choices=(
        Choice("in place", False, "each value stands where it belongs, or the order makes no difference"),
        Choice("swapped", True, "the values of at least one pair would have to be exchanged"),
    ),
    find=find,
    show=show,
    selects="calls with two values of one type that were said in the other order than the tool lists them",
)
