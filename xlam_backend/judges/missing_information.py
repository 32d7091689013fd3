"""Flags calls that were made although something they need was not known.

What it sees: the required arguments of a call whose values stand nowhere in what had been said. Calls whose
required arguments are all grounded are not asked about by default.
Why it hurts: the right move was to ask; a model that learns to guess a missing value will guess an account
number, too.
Example (bad): query = "Book me a table.", reserve_table(restaurant="Nori House", guests=2)
Example (good): query = "Book a table for 2 at Nori House.", reserve_table(restaurant="Nori House", guests=2)
Way out: replace the call by a question to the user, or drop the sample.
"""

from __future__ import annotations

from xlam_backend.judges.answer import Choice
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place, unsettled
from xlam_backend.judges.told import told_before, told_call, told_tool


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the calls with a required argument that nothing said supports."""
    for place, call in sample.calls():
        schema = sample.schemas.get(call.name)
        if schema is None or not schema.required.intersection(call.arguments):
            yield LeftOut(place, "nothing to judge")
        elif everything or unclear(sample, place):
            yield place
        else:
            yield LeftOut(place, "settled by grounding")


def unclear(sample: JudgedSample, place: Place) -> list[str]:
    """Return the required arguments of a call that nothing said supports."""
    schema = sample.schemas[sample.call_at(place).name]
    evidence = sample.evidence(place)
    return [name for name, found in evidence.items() if name in schema.required and unsettled(found)]


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down one call, and what had been said before it."""
    call = sample.call_at(place)
    schema = sample.schemas[call.name]
    context = told_before(sample.trajectory, place.step, room)
    context["tool"] = told_tool(schema.tool)
    item = {
        "call": told_call(call),
        "required": sorted(schema.required),
        "unclear": unclear(sample, place),
    }
    return Shown(context, item)


JUDGE = Judge(
    rule_id="Q2",
    name="missing_information",
    title="Missing information",
    subject="call",
    prompt="judge_missing_information",
    choices=(
        Choice("enough", False, "each required argument is known, or any sensible choice serves"),
        Choice("missing", True, "a required argument could only be guessed"),
    ),
    find=find,
    show=show,
    selects="calls with a required argument that the grounding check did not find in what had been said",
)
