"""A fix of a tool itself (its name, say), made in every trajectory that offers it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
import numpy as np

from xlam_backend.access import require
from xlam_backend.domain.finding import Finding, Fix, family_of
from xlam_backend.domain.person import Person
from xlam_backend.domain.tool import Tool
from xlam_backend.errors import FixRefusedError, NotFoundError
from xlam_backend.repair.family import FamilyPreview
from xlam_backend.repair.many_fixes import CHUNK_ROWS, BulkAct, FamilyProgress, FamilyReport, mend_all
from xlam_backend.repair.mending import make_engine
from xlam_backend.repair.one_fix import preview_on
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.family_findings import FixableFinding, versions_offering
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks, read_tools, read_trajectories


def preview_tool_fix(
    store: Store, tool_no: int, check: str, *, sample: int = 5, seed: int = 0
) -> FamilyPreview:
    """Return how many trajectories offer a tool, and what the fix a check proposes would do to a few of them.

    Raises:
        NotFoundError: there is no such tool, or no current trajectory offers it.
        FixRefusedError: the check proposes no fix for this tool.
    """
    finding = _fixable(store, tool_no, check)
    versions = _offering(store, tool_no)
    drawn = random.Random(seed).sample(versions.tolist(), min(sample, len(versions)))  # noqa: S311
    engine = make_engine()
    samples = [
        preview_on(
            engine,
            stored,
            [
                FixableFinding(0, stored.version_no, family_of(finding), placed)
                for placed in _in_trajectory(finding, stored, tool_no)
            ],
            family_count=len(versions),
        )
        for stored in read_trajectories(store, drawn)
    ]
    return FamilyPreview(family_of(finding), len(versions), len(versions), tuple(samples))


def apply_tool_fix(
    store: Store,
    tool_no: int,
    check: str,
    *,
    person: Person,
    now: datetime,
    progress: Callable[[FamilyProgress], None] | None = None,
) -> FamilyReport:
    """Make the fix a check proposes for a tool in every current trajectory that offers it, as one act.

    Raises:
        NotFoundError: there is no such tool, or no current trajectory offers it.
        FixRefusedError: the check proposes no fix for this tool.
        AccessDeniedError: the person may not fix.
    """
    require(person, "fix")
    finding = _fixable(store, tool_no, check)
    versions = _offering(store, tool_no)
    act = BulkAct(family_of(finding), person, now, len(versions), progress)
    return mend_all(store, act, _read_offering(store, finding, tool_no, versions))


def _fixable(store: Store, tool_no: int, check: str) -> Finding:
    """Return what a check says about a tool today, with its fix."""
    tool: Tool | None = read_tools(store, [tool_no]).get(tool_no)
    if tool is None:
        raise NotFoundError(f"There is no tool {tool_no}.", "Open the list of tools again.")
    found = [finding for finding in make_engine().check_tool(tool).findings if finding.check == check]
    for finding in found:
        if finding.fix is not None:
            return finding
    raise FixRefusedError(
        f"The check {check!r} proposes no fix for the tool {tool.name!r}.",
        found[0].no_fix_reason if found else "",
    )


def _offering(store: Store, tool_no: int) -> Integers:
    versions = versions_offering(store, tool_no)
    if not len(versions):
        raise NotFoundError("No current trajectory offers this tool.", "It may have been fixed already.")
    return versions


def _in_trajectory(finding: Finding, stored: StoredTrajectory, tool_no: int) -> list[Finding]:
    """Return the finding with its edits placed at every listing of the tool in one trajectory."""
    assert finding.fix is not None  # noqa: S101 - chosen for its fix
    edits = tuple(
        msgspec.structs.replace(edit, tool=place)
        for place, number in enumerate(stored.tool_nos)
        if number == tool_no
        for edit in finding.fix.edits
    )
    return [msgspec.structs.replace(finding, fix=Fix(finding.fix.summary, edits))]


def _read_offering(
    store: Store, finding: Finding, tool_no: int, versions: Integers
) -> Iterator[tuple[StoredTrajectory, list[Finding]]]:
    """Yield each trajectory with the finding placed in it, chunk by chunk."""
    for chunk in iter_stored_chunks(store, np.asarray(versions), chunk_rows=CHUNK_ROWS):
        for stored in decode_chunk(chunk):
            yield stored, _in_trajectory(finding, stored, tool_no)
