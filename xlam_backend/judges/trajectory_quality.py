"""Rates a trajectory as a whole: plan, tools, use of observations, final answer.

What it sees: the request, the tools on offer and every step with what came back. Trajectories in which a rule
rejects something are not asked about: they are known to be bad.
Why it hurts: a trajectory may be made of good steps and still not answer what was asked, or take ten steps
for what needs two.
Example (bad): query = "Who wrote Night Ferries?", steps = [search("Ferries"), reply("It is a book.")]
Example (good): query = "Who wrote Night Ferries?", steps = [search("Night Ferries"), reply("Brandt.")]
Way out: keep what is rated high; review the middle of the scale by hand.
"""

from __future__ import annotations

from xlam_backend.judges.answer import SubQuestion
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import told_steps, told_task, told_tools

WHOLE = Place()


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the trajectory, if it has a step."""
    del everything
    yield WHOLE if sample.trajectory.steps else LeftOut(WHOLE, "nothing to judge")


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down the whole trajectory."""
    del place
    trajectory = sample.trajectory
    context = told_task(trajectory)
    context["tools"] = told_tools(trajectory, room)
    return Shown(context, {"steps": told_steps(trajectory.steps, room)})


JUDGE = Judge(
    name="trajectory_quality",
    title="Trajectory quality",
    subject="trajectory",
    prompt="judge_trajectory",
    questions=(
        SubQuestion("plan", "does the order of the steps lead to what was asked?"),
        SubQuestion("tools", "are the tools and their arguments right?"),
        SubQuestion("use_of_observations", "is what came back used, and are errors dealt with?"),
        SubQuestion("final_answer", "is the request answered, whole and truthfully?"),
    ),
    find=find,
    show=show,
    selects="every trajectory that has a step",
)
