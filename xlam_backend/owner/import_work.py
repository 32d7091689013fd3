"""Imports from the page: large ones as runs, small ones as background work of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from xlam_backend.access import require
from xlam_backend.activities.import_run import is_import_worth_a_run
from xlam_backend.domain.person import Person
from xlam_backend.flow import FlowReport, ImportOptions, TellProgress, import_and_check, start_import_run
from xlam_backend.importers.uploads import drop_uploads
from xlam_backend.owner.app import app_store
from xlam_backend.owner.background import start_work
from xlam_backend.store.connection import Store


def start_import(source: str, options: ImportOptions, *, person: Person) -> str:
    """Import a source and check it: a large one in a run, a small one in the app; then drop uploads.

    Returns the run's id, or "".

    Raises:
        AccessDeniedError: the person may not import.
    """
    require(person, "import")
    if is_import_worth_a_run(source):
        return start_import_run(app_store(), source, options, person=person, now=datetime.now(UTC))

    def work(store: Store, tell: TellProgress, should_stop: Callable[[], bool]) -> FlowReport:
        try:
            return import_and_check(
                store,
                source,
                person=person,
                now=datetime.now(UTC),
                options=options,
                progress=tell,
                should_stop=should_stop,
            )
        finally:
            for kept in (Path(source), *options.companions):
                drop_uploads(store.folder, kept)

    start_work(f"Import {options.dataset or source}", work)
    return ""
