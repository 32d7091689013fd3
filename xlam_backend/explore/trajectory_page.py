"""Everything the Trajectory page shows, in one call."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from xlam_backend.domain.evidence import Evidence, evidence_of_call, texts_before
from xlam_backend.domain.tool_schema import ToolSchema, schemas_by_name
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.domain.trajectory_diff import Change, diff_trajectories
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import DatasetRow, read_dataset_row
from xlam_backend.store.derivations import Family as Family
from xlam_backend.store.derivations import Relative as Relative
from xlam_backend.store.derivations import read_family
from xlam_backend.store.fix_history import Act, HeadChange, read_act, read_head_changes
from xlam_backend.store.ratings import StoredRating as StoredRating
from xlam_backend.store.ratings import read_version_ratings
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import (
    Membership,
    Version,
    choose_version,
    find_trajectory,
    read_memberships,
    read_trajectories,
    read_versions,
)
from xlam_backend.store.version_findings import StoredFinding as StoredFinding
from xlam_backend.store.version_findings import VersionFindings, read_version_findings

# Where each value of a call comes from: {(step, call): {pointer: evidence}}.
CallEvidence = dict[tuple[int, int], dict[str, Evidence]]


class HistoryEntry(msgspec.Struct, frozen=True):
    """One act on this trajectory: what was done, which version took over, and what differs between them."""

    act: Act
    change: HeadChange
    from_version: int
    to_version: int
    differences: tuple[Change, ...]


class TrajectoryPage(msgspec.Struct, frozen=True):
    """One version of a trajectory with all that is known about it."""

    trajectory_id: str
    trajectory_no: int
    version_no: int
    version: int
    is_current: bool
    trajectory: Trajectory
    schemas: dict[str, ToolSchema]
    evidence: CallEvidence
    findings: VersionFindings
    ratings: tuple[StoredRating, ...]
    versions: tuple[Version, ...]
    history: tuple[HistoryEntry, ...]
    places: tuple[Membership, ...]
    dataset: DatasetRow
    family: Family = Family()


def open_trajectory_page(store: Store, trajectory_id: str, *, version: int | None = None) -> TrajectoryPage:
    """Return what the page shows of a trajectory's current version, or of the version asked for."""
    versions = read_versions(store, find_trajectory(store, trajectory_id))
    shown = choose_version(trajectory_id, versions, version)
    # Every version is read at once: the history below shows what differs between them.
    by_number = {
        one.version_no: one for one in read_trajectories(store, [one.version_no for one in versions])
    }
    stored = by_number[shown.version_no]
    schemas = schemas_by_name(stored.trajectory.tools)
    return TrajectoryPage(
        trajectory_id=trajectory_id,
        trajectory_no=stored.trajectory_no,
        version_no=stored.version_no,
        version=stored.version,
        is_current=shown.is_current,
        trajectory=stored.trajectory,
        schemas=schemas,
        evidence=evidence_by_call(stored.trajectory, schemas),
        findings=read_version_findings(store, stored.version_no, stored.tool_nos),
        ratings=read_version_ratings(store, stored.version_no),
        versions=tuple(versions),
        history=_read_history(store, stored.trajectory_no, by_number),
        places=tuple(read_memberships(store, stored.trajectory_no)),
        dataset=read_dataset_row(store, stored.dataset_no),
        family=read_family(store, stored.trajectory_no),
    )


def open_version_page(store: Store, version_no: int) -> TrajectoryPage:
    """Return what the page shows of the version of this number; NotFoundError when there is none."""
    stored = read_trajectories(store, [version_no])[0]
    return open_trajectory_page(store, stored.trajectory_id, version=stored.version)


def _read_history(
    store: Store, trajectory_no: int, by_number: Mapping[int, StoredTrajectory]
) -> tuple[HistoryEntry, ...]:
    changes = read_head_changes(store, trajectory_no) if len(by_number) > 1 else []
    return tuple(
        HistoryEntry(
            act=read_act(store, change.act_no),
            change=change,
            from_version=by_number[change.from_version_no].version,
            to_version=by_number[change.to_version_no].version,
            differences=diff_trajectories(
                by_number[change.from_version_no].trajectory, by_number[change.to_version_no].trajectory
            ),
        )
        for change in changes
    )


def evidence_by_call(trajectory: Trajectory, schemas: dict[str, ToolSchema]) -> CallEvidence:
    """Return the evidence of every value of every call; each text is read once for all of them."""
    said = texts_before(trajectory, len(trajectory.steps))
    found: CallEvidence = {}
    for index, step in enumerate(trajectory.steps):
        # The request and the instruction are at step -1.
        before = [text for text in said if text.step < index]
        for place, call in enumerate(step.tool_calls):
            found[index, place] = evidence_of_call(call, schemas.get(call.name), before)
    return found
