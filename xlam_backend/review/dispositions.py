"""What follows from review for the data: keep, fix, fixed or drop, for trajectories and for pairs.

A decision is the last word of an adjudication, else what all reviewers of an item agree on. Of several
decided items of one version drop beats fix beats keep; what goes as a near-duplicate is dropped, too. A
drop stays when the trajectory is changed afterwards, until somebody decides anew; a keep is about the
version that was seen alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from xlam_backend.store.connection import Store
from xlam_backend.store.dispositions import (
    DispositionState,
    ItemDecision,
    count_states,
    read_current_version,
    read_decisions_about,
    read_decisions_of_queue,
)
from xlam_backend.store.near_decisions import DropReason, read_drop_reason

__all__ = [
    "DispositionState",
    "ItemDecision",
    "TrajectoryDisposition",
    "count_dispositions",
    "read_disposition",
    "read_queue_decisions",
]

_STRONGEST_FIRST: tuple[DispositionState, ...] = ("drop", "fix", "keep")


class TrajectoryDisposition(msgspec.Struct, frozen=True):
    """What counts for a trajectory today ("" while nothing is decided), and the decisions behind it.

    `near_duplicate` says which trajectory stays for it, where it was dropped as a near-duplicate.
    """

    state: DispositionState
    decisions: tuple[ItemDecision, ...]
    near_duplicate: DropReason | None = None


def read_disposition(store: Store, trajectory_no: int) -> TrajectoryDisposition:
    """Return what review has decided about a trajectory, by itself or beside a near-duplicate."""
    decisions = tuple(read_decisions_about(store, trajectory_no))
    near = read_drop_reason(store, trajectory_no)
    dropped = () if near is None else (near.version_no,)
    state = state_after(decisions, read_current_version(store, trajectory_no), dropped)
    return TrajectoryDisposition(state, decisions, near)


def state_after(
    decisions: Sequence[ItemDecision], version_no: int, near_dropped: Sequence[int] = ()
) -> DispositionState:
    """Return what decisions come to while this version counts: the rule of the view, for one trajectory.

    `near_dropped` are versions that were dropped as near-duplicates.
    """
    said = [(each.version_no, each.disposition) for each in decisions if each.kind != "pair"]
    said += [(version, "drop") for version in near_dropped]
    here = {disposition for version, disposition in said if version == version_no}
    for strongest in _STRONGEST_FIRST:
        if strongest in here:
            return strongest
    if any(disposition == "drop" for _, disposition in said):
        return "drop"
    was_changed = any(disposition == "fix" and version < version_no for version, disposition in said)
    return "fixed" if was_changed else ""


def count_dispositions(store: Store) -> dict[DispositionState, int]:
    """Return how many trajectories were decided to be kept, fixed (done or wished for), or dropped."""
    return count_states(store)


def read_queue_decisions(store: Store, queue_no: int | None = None) -> list[ItemDecision]:
    """Return the settled items of a queue, or of all."""
    return read_decisions_of_queue(store, queue_no or 0)
