"""Checking as background work of the app: what an import that was stopped has left unchecked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from xlam_backend.access import require
from xlam_backend.checks.run import CheckReport
from xlam_backend.domain.person import Person
from xlam_backend.flow import TellProgress, check_all
from xlam_backend.owner.background import start_work
from xlam_backend.store.connection import Store


def start_check(*, person: Person) -> int:
    """Check everything that is not checked yet, in the background; returns the work's number.

    Raises:
        AccessDeniedError: the person may not have it checked.
    """
    require(person, "check")

    def work(store: Store, tell: TellProgress, should_stop: Callable[[], bool]) -> CheckReport:
        now = datetime.now(UTC)
        return check_all(store, person=person, now=now, progress=tell, should_stop=should_stop)

    return start_work("Check what is not checked yet", work)
