"""Exports as background work of the app, into the data folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from xlam_backend.access import require
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.explore.export import ExportForm, ExportReport, export_trajectories
from xlam_backend.explore.exports import exports_folder, new_target
from xlam_backend.flow import FlowProgress, TellProgress
from xlam_backend.owner.background import start_work
from xlam_backend.store.connection import Store


def start_export(filters: Filters, *, form: ExportForm, packed: bool, person: Person) -> int:
    """Write the trajectories that match into the data folder, in the background. Returns the number.

    Raises:
        AccessDeniedError: the person may not export.
    """
    require(person, "export")

    def work(store: Store, tell: TellProgress, should_stop: Callable[[], bool]) -> ExportReport:
        def progress(done: int, total: int) -> None:
            words = f"{done:,} of {total:,} trajectories"
            tell(FlowProgress("export", done / total if total else 1.0, words))

        now = datetime.now(UTC)
        target = new_target(exports_folder(store.folder), filters, form=form, packed=packed, now=now)
        return export_trajectories(
            store,
            filters,
            target,
            form=form,
            person=person,
            now=now,
            progress=progress,
            should_stop=should_stop,
        )

    return start_work(f"Export {filters.dataset or 'of a view'}", work, kind="export")
