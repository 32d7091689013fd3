"""Flags calls of a tool that cannot do what was asked.

What it sees: the words of what the user asked beside the words of the called tool's name, description and
parameters. By default it asks only where the two have hardly a word in common.
Why it hurts: a model that always calls something cannot say that nothing fits (xLAM trains on such records to
measure irrelevance).
Example (bad): query = "Write me a poem about the sea.", calls = [find_parks(city="Leeds")]
Example (good): query = "Which parks are in Leeds?", calls = [find_parks(city="Leeds")]
Way out: replace the call by a refusal that says what is missing, or drop the sample.
"""

from __future__ import annotations

from collections.abc import Iterable

from xlam_backend.domain.said_text import words_of
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.judges.answer import Choice
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import told_before, told_call, told_tools

_STEM = 5  # "convert" and "conversion" begin alike
_LEAST_SHARED = 1
_READ = 20_000
_EMPTY_WORDS_TEXT = """
the a an of to in on at for and or by with from is are be it this that as what which who how when
where do does can could would will i me my you your we us our please tell give get find show want
need help using use used return returns given value values function api data information specified
parameter list name type id one two if not no any all some about into its their there then
"""
_EMPTY_WORDS = frozenset(_EMPTY_WORDS_TEXT.split())


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the calls whose tool has hardly a word in common with what was asked."""
    asked: set[str] = set()
    at = -1
    for place, call in sample.calls():
        schema = sample.schemas.get(call.name)
        if schema is None:
            yield LeftOut(place, "nothing to judge")
            continue
        if place.step != at:
            asked, at = _asked_before(sample, place.step), place.step
        is_near = len(asked & _stems(_texts_of(schema))) >= _LEAST_SHARED
        yield LeftOut(place, "settled by a rule") if is_near and not everything else place


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down one call, what had been said before it, and the tools on offer."""
    call = sample.call_at(place)
    context = told_before(sample.trajectory, place.step, room)
    context["tools"] = told_tools(sample.trajectory, room, first=call.name)
    return Shown(context, {"call": told_call(call)})


def _asked_before(sample: JudgedSample, step: int) -> set[str]:
    trajectory = sample.trajectory
    said = [trajectory.query, *(earlier.user_input for earlier in trajectory.steps[:step])]
    return _stems(said)


def _texts_of(schema: ToolSchema) -> list[str]:
    described = [parameter.description for parameter in schema.parameters.values()]
    return [schema.name, schema.tool.description, *schema.parameters, *described]


def _stems(texts: Iterable[str]) -> set[str]:
    words = {word.form for text in texts for word in words_of(text[:_READ])} - _EMPTY_WORDS
    return {word[:_STEM] for word in words if len(word) > 2 and not word.isdecimal()}


JUDGE = Judge(
    rule_id="Q3",
    name="no_suitable_tool",
    title="No suitable tool",
    subject="call",
    prompt="judge_no_suitable_tool",
    choices=(
        Choice("suitable", False, "the tool does what was asked, a part of it, or what is needed for it"),
        Choice("better tool", True, "another tool on offer plainly fits, and this one does not"),
        Choice("no tool", True, "none of the tools on offer can serve the request"),
    ),
    find=find,
    show=show,
    selects="calls whose tool has hardly a word in common with what was asked",
)
