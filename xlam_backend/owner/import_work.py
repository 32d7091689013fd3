"""Imports as background work of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.flow import FlowReport, ImportOptions, TellProgress, import_and_check
from xlam_backend.importers.uploads import drop_uploads
from xlam_backend.owner.background import start_work
from xlam_backend.store.connection import Store


def start_import(source: str, options: ImportOptions, *, person: Person) -> int:
    """Import a source and check it in the background, then drop uploads; returns the work's number.

    Raises:
        AccessDeniedError: the person may not import.
    """
    require(person, "import")

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

    return start_work(f"Import {options.dataset or source}", work)
