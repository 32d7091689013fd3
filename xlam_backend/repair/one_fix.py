"""One fix: what it would change, and applying it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.checks.chunk_work import version_of
from xlam_backend.checks.engine import CheckEngine
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.person import Person
from xlam_backend.domain.trajectory_diff import Change, diff_trajectories
from xlam_backend.errors import FixRefusedError
from xlam_backend.repair.mending import Mended, make_engine, mend
from xlam_backend.store.connection import Store
from xlam_backend.store.family_findings import (
    FixableFinding,
    family_versions,
    is_current_finding,
    read_finding,
)
from xlam_backend.store.findings import CheckVersion
from xlam_backend.store.fixes import NewAct, NewVersion, record_act
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories


class FixPreview(msgspec.Struct, frozen=True):
    """What a fix would do: the arguments before and after, the findings that go and come.

    `refused` says why it cannot be applied; "" when it can. `family_count` is the number of
    trajectories with an error of the same family, this one included.
    """

    trajectory_id: str
    version: int
    family: str
    summary: str
    changes: tuple[Change, ...]
    cleared: tuple[Finding, ...]
    introduced: tuple[Finding, ...]
    refused: str = ""
    family_count: int = 1


class AppliedFix(msgspec.Struct, frozen=True):
    """A fix that was applied: its act, which can be undone, and what it did."""

    act_no: int
    trajectory_id: str
    changes: tuple[Change, ...]
    cleared: tuple[Finding, ...]
    introduced: tuple[Finding, ...]


def preview_fix(store: Store, finding_no: int) -> FixPreview:
    """Return what the fix of a finding would do; a fix that cannot be applied says so in `refused`.

    Raises:
        NotFoundError: there is no such finding.
    """
    found, stored = _read(store, finding_no)
    count = len(family_versions(store, found.family)) if found.family else 0
    return preview_on(make_engine(), stored, [found], family_count=count)


def apply_fix(store: Store, finding_no: int, *, person: Person, now: datetime) -> AppliedFix:
    """Apply the fix of one finding: a new version, checked again, in one act.

    Raises:
        NotFoundError: there is no such finding.
        FixRefusedError: there is no fix, it would bring an error, or the trajectory was changed since.
        AccessDeniedError: the person may not fix.
    """
    require(person, "fix")
    found, stored = _read(store, finding_no)
    if not is_current_finding(store, finding_no):
        raise FixRefusedError(
            "This finding is about an older version of the trajectory.", "Open the trajectory again."
        )
    engine = make_engine()
    mended = mend(engine, stored.trajectory, [found.finding], tool_keys=stored.tool_nos)
    if mended.refused:
        raise FixRefusedError(f"The fix is not applied. {mended.refused}", "Correct the sample by hand.")
    act = NewAct("one", summary_of([found]), person, found.family)
    act_no = record_act(store, act, [new_version(stored, mended)], checks=checks_run(engine), now=now)
    changes = diff_trajectories(stored.trajectory, mended.trajectory)
    return AppliedFix(act_no, stored.trajectory_id, changes, mended.cleared, mended.introduced)


def preview_on(
    engine: CheckEngine, stored: StoredTrajectory, findings: Sequence[FixableFinding], *, family_count: int
) -> FixPreview:
    """Return what the fixes of these findings of one trajectory would do together."""
    preview = FixPreview(
        stored.trajectory_id,
        stored.version,
        findings[0].family,
        summary_of(findings),
        changes=(),
        cleared=(),
        introduced=(),
        family_count=family_count,
    )
    try:
        mended = mend(
            engine, stored.trajectory, [found.finding for found in findings], tool_keys=stored.tool_nos
        )
    except FixRefusedError as error:
        return msgspec.structs.replace(preview, refused=str(error))
    return msgspec.structs.replace(
        preview,
        changes=diff_trajectories(stored.trajectory, mended.trajectory),
        cleared=mended.cleared,
        introduced=mended.introduced,
        refused=mended.refused,
    )


def summary_of(findings: Sequence[FixableFinding]) -> str:
    """Say in plain words what the fixes of these findings do."""
    fixes = [found.finding.fix.summary for found in findings if found.finding.fix is not None]
    return " ".join(dict.fromkeys(fixes))


def new_version(stored: StoredTrajectory, mended: Mended) -> NewVersion:
    """Return a mended trajectory as the store takes it."""
    return NewVersion(
        stored.trajectory_no,
        stored.version_no,
        mended.trajectory,
        mended.edits,
        mended.outcome.findings,
        mended.outcome.not_checked,
        mended.cleared,
        mended.introduced,
    )


def checks_run(engine: CheckEngine) -> list[CheckVersion]:
    """Return the checks an engine runs on trajectories, as their findings are stored."""
    return [version_of(check) for check in engine.checks if check.scope != "tool"]


def _read(store: Store, finding_no: int) -> tuple[FixableFinding, StoredTrajectory]:
    found = read_finding(store, finding_no)
    return found, read_trajectories(store, [found.version_no])[0]
