"""Acts that were done, and taking one back."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.store.connection import Store
from xlam_backend.store.fix_history import Act, read_acts
from xlam_backend.store.fixes import record_undo


def list_acts(store: Store, *, limit: int = 100, offset: int = 0) -> list[Act]:
    """Return the acts, the newest first."""
    return read_acts(store, limit=limit, offset=offset)


def undo(store: Store, act_no: int, *, person: Person, now: datetime) -> int:
    """Make the versions before an act count again; returns the number of the undoing, itself an act.

    Nothing is deleted: the versions the act made stay, and applying the fix again makes a further version.

    Raises:
        NotFoundError: there is no such act.
        FixRefusedError: a later act changed one of its trajectories; that one is to be undone first.
        AccessDeniedError: the person may not fix.
    """
    require(person, "fix")
    return record_undo(store, act_no, person=person, now=now)
