"""A whole family of findings: the same check, tool, argument and kind of repair, mended in one act."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
import numpy as np

from xlam_backend.access import require
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError
from xlam_backend.processes import without_cycle_collection
from xlam_backend.repair.many_fixes import CHUNK_ROWS, BulkAct, FamilyProgress, FamilyReport, mend_all
from xlam_backend.repair.mending import make_engine
from xlam_backend.repair.one_fix import FixPreview, preview_on
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.family_findings import count_family_findings, family_findings, family_versions
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks, read_trajectories


class FamilyPreview(msgspec.Struct, frozen=True):
    """How large a family is, and what its fix would do to a few of its trajectories."""

    family: str
    trajectory_count: int
    finding_count: int
    samples: tuple[FixPreview, ...]


def preview_family(store: Store, family: str, *, sample: int = 5, seed: int = 0) -> FamilyPreview:
    """Return how large a family is, and what its fix would do to `sample` trajectories drawn by `seed`.

    Raises:
        NotFoundError: no current finding belongs to this family.
    """
    versions = _find_versions(store, family)
    drawn = random.Random(seed).sample(versions.tolist(), min(sample, len(versions)))  # noqa: S311
    engine = make_engine()
    samples = [
        preview_on(
            engine,
            stored,
            family_findings(store, family, first_version=number, last_version=number)[number],
            family_count=len(versions),
        )
        for number, stored in zip(drawn, read_trajectories(store, drawn), strict=True)
    ]
    return FamilyPreview(family, len(versions), count_family_findings(store, family), tuple(samples))


def apply_family(
    store: Store,
    family: str,
    *,
    person: Person,
    now: datetime,
    progress: Callable[[FamilyProgress], None] | None = None,
) -> FamilyReport:
    """Mend every trajectory of a family in one act; those whose fix would bring an error are left out.

    All findings of the family in one trajectory are mended together.

    Raises:
        NotFoundError: no current finding belongs to this family.
        FixRefusedError: one of the trajectories was changed while this ran; nothing was applied.
        AccessDeniedError: the person may not fix.
    """
    require(person, "fix")
    versions = _find_versions(store, family)
    act = BulkAct(family, person, now, len(versions), progress)
    return mend_all(store, act, _read_family(store, family, versions))


def _find_versions(store: Store, family: str) -> Integers:
    versions = family_versions(store, family) if family else np.array([], np.int64)
    if not len(versions):
        raise NotFoundError("No current finding belongs to this family.", "It may have been fixed already.")
    return versions


def _read_family(
    store: Store, family: str, versions: Integers
) -> Iterator[tuple[StoredTrajectory, list[Finding]]]:
    """Yield each trajectory of a family with its findings, chunk by chunk."""
    for chunk in iter_stored_chunks(store, versions, chunk_rows=CHUNK_ROWS):
        with without_cycle_collection():
            stored = decode_chunk(chunk)
        numbers = [each.version_no for each in stored]
        findings = family_findings(store, family, first_version=min(numbers), last_version=max(numbers))
        for each in stored:
            yield each, [found.finding for found in findings.get(each.version_no, [])]
