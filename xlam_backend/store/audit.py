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
