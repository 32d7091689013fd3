"""Roles that were given: one row each time, the last row of a person counts."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec

from xlam_backend.domain.person import Role
from xlam_backend.store.connection import Cursor, utc_timestamp

_CURRENT = """
SELECT person, role, given_by, given_at FROM person_role
QUALIFY row_number() OVER (PARTITION BY person ORDER BY role_no DESC) = 1
"""


class GivenRole(msgspec.Struct, frozen=True):
    """The role a person was given last; None takes the person out."""

    person: str
    role: Role | None
    given_by: str
    given_at: datetime


def read_given_roles(cursor: Cursor) -> dict[str, GivenRole]:
    """Return everybody who was ever given a role, by name."""
    rows = cursor.execute(f"{_CURRENT} ORDER BY person").fetchall()
    return {row[0]: GivenRole(row[0], cast("Role", row[1]) if row[1] else None, *row[2:]) for row in rows}


def write_role(
    cursor: Cursor, role_no: int, name: str, role: Role | None, *, given_by: str, now: datetime
) -> None:
    """Add a row that gives a role, or (None) takes the person out."""
    cursor.execute(
        "INSERT INTO person_role VALUES (?, ?, ?, ?, ?)",
        [role_no, name, role or "", given_by, utc_timestamp(now)],
    )


def read_names_at_work(cursor: Cursor) -> list[str]:
    """Return everybody whose name stands in the log or in a verdict, in order."""
    rows = cursor.execute(
        "SELECT person FROM audit UNION SELECT person FROM verdict ORDER BY person"
    ).fetchall()
    return [row[0] for row in rows]
