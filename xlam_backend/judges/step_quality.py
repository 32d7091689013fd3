"""Rates each step: its thought, its choice of tool, its use of observations.

What it sees: one step beside all that went before it: the thought or reply, the calls, what came back. Steps
that a rule rejects are not asked about: they are known to be bad.
Why it hurts: one bad step in a long trajectory is enough to teach a bad habit, and a rating of the whole
hides it.
Example (bad): thought = "The order is not known, so I refund a guess.", refund_item(order_number="A-1")
Example (good): thought = "I look the order up first.", look_up_order(order_number="A-10042")
Way out: review the low ratings; rewrite or drop the step.
"""

from __future__ import annotations

from xlam_backend.judges.answer import SubQuestion
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import told_before, told_step, told_tools


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield every step that says or calls something."""
    del everything  # there is no rule that could settle what a step is worth
    for at, step in enumerate(sample.trajectory.steps):
        place = Place(at)
        if step.tool_calls or step.thought.strip():
            yield place
        else:
            yield LeftOut(place, "nothing to judge")


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down one step, and what went before it."""
    trajectory = sample.trajectory
    step = trajectory.steps[place.step]
    context = told_before(trajectory, place.step, room, with_thoughts=True)
    called = step.tool_calls[0].name if step.tool_calls else ""
    context["tools"] = told_tools(trajectory, room, first=called)
    item = told_step(step, place.step)
    item.pop("user", None)  # what the user said afterwards is no part of the step
    return Shown(context, item)


JUDGE = Judge(
    name="step_quality",
    title="Step quality",
    subject="step",
    prompt="judge_step",
    questions=(
        SubQuestion("thought", "is the thought right, and does it lead to the action?"),
        SubQuestion("tool_choice", "is it the right tool, called with sensible arguments?"),
        SubQuestion("use_of_observations", "does the step build on what earlier calls brought?"),
    ),
    find=find,
    show=show,
    selects="every step that says or calls something",
)
