"""What a judge is: one question to a language model about places that a rule cannot settle.

A judge does two things in code, and one through the model. `find` walks a trajectory and yields the
places worth asking about, and, for the others, why they are left out; it is cheap, and with
`everything` it leaves out only what cannot be asked. `show` writes down what the model is told about
one place: `context` is what had been said, `item` is what is judged. Each request holds one item only.
The prompt is a file, `xlam_backend/prompts/<prompt>.md`; the form of the answer is `answer.py`'s.

What is left out is counted by its reason and never stored as a judgement.

A judge's module starts with a docstring that people read, with the headings of the checks
(`checks/base.py`): What it sees, Why it hurts, Example (bad), Example (good), Way out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from xlam_backend.domain.rating import Subject
from xlam_backend.judges.answer import Choice, SubQuestion
from xlam_backend.judges.sample import JudgedSample, Place

# Why a place is not asked about. Some are decided for all judges in plan.py.
LeftOutReason = Literal[
    "settled by grounding",
    "settled by a rule",
    "nothing to judge",
    "a rule rejects it",
    "judged before",
]


class LeftOut(msgspec.Struct, frozen=True):
    """A place that is not asked about, and why."""

    place: Place
    reason: LeftOutReason


class Shown(msgspec.Struct, frozen=True):
    """What the model is told: what had been said, and what is judged. Both are fenced as data."""

    context: dict[str, Any]
    item: dict[str, Any]


Found = Iterable[Place | LeftOut]


class Judge(msgspec.Struct, frozen=True):
    """One judgement. The headings of its module's docstring are what people read about it.

    rule_id     the catalogue's id where it has one (Q1); name is stored and never changes its meaning
    subject     what a place is: an argument, a call, a step, the trajectory
    prompt      the name of its prompt file
    choices     the verdicts it may give; empty for a judge that gives a score
    questions   sub-questions that can be asked on the way to the verdict
    selects     in our own words: what is asked about by default
    """

    name: str
    title: str
    subject: Subject
    prompt: str
    find: Callable[[JudgedSample, bool], Found]
    show: Callable[[JudgedSample, Place, int], Shown]
    selects: str
    rule_id: str = ""
    choices: tuple[Choice, ...] = ()
    questions: tuple[SubQuestion, ...] = ()

    @property
    def is_scored(self) -> bool:
        """Whether it gives a score and no word."""
        return not self.choices
