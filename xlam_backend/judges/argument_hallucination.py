"""Flags argument values that do not follow from what had been said.

What it sees: each argument of each call, step by step, beside the request, the instruction, what the user
said later and what earlier calls brought. By default it asks only about the values that the grounding check
could not settle: those that nothing said supports, and those that stand only in the tool's own text.
Why it hurts: a made-up value is the commonest way in which a call is wrong, and a model that is trained on it
learns to make things up.
Example (bad): query = "Weather in Oslo?", get_weather(city="Oslo", days=12)
Example (good): query = "Weather in Oslo for a fortnight?", get_weather(city="Oslo", days=14)
Way out: review what is flagged, then correct the value or drop the sample.
"""

from __future__ import annotations

from typing import Any

from xlam_backend.domain.json_pointer import join_pointer, show_pointer, split_pointer
from xlam_backend.domain.output_reference import is_output_reference
from xlam_backend.judges.answer import Choice, SubQuestion
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place, unsettled
from xlam_backend.judges.told import cut, told_before, told_call, told_tool

_MOST_VALUES = 20


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the arguments that the grounding check could not settle."""
    for called, call in sample.calls():
        for name, value in call.arguments.items():
            place = Place(called.step, called.call, join_pointer([name]))
            if _claims_nothing(value):
                yield LeftOut(place, "nothing to judge")
            elif everything or unsettled(sample.evidence(called)[name]):
                yield place
            else:
                yield LeftOut(place, "settled by grounding")


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down one argument, and what had been said before its call."""
    call = sample.call_at(place)
    schema = sample.schemas.get(call.name)
    name = split_pointer(place.pointer)[0]
    context = told_before(sample.trajectory, place.step, room)
    context["tool"] = told_tool(None if schema is None else schema.tool)
    values = unsettled(sample.evidence(place)[name])
    item = {
        "call": told_call(call),
        "argument": name,
        "value": cut(call.arguments[name]),
        "values": [show_pointer(pointer) for pointer in values[:_MOST_VALUES]] or [name],
    }
    return Shown(context, item)


def _claims_nothing(value: Any) -> bool:
    """Tell whether a value is empty, or stands for the output of another call."""
    return value in (None, "", [], {}) or (isinstance(value, str) and is_output_reference(value))


JUDGE = Judge(
    rule_id="C10",
    name="argument_hallucination",
    title="Argument hallucination",
    subject="argument",
    prompt="judge_argument",
    choices=(
        Choice("supported", False, "the value is stated, or follows from what was said"),
        Choice("unsupported", True, "the value states something that does not follow from what was said"),
    ),
    questions=(
        SubQuestion("stated", "does what was said state the value, word for word or spelt otherwise?"),
        SubQuestion("derivable", "can the value be derived from what was said?"),
        SubQuestion("contradicted", "does anything that was said speak against the value?"),
    ),
    find=find,
    show=show,
    selects="arguments whose value the grounding check did not find in what had been said",
)
