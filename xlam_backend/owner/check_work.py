"""Checking what is left unchecked, from a page: much in a run, little as background work of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from xlam_backend.access import require
from xlam_backend.activities.check_run import TITLE, is_worth_a_run, start_check_run
from xlam_backend.checks.run import CheckReport
from xlam_backend.domain.person import Person
from xlam_backend.flow import TellProgress, check_all
from xlam_backend.owner.app import app_store
from xlam_backend.owner.background import start_work
from xlam_backend.store.connection import Store


def start_check(*, person: Person) -> str:
    """Check everything that is not checked yet: much of it in a run, little in the app.

    Returns the run's id, or "".

    Raises:
        AccessDeniedError: the person may not have it checked.
    """
    require(person, "check")
    if is_worth_a_run(app_store()):
        return start_check_run(app_store(), person=person, now=datetime.now(UTC))

    def work(store: Store, tell: TellProgress, should_stop: Callable[[], bool]) -> CheckReport:
        now = datetime.now(UTC)
        return check_all(store, person=person, now=now, progress=tell, should_stop=should_stop)

    start_work(TITLE, work)
    return ""
