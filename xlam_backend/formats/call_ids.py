"""Ids that are made up where a format needs them and the trajectory has none; dropped when read back."""

from __future__ import annotations

from collections.abc import Sequence

from xlam_backend.domain.trajectory import Step

_GENERATED = "xlam-"


def call_ids(step: Step, number: int) -> list[str]:
    """Return the ids of a step's calls; `number` is the step's place, so that made up ids are unique."""
    return [call.call_id or f"{_GENERATED}{number}-{index}" for index, call in enumerate(step.tool_calls)]


def observed_id(step: Step, position: int, ids: Sequence[str]) -> str:
    """Return the id of the call that an observation answers: its own, or by place where no call has one."""
    observation = step.observations[position]
    if observation.call_id or position >= len(ids) or any(call.call_id for call in step.tool_calls):
        return observation.call_id
    return ids[position]


def own_id(call_id: str) -> str:
    """Return an id that the source gave, "" for one that was made up."""
    return "" if call_id.startswith(_GENERATED) else call_id
