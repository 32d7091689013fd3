"""Writes the trajectories of a view as unified JSON Lines, with a data card beside them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal, cast

import msgspec
import numpy as np

from xlam_backend.access import require
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.explore.data_card import CardFacts, write_card
from xlam_backend.formats import unified_1, unified_2
from xlam_backend.store.audit import write_audit
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_dataset_files, list_datasets
from xlam_backend.store.lineage import SourcePlace, read_set_lineage, read_source_places
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

ExportForm = Literal["unified_1", "unified_2"]
EXPORT_FORMS: dict[ExportForm, Callable[[Trajectory, str], dict[str, Any]]] = {
    "unified_1": unified_1.render,
    "unified_2": unified_2.render,
}
CHUNK_ROWS = 2_000


class ExportReport(msgspec.Struct, frozen=True):
    """What was written: the two files, how many trajectories, bytes and hash of the data file."""

    data_file: str
    card_file: str
    trajectory_count: int
    byte_count: int
    sha256: str


def export_trajectories(
    store: Store,
    filters: Filters,
    target: Path,
    *,
    form: ExportForm,
    person: Person,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ExportReport:
    """Write the current versions that match to `target` (.jsonl or .jsonl.gz) and its card beside it.

    Rows stand in the order of import. A row's id is its source's id, with the dataset in front of it
    unless the view is one dataset. Both files appear whole or not at all; the same store and `now`
    give the same bytes.

    Raises:
        AccessDeniedError: the person may not export.
        StoppedError: `should_stop` said so.
    """
    require(person, "export")
    if not target.name.endswith((".jsonl", ".jsonl.gz")):
        raise SettingError(f"{target.name!r} is no name for an export.", "End it in .jsonl or .jsonl.gz.")
    numbers = find_all_numbers(store, filters)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    try:
        with _opened(unfinished) as lines:
            for done, row in enumerate(_rows(store, numbers, filters.dataset, form), start=1):
                lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                if done % CHUNK_ROWS == 0:
                    _report_progress(done, len(numbers), progress, should_stop)
        report = _report(unfinished, target, len(numbers))
        facts = _card_facts(store, filters, numbers, form=form, now=now, report=report)
        Path(report.card_file).write_text(write_card(facts), encoding="utf-8")
        with store.write() as cursor:
            detail = {"trajectories": report.trajectory_count, "sha256": report.sha256}
            write_audit(cursor, store, person, "export", f"file {target.name}", detail, now=now)
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return report


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if path.name.endswith(".gz.part"):
            # No name and no time in the gzip header: the same rows give the same bytes.
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield file


def _report_progress(
    done: int, total: int, progress: Callable[[int, int], None] | None, should_stop: Callable[[], bool] | None
) -> None:
    if progress is not None:
        progress(done, total)
    if should_stop is not None and should_stop():
        raise StoppedError("The export was stopped; nothing was written.")


def _rows(store: Store, numbers: Integers, dataset: str, form: ExportForm) -> Iterator[dict[str, Any]]:
    render = EXPORT_FORMS[form]
    tools: dict[int, Tool] = {}
    for start in range(0, len(numbers), CHUNK_ROWS):
        wanted = numbers[start : start + CHUNK_ROWS]
        chunk = next(iter_stored_chunks(store, wanted, chunk_rows=CHUNK_ROWS))
        found = {stored.version_no: stored for stored in decode_chunk(chunk, tools)}
        trajectory_nos = np.array([stored.trajectory_no for stored in found.values()], np.int64)
        places = read_source_places(store, trajectory_nos, dataset)
        for number in wanted.tolist():
            stored = found[number]
            yield render(stored.trajectory, _unique_id(stored, places.get(stored.trajectory_no), dataset))


def _unique_id(stored: StoredTrajectory, place: SourcePlace | None, dataset: str) -> str:
    if place is None or not place.source_id:
        return stored.trajectory_id
    return place.source_id if dataset else f"{place.dataset}/{place.source_id}"


def _report(unfinished: Path, target: Path, trajectory_count: int) -> ExportReport:
    with unfinished.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return ExportReport(
        data_file=str(target),
        card_file=str(card_path(target)),
        trajectory_count=trajectory_count,
        byte_count=unfinished.stat().st_size,
        sha256=digest,
    )


def card_path(target: Path) -> Path:
    """Return where the data card of an export stands.

    >>> card_path(Path("all.jsonl.gz")).name
    'all.card.md'
    """
    return target.with_name(target.name.removesuffix(".gz").removesuffix(".jsonl") + ".card.md")


def _card_facts(
    store: Store,
    filters: Filters,
    numbers: Integers,
    *,
    form: ExportForm,
    now: datetime,
    report: ExportReport,
) -> CardFacts:
    lineage = read_set_lineage(store, numbers)
    datasets = [dataset for dataset in list_datasets(store) if dataset.name in lineage.datasets]
    return CardFacts(
        data_file=Path(report.data_file).name,
        sha256=report.sha256,
        byte_count=report.byte_count,
        written_at=now,
        form=form,
        trajectory_count=report.trajectory_count,
        filters=filters,
        lineage=lineage,
        datasets=tuple(datasets),
        files={dataset.name: tuple(list_dataset_files(store, dataset.dataset_no)) for dataset in datasets},
    )
