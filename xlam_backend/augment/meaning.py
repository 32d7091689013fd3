"""Shows that an augmented trajectory still says what its parent says, or where it does not."""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.augment.augmented import Augmented, AugmentRefusedError, augment, refuse_general
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.prompt import write_answer
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.output_formats.answer import AnswerTextError, UnwritableAnswerError, answer_of


def augment_verified(
    trajectory: Trajectory, plan: AugmentPlan, *, seed: int, parent_id: str, variant: int = 0
) -> Augmented:
    """Return a trajectory with tools told in another way, shown to mean the same.

    Raises:
        AugmentRefusedError: the plan does not allow one, it is a general instruction, or what was made
            does not say what its parent says.
    """
    refuse_general(trajectory)
    made = augment(trajectory, plan, seed=seed, parent_id=parent_id, variant=variant)
    change = find_change(trajectory, made)
    if change:
        raise AugmentRefusedError(change)
    return made


def find_change(parent: Trajectory, augmented: Augmented) -> str:
    """Return what has changed between a trajectory and the one made of it; "" when nothing has.

    The tools have to be the same ones, their order and that of keys aside; everything else has to be
    equal, and each answer has to be read back from its format as the step it was written from.
    """
    child = augmented.trajectory
    if sorted(map(_said, parent.tools)) != sorted(map(_said, child.tools)):
        return "the tools are not the same"
    for name in ("query", "steps", "task_instruction", "few_shot_examples", "tools_stated", "extra"):
        if _said(getattr(parent, name)) != _said(getattr(child, name)):
            return f"{name} is not the same"
    if not augmented.telling.format_name:
        return "" if parent.format_instruction == child.format_instruction else "the format is not the same"
    return _find_unread_answer(parent, augmented)


def _find_unread_answer(parent: Trajectory, augmented: Augmented) -> str:
    form = output_format_by_name(augmented.telling.format_name)
    for at, step in enumerate(parent.steps):
        try:
            read = form.parse(write_answer(augmented.trajectory, augmented.telling, at))
        except (AnswerTextError, UnwritableAnswerError) as error:
            return f"the answer of step {at + 1} cannot be written and read back: {error.what}"
        if _said(read) != _said(answer_of(step)):
            return f"the answer of step {at + 1} is read back as another one"
    return ""


def _said(value: Any) -> bytes:
    """Return a value's bytes; only the order of keys does not count."""
    return msgspec.json.encode(value, order="sorted")
