"""Takes verdicts, pairs and the log out as JSON Lines, Parquet or CSV, batch by batch."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from xlam_backend.access import require
from xlam_backend.domain.csv_cell import csv_cell
from xlam_backend.domain.person import Action, Person
from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.review_tables import COLUMNS as COLUMNS
from xlam_backend.store.review_tables import JSON_COLUMNS, open_review_table
from xlam_backend.store.review_tables import ReviewColumn as ReviewColumn
from xlam_backend.store.review_tables import ReviewTable as ReviewTable
from xlam_backend.store.review_tables import count_review_rows as count_review_rows

ReviewForm = Literal["jsonl", "parquet", "csv"]
REVIEW_TABLES: tuple[ReviewTable, ...] = get_args(ReviewTable)
REVIEW_FORMS: tuple[ReviewForm, ...] = get_args(ReviewForm)
# Who may take a table out: the log is for those who manage people.
NEEDED_ACTION: dict[ReviewTable, Action] = {
    "verdicts": "export",
    "pairs": "export",
    "audit": "manage people",
}

_Write = Callable[[pa.RecordBatch], None]


class ReviewExport(msgspec.Struct, frozen=True):
    """A file that was written: what is in it, how large it is, and its hash."""

    table: ReviewTable
    file: str
    row_count: int
    byte_count: int
    sha256: str


def export_review(
    store: Store,
    table: ReviewTable,
    target: Path,
    *,
    person: Person,
    now: datetime,
    queue_no: int = 0,
    progress: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ReviewExport:
    """Write a table to `target`, whose ending says the form; it appears whole or not at all.

    Verdicts are the log as it was written, changed and withdrawn rows too (`counts` says which count).
    Memory stays flat however many rows there are; `progress` is told how many are written.

    Raises:
        AccessDeniedError: the person may not take this out.
        SettingError: the ending is none of .jsonl, .parquet, .csv.
        StoppedError: `should_stop` said so; nothing was written.
    """
    require(person, NEEDED_ACTION[table])
    opened = _OPENED[form_of(target)]
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    row_count = 0
    try:
        with (
            open_review_table(store, table, queue_no=queue_no) as rows,
            opened(unfinished, rows.schema) as write,
        ):
            for batch in rows:
                write(batch)
                row_count += batch.num_rows
                _report(row_count, progress, should_stop)
        report = _describe(table, unfinished, target, row_count)
        with store.write() as cursor:
            detail = {"rows": row_count, "queue_no": queue_no, "sha256": report.sha256}
            write_audit(cursor, store, person, "export", f"{table} as {target.name}", detail, now=now)
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return report


def form_of(target: Path) -> ReviewForm:
    """Return the form that a file's ending asks for.

    >>> form_of(Path("verdicts.parquet"))
    'parquet'
    """
    for form in REVIEW_FORMS:
        if target.name.endswith(f".{form}"):
            return form
    raise SettingError(f"{target.name!r} is no name for an export.", "End it in .jsonl, .parquet or .csv.")


@contextmanager
def _open_jsonl(path: Path, schema: pa.Schema) -> Iterator[_Write]:
    times = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    with path.open("wb") as file:

        def write(batch: pa.RecordBatch) -> None:
            for row in batch.to_pylist():
                file.write(msgspec.json.encode(_json_row(row, times)) + b"\n")

        yield write


def _json_row(row: dict[str, Any], times: list[str]) -> dict[str, Any]:
    """Return a row with its JSON columns as values and its times as UTC."""
    for name in JSON_COLUMNS & row.keys():
        row[name] = msgspec.json.decode(row[name]) if row[name] else None
    for name in times:
        row[name] = row[name].isoformat() + "Z"
    return row


@contextmanager
def _open_csv(path: Path, schema: pa.Schema) -> Iterator[_Write]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(schema.names)

        def write(batch: pa.RecordBatch) -> None:
            writer.writerows([_cell(value) for value in row.values()] for row in batch.to_pylist())

        yield write


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return csv_cell(value) if isinstance(value, str) else value


@contextmanager
def _open_parquet(path: Path, schema: pa.Schema) -> Iterator[_Write]:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield writer.write_batch


_OPENED: dict[ReviewForm, Callable[[Path, pa.Schema], AbstractContextManager[_Write]]] = {
    "jsonl": _open_jsonl,
    "csv": _open_csv,
    "parquet": _open_parquet,
}


def _report(
    row_count: int, progress: Callable[[int], None] | None, should_stop: Callable[[], bool] | None
) -> None:
    if progress is not None:
        progress(row_count)
    if should_stop is not None and should_stop():
        raise StoppedError("The export was stopped; nothing was written.")


def _describe(table: ReviewTable, unfinished: Path, target: Path, row_count: int) -> ReviewExport:
    with unfinished.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return ReviewExport(table, str(target), row_count, unfinished.stat().st_size, digest)
