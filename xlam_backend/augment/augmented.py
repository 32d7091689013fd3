"""Augments trajectories: each gives one that means the same, or the reason why there is none.

The functions look at one trajectory at a time and at nothing else, so any share of the data gives the
same results wherever and in whatever order it is worked on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from xlam_backend.augment.draws import Decisions
from xlam_backend.augment.few_shot import read_example
from xlam_backend.augment.order import shuffle_argument_order, shuffle_parameter_order
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.section_styles import encoded_marks_of, style_by_name
from xlam_backend.domain.telling import SECTIONS, TOOL_KEYS, Section, Telling
from xlam_backend.domain.trajectory import Trajectory, content_id
from xlam_backend.errors import InputError
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.output_formats.answer import Answer, find_fault


class Augmented(msgspec.Struct, frozen=True):
    """A trajectory made of another one (`parent_id` is its content id), and how it is to be told."""

    parent_id: str
    trajectory: Trajectory
    telling: Telling


class NotAugmented(msgspec.Struct, frozen=True):
    """A trajectory that could not be augmented, with the reason."""

    parent_id: str
    reason: str


class AugmentRefusedError(InputError):
    """A trajectory cannot be augmented by this plan without changing what it says."""


def augment_all(
    trajectories: Iterable[tuple[str, Trajectory]], plan: AugmentPlan, *, seed: int
) -> Iterator[Augmented | NotAugmented]:
    """Yield one result for each (content id, trajectory), in the same order."""
    plan.check()
    for parent_id, trajectory in trajectories:
        try:
            yield augment(trajectory, plan, seed=seed, parent_id=parent_id)
        except AugmentRefusedError as error:
            yield NotAugmented(parent_id, error.what)


def augment(
    trajectory: Trajectory, plan: AugmentPlan, *, seed: int, parent_id: str | None = None, variant: int = 0
) -> Augmented:
    """Return the trajectory told in another way; AugmentRefusedError when the plan does not allow one.

    The same seed and trajectory give the same result. `parent_id` is its content id, where it is known.
    Each `variant` is told in a way of its own, and no format comes twice before all have come once.
    """
    known_id = content_id(trajectory) if parent_id is None else parent_id
    decisions = Decisions(seed, known_id, variant)
    format_name = _choose_format(plan, Decisions(seed, known_id) if variant else decisions, variant)
    if format_name:
        _refuse_other_forms(trajectory)
    style_name = _choose_style(trajectory, plan, decisions)
    telling = Telling(
        format_name,
        style_name,
        _section_order(plan, style_name, decisions),
        tuple(decisions.draws("tool keys").shuffled(TOOL_KEYS)) if plan.tool_keys else TOOL_KEYS,
        plan.call_keys and decisions.draws("call keys").below(2) == 1,
    )
    return Augmented(known_id, _changed(trajectory, plan, decisions, format_name), telling)


def refuse_general(trajectory: Trajectory) -> None:
    """Refuse a general instruction, which keeps its form: it offers no tools, and nothing is called."""
    if not trajectory.tools and not any(step.tool_calls for step in trajectory.steps):
        raise AugmentRefusedError("It offers no tools and calls none: a general instruction keeps its form.")


def _choose_format(plan: AugmentPlan, first: Decisions, variant: int) -> str:
    """Return the variant's format: the first one's by chance, then the others in an order of their own."""
    if not plan.formats:
        return ""
    draws = first.draws("format")
    chosen = draws.one_of(plan.formats)
    if not variant % len(plan.formats):
        return chosen
    others = draws.shuffled(name for name in plan.formats if name != chosen)
    return others[variant % len(plan.formats) - 1]


def _refuse_other_forms(trajectory: Trajectory) -> None:
    """Refuse what cannot be said in another format: unreadable calls, examples of an unknown form."""
    for step in trajectory.steps:
        fault = find_fault(Answer(step.thought, step.tool_calls))
        if fault:
            raise AugmentRefusedError(f"An answer of it cannot be written in another format: {fault}.")
    for example in trajectory.few_shot_examples:
        read = read_example(example)
        if read is None or find_fault(read[1]):
            raise AugmentRefusedError("Its few-shot examples show answers in another format.")


def _choose_style(trajectory: Trajectory, plan: AugmentPlan, decisions: Decisions) -> str:
    """Return a style by chance, among those whose marks stand nowhere in the trajectory."""
    said = msgspec.json.encode(trajectory)
    for name in decisions.draws("style").shuffled(plan.styles):
        for mark in encoded_marks_of(name):
            if mark in said:
                break
        else:
            return name
    raise AugmentRefusedError("Marks of every style of the plan stand in its own texts.")


def _changed(trajectory: Trajectory, plan: AugmentPlan, decisions: Decisions, format_name: str) -> Trajectory:
    tools, steps = trajectory.tools, trajectory.steps
    if plan.parameters:
        tools = shuffle_parameter_order(tools, decisions.draws("parameters"))
    if plan.tools and len(tools) > 1:
        tools = tuple(decisions.draws("tools").shuffled(tools))
    if plan.call_keys:
        steps = shuffle_argument_order(steps, decisions.draws("arguments"))
    instruction = trajectory.format_instruction
    if format_name:
        thinks = bool(steps) and all(step.thought.strip() for step in steps)
        instruction = format_instruction(format_name, always_thinks=thinks)
    return Trajectory(
        trajectory.query,
        tools,
        steps,
        trajectory.task_instruction,
        instruction,
        trajectory.few_shot_examples,
        trajectory.tools_stated,
        trajectory.extra,
    )


@lru_cache(maxsize=100)
def format_instruction(name: str, *, always_thinks: bool) -> str:
    """Return the instruction of a format by its name."""
    return output_format_by_name(name).instruction(always_thinks=always_thinks)


def _section_order(plan: AugmentPlan, style_name: str, decisions: Decisions) -> tuple[Section, ...]:
    if not plan.sections or style_by_name(style_name).is_fixed:
        return SECTIONS
    return tuple(decisions.draws("sections").shuffled(SECTIONS))
