"""Flags trajectories whose calls do not serve all that the request lists, or serve nothing it asks.

What it sees: the parts of the request that can be counted (numbered points, questions, orders) beside the
number of calls. By default it asks only where the two numbers differ, and only in records of a single turn.
Why it hurts: half an answer looks like a whole one to a model that learns from it (SpecTool: insufficient API
calls).
Example (bad): query = "Weather in Oslo? And the parks of Leeds?", calls = [get_weather(city="Oslo")]
Example (good): query = "Weather in Oslo? And the parks of Leeds?", calls = [get_weather(city="Oslo"),
find_parks(city="Leeds")]
Way out: add the missing call or take the needless one away, by hand.
"""

from __future__ import annotations

import re

from xlam_backend.judges.answer import Choice
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import told_call, told_task, told_tools

WHOLE = Place()
_POINT = re.compile(r"(?:^|\n|\s)(?:\(?\d{1,2}[.)]|[-*•])\s+(?=\S)")
_CLAUSE = re.compile(r"[.?!;\n]+(?:\s|$)|,?\s+(?:and|then|also|plus)\s+(?:then\s+|also\s+|please\s+)?|,\s+")
# Words that begin a question or an order.
_BEGINS_TEXT = """
what which who whom whose when where why how is are was were does do did can could will would should
find get give tell show list check look search fetch retrieve compute calculate convert translate
book reserve order plan send create make add remove delete update set play compare count summarise
summarize recommend suggest provide determine identify schedule cancel open write read estimate
generate solve evaluate analyse analyze help let
"""
_BEGINS = frozenset(_BEGINS_TEXT.split())
_POLITE = frozenset(
    ["please", "kindly", "also", "then", "finally", "next", "first", "second", "third", "lastly", "now"]
)


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the trajectory when the parts of its request are not as many as its calls."""
    trajectory = sample.trajectory
    calls = sample.calls()
    if not calls or any(step.user_input for step in trajectory.steps):
        yield LeftOut(WHOLE, "nothing to judge")
        return
    asked = count_requests(trajectory.query)
    several_steps = len({place.step for place, _ in calls}) > 1
    # One part may take several calls, one after the other; in a single step it rarely does.
    fits = asked <= len(calls) if several_steps else asked == len(calls)
    yield LeftOut(WHOLE, "settled by a rule") if fits and not everything else WHOLE


def count_requests(query: str) -> int:
    """Count the parts of a request: numbered points, or clauses that begin like a question or an order.

    >>> count_requests("What is the weather in Oslo, and which parks are in Leeds?")
    2
    >>> count_requests("Convert 3 EUR and 4 NOK to USD.")
    1
    """
    points = len(_POINT.findall(query))
    if points > 1:
        return points
    return max(1, sum(1 for clause in _CLAUSE.split(query) if _begins_request(clause)))


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down the request and every call."""
    del place
    context = told_task(sample.trajectory)
    context["tools"] = told_tools(sample.trajectory, room)
    return Shown(context, {"calls": [told_call(call) for _, call in sample.calls()[:200]]})


def _begins_request(clause: str) -> bool:
    for word in clause.lower().split()[:6]:
        bare = word.strip("\"'(),:")
        if bare in _BEGINS:
            return True
        if bare not in _POLITE:
            return False
    return False


JUDGE = Judge(
    rule_id="Q1",
    name="call_count",
    title="Number of calls",
    subject="trajectory",
    prompt="judge_call_count",
    choices=(
        Choice("complete", False, "every part of the request is served, and no call serves nothing"),
        Choice("too few", True, "a part of the request needs a call that was not made"),
        Choice("too many", True, "a call was made that no part of the request needs"),
    ),
    find=find,
    show=show,
    selects="single-turn records in which the parts of the request are not as many as the calls",
)
