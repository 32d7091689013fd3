"""Exports at once: the rows of a view, a release or preference pairs into a file, with a data card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.exports.data_card import CardFacts, write_card
from xlam_backend.exports.facts import SourceFacts
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.exports.sources import source_of
from xlam_backend.exports.writing import (
    Places,
    Written,
    check_choice,
    drop_drafts,
    ending_of,
    places_of,
    publish,
    write_rows,
)
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store

_REASONS_SHOWN = 3


class ExportReport(msgspec.Struct, frozen=True):
    """What was written: the files, and the counts; `refused` and `left_out` as in `Written`."""

    data_file: str
    card_file: str
    refused_file: str
    trajectory_count: int
    record_count: int
    byte_count: int
    sha256: str
    refused: dict[str, int] = {}
    left_out: dict[str, int] = {}


def export_rows(
    store: Store,
    plan: ExportPlan,
    target: Path,
    *,
    person: Person,
    now: datetime,
    progress: Callable[[int, int | None], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ExportReport:
    """Write the rows of a plan to `target` and its card beside it; the file's ending decides over the plan's.

    Rows of a view stand in the order of import. Every file appears whole or not at all; the same store and
    `now` give the same bytes.

    Raises:
        AccessDeniedError: the person may not export.
        SettingError: the plan cannot be carried out, or not one row can be written.
        StoppedError: `should_stop` said so.
    """
    require(person, "export")
    plan = msgspec.structs.replace(plan, ending=ending_of(target)).check()
    check_choice(plan.form, target, plan.settings)
    source = source_of(store, plan)
    target.parent.mkdir(parents=True, exist_ok=True)
    places = places_of(target)

    def tell(count: int) -> None:
        if progress is not None:
            progress(count, source.total)

    try:
        written = write_rows(
            source.rows(), plan.form, places, settings=plan.settings, tell=tell, should_stop=should_stop
        )
        refuse_nothing_written(written)
        card = card_of(plan, target.name, written, source.facts(), now=now)
        with store.write() as cursor:
            detail = {"format": plan.format_name, "records": written.record_count, "sha256": written.sha256}
            write_audit(cursor, store, person, "export", f"file {target.name}", detail, now=now)
            publish(places, card, has_refused=bool(written.refused))
    finally:
        drop_drafts(places)
    return report_of(places, written)


def export_trajectories(
    store: Store,
    filters: Filters,
    target: Path,
    *,
    form: str,
    person: Person,
    now: datetime,
    progress: Callable[[int, int | None], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ExportReport:
    """Write the current versions that match in a format that needs no more than its name."""
    require(person, "export")
    return export_rows(
        store,
        ExportPlan(form, filters=filters),
        target,
        person=person,
        now=now,
        progress=progress,
        should_stop=should_stop,
    )


def card_of(plan: ExportPlan, name: str, written: Written, source: SourceFacts, *, now: datetime) -> str:
    """Return the card of an export."""
    return write_card(CardFacts(name, now, plan.form, plan.settings, written, source))


def refuse_nothing_written(written: Written) -> None:
    """Refuse to make a file of nothing where there were rows."""
    if written.row_count and not written.record_count:
        most = sorted(written.refused.items(), key=lambda item: -item[1])[:_REASONS_SHOWN]
        why = "; ".join(f"{count:,}: {reason}" for reason, count in most)
        raise SettingError(
            f"The format can hold none of the {written.row_count:,} rows ({why}).", "Choose another format."
        )


def report_of(places: Places, written: Written) -> ExportReport:
    """Return what people and programs are told of an export."""
    return ExportReport(
        data_file=str(places.data),
        card_file=str(places.card),
        refused_file=str(places.refused) if written.refused else "",
        trajectory_count=written.written_count,
        record_count=written.record_count,
        byte_count=written.byte_count,
        sha256=written.sha256,
        refused=written.refused,
        left_out=written.left_out,
    )
