"""Takes planted errors back: the pairs of one run go, and with them their places in review queues."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.store.connection import Store
from xlam_backend.store.preference import CorruptionRun as CorruptionRun
from xlam_backend.store.preference import list_corruption_runs as list_corruption_runs
from xlam_backend.store.preference import remove_corruptions


def take_back(store: Store, run_id: str, *, person: Person, now: datetime) -> int:
    """Remove all pairs that one run has planted errors for; returns how many.

    Raises:
        AccessDeniedError: the person may not start runs.
        NotFoundError: the store holds no pair of this run.
    """
    require(person, "run")
    return remove_corruptions(store, run_id, person=person, now=now)
