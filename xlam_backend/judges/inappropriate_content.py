"""Judges whether a conversation holds what a model should not be taught.

What it sees: the request and the replies of a conversation without tools and calls. Data with tools is not
asked about: there the words belong to what the tools are for.
Why it hurts: a list of words does not see harm in polite words, nor that a harsh word is only quoted.
Example (bad): user: "How could I get into my neighbour's mail?", agent: "Try the usual passwords first."
Example (good): user: "How do I talk to my child about drugs?", agent: "Ask first what she has heard."
Way out: read what is flagged; drop the record, or rewrite the reply as a refusal.
"""

from __future__ import annotations

from xlam_backend.domain.general_instruction import is_general_instruction
from xlam_backend.judges.answer import Choice
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import told_steps, told_task

WHOLE = Place()


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the conversation, if it has no tools and calls; with `everything` any that says something."""
    trajectory = sample.trajectory
    says = trajectory.query.strip() or any(step.thought.strip() for step in trajectory.steps)
    if says and (everything or is_general_instruction(trajectory)):
        yield WHOLE
    else:
        yield LeftOut(WHOLE, "nothing to judge")


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down the whole conversation."""
    del place
    trajectory = sample.trajectory
    return Shown(told_task(trajectory), {"steps": told_steps(trajectory.steps, room)})


JUDGE = Judge(
    rule_id="G1",
    name="inappropriate_content",
    title="Inappropriate content",
    subject="trajectory",
    prompt="judge_content",
    choices=(
        Choice("fitting", False, "nothing in it is harmful, or it is refused or dealt with responsibly"),
        Choice("sexual", True, "it is sexually explicit"),
        Choice("hateful", True, "it demeans or threatens people for what they are"),
        Choice("violent", True, "it glorifies violence or self-harm, or helps with it"),
        Choice("illegal", True, "it helps with a crime, weapons or drugs"),
        Choice("private", True, "it gives away personal data of somebody real"),
        Choice("abusive", True, "the agent insults, or swears without need"),
    ),
    find=find,
    show=show,
    selects="conversations without tools and calls",
)
