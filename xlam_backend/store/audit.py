"""The log of what was done: rows are added in the transaction of the act itself, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec

from xlam_backend.domain.person import Action, Person
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

# Plain values only: words, numbers, yes and no.
AuditDetail: TypeAlias = Mapping[str, object]

MOST_DETAIL_TEXT = 300  # a detail says what was done, it never carries the data it was done to


class AuditFilters(msgspec.Struct, frozen=True):
    """Which entries are wanted; "" leaves it open. `text` is looked for in subject and detail."""

    person: str = ""
    action: str = ""
    text: str = ""


class AuditRow(msgspec.Struct, frozen=True):
    """One entry: who did what to what, when, in which role; `detail` is a JSON object."""

    audit_no: int
    at_time: datetime
    person: str
    role: str
    action: str
    subject: str
    detail: str


class AuditPage(msgspec.Struct, frozen=True):
    """Some entries, the newest first, and how many there are in all."""

    rows: tuple[AuditRow, ...]
    total: int


_WANTED = """
FROM audit WHERE ($person = '' OR person = $person) AND ($action = '' OR action = $action)
    AND ($text = '' OR contains(lower(subject || ' ' || detail), lower($text)))
"""


def read_audit(store: Store, filters: AuditFilters, *, first: int, count: int) -> AuditPage:
    """Return entries in order, the newest first."""
    asked = msgspec.to_builtins(filters)
    with store.cursor() as cursor:
        total = cursor.execute(f"SELECT count(*) {_WANTED}", asked).fetchall()[0][0]
        rows = cursor.execute(
            "SELECT audit_no, at_time, person, role, action, subject, detail "
            f"{_WANTED} ORDER BY audit_no DESC LIMIT {int(count)} OFFSET {int(first)}",
            asked,
        ).fetchall()
    return AuditPage(tuple(AuditRow(*row) for row in rows), total)


def read_audit_people(store: Store) -> list[str]:
    """Return everybody whose name stands in the log, in order."""
    with store.cursor() as cursor:
        return [row[0] for row in cursor.execute("SELECT DISTINCT person FROM audit ORDER BY 1").fetchall()]


def write_audit(
    cursor: Cursor,
    store: Store,
    person: Person,
    action: Action,
    subject: str,
    detail: AuditDetail,
    *,
    now: datetime,
) -> int:
    """Note that a person did something, inside the transaction that does it; returns the row's number.

    `subject` names what it was done to ("dataset demo", "queue 3"); `detail` holds few plain values
    (counts, settings, names), long texts are cut.
    """
    audit_no = store.numbers.reserve("audit")
    cursor.execute(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            audit_no,
            utc_timestamp(now),
            person.name,
            person.role,
            action,
            subject[:MOST_DETAIL_TEXT],
            msgspec.json.encode({key: _short(value) for key, value in detail.items()}).decode(),
        ],
    )
    return audit_no


def _short(value: object) -> object:
    return value if value is None or isinstance(value, int | float) else str(value)[:MOST_DETAIL_TEXT]
