"""Our own section styles: prompt and answer as augmentation tells them, each trajectory in its own way."""

from __future__ import annotations

from xlam_backend.augment.prompt import write_answer, write_prompt
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import InputError
from xlam_backend.training_text.base import Segment, TextStyle, TrainingText, UntellableError, chosen_step


def write(trajectory: Trajectory, step: int, telling: Telling | None) -> TrainingText:
    """Write a step as its telling says; without one, between [START OF …] marks, answered as JSON."""
    chosen_step(trajectory, step)
    told = telling or Telling()
    try:
        prompt, answer = write_prompt(trajectory, told, step), write_answer(trajectory, told, step)
    except UntellableError:
        raise
    except InputError as error:
        raise UntellableError(error.what.rstrip(".")) from error
    return TrainingText((Segment(f"{prompt}\n\n"), Segment(answer, is_target=True)))


STYLE = TextStyle(
    "sections",
    "Sections · as augmentation tells it",
    "The sections, marks and output format that the trajectory was given; JSON between [START OF …] marks "
    "where it was given none.",
    write,
)
