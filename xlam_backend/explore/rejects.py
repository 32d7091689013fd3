"""What was read and gave no trajectory: counted by reason, shown page by page, taken along as files."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.csv_cell import csv_cell
from xlam_backend.domain.person import Person
from xlam_backend.explore.paging import possible_page
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.rejects import RejectGroup as RejectGroup
from xlam_backend.store.rejects import RejectRow as RejectRow
from xlam_backend.store.rejects import count_rejects as count_rejects
from xlam_backend.store.rejects import iter_rejects, read_rejects

PAGE_SIZE = 30

RejectForm = Literal["lines", "jsonl", "csv"]


class RejectPage(msgspec.Struct, frozen=True):
    """One page of rejects."""

    rows: tuple[RejectRow, ...]
    page: int
    page_size: int


def find_rejects(
    store: Store, dataset: str = "", *, reason: str = "", page: int = 1, page_size: int = PAGE_SIZE
) -> RejectPage:
    """Return one page (from 1) of the rejects of a dataset ("" = all) with one kind of reason ("" = all)."""
    page = possible_page(page)
    first = (page - 1) * page_size
    rows = read_rejects(store, dataset=dataset, reason=reason, first=first, count=page_size)
    return RejectPage(tuple(rows), page, page_size)


def render_rejects(
    store: Store, form: RejectForm, *, person: Person, now: datetime, dataset: str = "", reason: str = ""
) -> bytes:
    """Return all rejects of a view as one file.

    lines   the bytes as they were read, one record per line, to be corrected and imported again
    jsonl   one object per reject with its place, its reason and its bytes (base64 where they are no UTF-8)
    csv     places and reasons

    Raises:
        AccessDeniedError: the person may not export.
    """
    require(person, "export")
    with store.write() as cursor:
        detail = {"form": form, "dataset": dataset, "reason": reason}
        write_audit(cursor, store, person, "export", "rejects", detail, now=now)
    renderers: dict[RejectForm, Callable[[Iterable[RejectRow]], bytes]] = {
        "lines": _render_lines,
        "jsonl": _render_jsonl,
        "csv": _render_csv,
    }
    return renderers[form](iter_rejects(store, dataset=dataset, reason=reason))


def _render_lines(rows: Iterable[RejectRow]) -> bytes:
    return b"".join(row.raw.rstrip(b"\r\n") + b"\n" for row in rows)


def _render_jsonl(rows: Iterable[RejectRow]) -> bytes:
    return b"".join(msgspec.json.encode(_as_object(row)) + b"\n" for row in rows)


def _as_object(row: RejectRow) -> dict[str, str | int]:
    place: dict[str, str | int] = {
        "dataset": row.dataset,
        "file": row.file,
        "line": row.line,
        "key": row.record_key,
        "part": row.part,
        "reason": row.reason,
    }
    try:
        return {**place, "raw": row.raw.decode()}
    except UnicodeDecodeError:
        return {**place, "raw_base64": base64.b64encode(row.raw).decode()}


def _render_csv(rows: Iterable[RejectRow]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("dataset", "file", "line", "key", "part", "reason", "bytes"))
    for row in rows:
        writer.writerow(
            (
                *(csv_cell(part) for part in row[:2]),
                row.line,
                *(csv_cell(part) for part in row[3:6]),
                row.byte_count,
            )
        )
    return text.getvalue().encode()
