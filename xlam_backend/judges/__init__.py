"""Every judge, in the order people see them."""

from __future__ import annotations

from xlam_backend.errors import UnknownNameError
from xlam_backend.judges import (
    argument_hallucination,
    call_count,
    final_answer,
    inappropriate_content,
    missing_information,
    no_suitable_tool,
    step_quality,
    swapped_arguments,
    trajectory_quality,
)
from xlam_backend.judges.base import Judge

JUDGES: tuple[Judge, ...] = (
    argument_hallucination.JUDGE,
    step_quality.JUDGE,
    trajectory_quality.JUDGE,
    final_answer.JUDGE,
    call_count.JUDGE,
    missing_information.JUDGE,
    no_suitable_tool.JUDGE,
    swapped_arguments.JUDGE,
    inappropriate_content.JUDGE,
)


def judge_by_name(name: str) -> Judge:
    """Return the judge of this name.

    Raises:
        UnknownNameError: no judge has it.
    """
    for judge in JUDGES:
        if judge.name == name:
            return judge
    raise UnknownNameError("judge", name, (judge.name for judge in JUDGES))
