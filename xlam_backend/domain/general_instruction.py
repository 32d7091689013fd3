"""What general-instruction data is: a conversation in which nothing is offered and nothing is called."""

from __future__ import annotations

from collections.abc import Iterator

from xlam_backend.domain.trajectory import Trajectory


def is_general_instruction(trajectory: Trajectory) -> bool:
    """Tell whether a trajectory teaches to answer and not to call: no tools, no call in any step.

    >>> is_general_instruction(Trajectory(query="Write a poem.", tools_stated=False))
    True
    """
    return not trajectory.tools and not any(step.tool_calls for step in trajectory.steps)


def user_turns(trajectory: Trajectory) -> Iterator[tuple[int, str]]:
    """Yield what the user said, each with the step it stands in; the query stands before the steps (-1)."""
    yield -1, trajectory.query
    for index, step in enumerate(trajectory.steps):
        if step.user_input:
            yield index, step.user_input


def spoken_turns(trajectory: Trajectory) -> Iterator[tuple[int, str]]:
    """Yield what user and agent said, each with its step (-1: the query)."""
    yield -1, trajectory.query
    for index, step in enumerate(trajectory.steps):
        if step.thought:
            yield index, step.thought
        if step.user_input:
            yield index, step.user_input
