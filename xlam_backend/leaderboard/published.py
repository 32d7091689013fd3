"""Published tables of the leaderboard: read in from a file that a person has, removed, put back."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.bfcl.categories import Version
from xlam_backend.domain.person import Person
from xlam_backend.domain.published import PublishedFault, PublishedRow, PublishedTable
from xlam_backend.errors import InputError, SettingError
from xlam_backend.leaderboard.published_csv import PublishedCsv, read_published_csv
from xlam_backend.leaderboard.published_sums import check_sums
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.published import (
    list_published_tables,
    read_published_table,
    write_published,
    write_published_change,
)

LONGEST_SOURCE = 300


class SumFault(msgspec.Struct, frozen=True):
    """A published value that its own parts do not come to."""

    line: int
    model: str
    column: str
    published: float
    computed: float


class ReadIn(msgspec.Struct, frozen=True):
    """What came of reading a table in. `is_known`: these bytes were read in before; they count once."""

    table: PublishedTable
    sum_faults: tuple[SumFault, ...]
    ignored_heads: tuple[str, ...]
    is_known: bool = False


def read_in_published(
    store: Store,
    content: bytes,
    file_name: str,
    *,
    source: str,
    source_date: str = "",
    version: Version | None = None,
    person: Person,
    now: datetime,
) -> ReadIn:
    """Read a published CSV into the store. Its date is told by its name where `source_date` is "".

    Raises:
        SourceUnreadableError: it is no table of the leaderboard.
        InputError: its version, source or date is not known.
        AccessDeniedError: the person may not.
    """
    require(person, "evaluate")
    found = read_published_csv(content, file_name, version=version)
    told = _told_source(source)
    day = _told_date(source_date or found.date, file_name)
    sum_faults = tuple(_sum_faults(found))
    file_hash = hashlib.sha256(content).hexdigest()
    known = _known(store, file_hash, found)
    if known is not None:
        _put_back_if_removed(store, known, person=person, now=now)
        return ReadIn(known, sum_faults, found.ignored_heads, is_known=True)
    table = PublishedTable(
        table_no=0,
        version=found.version,
        part=found.part,
        source=told,
        source_date=day,
        file_name=file_name[:LONGEST_SOURCE],
        file_hash=file_hash,
        row_count=len(found.rows),
        faults=tuple(PublishedFault(fault.line, fault.words) for fault in found.faults),
        person=person.name,
        read_at=now,
    )
    rows = [
        PublishedRow(
            table_no=0,
            line=row.line,
            model=row.model,
            link=row.link,
            organization=row.organization,
            licence=row.licence,
            scores=row.values,
        )
        for row in found.rows
    ]
    with store.write() as cursor:
        number = write_published(cursor, store, table, rows)
        detail = {"source": told, "date": day, "version": found.version, "rows": len(rows), "file": file_hash}
        subject = f"published table {number}"
        write_audit(cursor, store, person, "evaluate", subject, detail, now=now)
    return ReadIn(read_published_table(store, number), sum_faults, found.ignored_heads)


def list_published(store: Store, *, removed: bool = False) -> list[PublishedTable]:
    """Return the published tables on the leaderboard; with `removed`, those taken off it."""
    return list_published_tables(store, removed=removed)


def remove_published(store: Store, table_no: int, *, person: Person, now: datetime) -> PublishedTable:
    """Take a published table off the leaderboard; it can be put back.

    Raises:
        NotFoundError: there is none of this number.
        AccessDeniedError: the person may not.
    """
    return _change(store, table_no, is_removal=True, person=person, now=now)


def put_back_published(store: Store, table_no: int, *, person: Person, now: datetime) -> PublishedTable:
    """Put a removed table back on the leaderboard.

    Raises:
        NotFoundError: there is none of this number.
        AccessDeniedError: the person may not.
    """
    return _change(store, table_no, is_removal=False, person=person, now=now)


def _change(
    store: Store, table_no: int, *, is_removal: bool, person: Person, now: datetime
) -> PublishedTable:
    require(person, "evaluate")
    table = read_published_table(store, table_no)
    with store.write() as cursor:
        change = "removed" if is_removal else "put back"
        write_published_change(
            cursor, store, table_no, "removed" if is_removal else "put back", person=person.name, now=now
        )
        subject = f"published table {table_no}"
        write_audit(cursor, store, person, "evaluate", subject, {"change": change}, now=now)
    return table


def _told_source(source: str) -> str:
    told = " ".join(source.split())
    if not told:
        raise InputError(
            "It is not said who published these numbers.", "Say the source, in words or as an address."
        )
    return told[:LONGEST_SOURCE]


def _told_date(text: str, file_name: str) -> str:
    if not text:
        raise InputError(
            f"The date of {file_name} is not known.", "Say the day of publication, as in 2024-08-29."
        )
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise SettingError(f"{text!r} is no date.", "Write it as in 2024-08-29.") from error


def _known(store: Store, file_hash: str, found: PublishedCsv) -> PublishedTable | None:
    tables = [*list_published_tables(store), *list_published_tables(store, removed=True)]
    return next(
        (table for table in tables if (table.file_hash, table.version) == (file_hash, found.version)), None
    )


def _put_back_if_removed(store: Store, table: PublishedTable, *, person: Person, now: datetime) -> None:
    if any(one.table_no == table.table_no for one in list_published_tables(store, removed=True)):
        put_back_published(store, table.table_no, person=person, now=now)


def _sum_faults(found: PublishedCsv) -> list[SumFault]:
    return [
        SumFault(row.line, row.model, check.column, check.published, check.computed)
        for row in found.rows
        for check in check_sums(found.version, row.values)
        if not check.is_equal
    ]
