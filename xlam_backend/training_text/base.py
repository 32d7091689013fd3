"""What a training text is: segments of text, each either given to the model or the target it learns.

A style's module starts with a docstring and ends in ONE constant, `STYLE`. It gives one function:

write(trajectory, step, telling) -> TrainingText   UntellableError when the style cannot say the step

What a style by its nature leaves out (a thought where it has no place for one) is named in `left_out`, so
that it can be counted and shown; nothing is left out without a word.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.errors import InputError

ALL_STEPS = -1


class Segment(msgspec.Struct, frozen=True):
    """A piece of the text; of a target the model learns every token, of the rest none."""

    text: str
    is_target: bool = False


class TrainingText(msgspec.Struct, frozen=True):
    """The whole text of one training row, in order, and what of the trajectory is not in it."""

    segments: tuple[Segment, ...]
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "".join(segment.text for segment in self.segments)

    @property
    def target(self) -> str:
        """Return what the model learns."""
        return "".join(segment.text for segment in self.segments if segment.is_target)

    @property
    def prompt(self) -> str:
        """Return what stands before the last target: the prompt of a text with one target."""
        last = max((at for at, segment in enumerate(self.segments) if segment.is_target), default=0)
        return "".join(segment.text for segment in self.segments[:last])


class UntellableError(InputError):
    """A step that a style cannot say without cutting or changing it."""

    def __init__(self, reason: str, way_out: str = "Choose another style.") -> None:
        super().__init__(f"{reason[:1].upper()}{reason[1:]}.", way_out)
        self.reason = reason


class TextStyle(msgspec.Struct, frozen=True):
    """One way of writing a step as a training text.

    name           what is stored and typed; it never changes its meaning
    words          one sentence: whose models, and what is special about it
    context        the context of the models it was made for, in tokens; 0 = it depends on the model
    is_whole       it can write all steps of a trajectory as one text, each answer a target
    """

    name: str
    title: str
    words: str
    write: Callable[[Trajectory, int, Telling | None], TrainingText]
    context: int = 0
    is_whole: bool = False


def chosen_step(trajectory: Trajectory, step: int) -> Step:
    """Return a step by its place from 0; UntellableError when there is none."""
    if not 0 <= step < len(trajectory.steps):
        count = len(trajectory.steps)
        raise UntellableError(
            f"the trajectory has no step {step + 1}, it has {count}", f"Choose a step from 1 to {count}."
        )
    return trajectory.steps[step]


def refuse_unreadable(step: Step) -> None:
    """Refuse calls whose arguments are no JSON object: no format can write them as calls."""
    for call in step.tool_calls:
        if call.unreadable:
            raise UntellableError(
                f"the arguments of a call of {call.name[:100]!r} are no JSON object",
                "Fix or leave out the trajectory.",
            )


def refuse_examples(trajectory: Trajectory) -> None:
    """Refuse few-shot examples where a style has no place for them."""
    if trajectory.few_shot_examples:
        raise UntellableError("it has few-shot examples, and the style has no place for them")
