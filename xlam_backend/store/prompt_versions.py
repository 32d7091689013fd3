"""Versions people made of prompts, and which one counts; both only ever grow."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.store.connection import Cursor, Store, utc_timestamp


class PromptRow(msgspec.Struct, frozen=True):
    """A version a person made: 2, 3, ...; the file of the project is version 1."""

    name: str
    version: int
    hash: str
    text: str
    note: str
    person: str
    made_at: datetime


class PromotionRow(msgspec.Struct, frozen=True):
    """A version that was made to count, by whom and why."""

    name: str
    version: int
    person: str
    because: str
    promoted_at: datetime


def read_prompt_rows(cursor: Cursor, name: str = "") -> list[PromptRow]:
    """Return the versions people made of a prompt, or ("") of all, the oldest first."""
    rows = cursor.execute(
        "SELECT prompt_name, prompt_version, prompt_hash, body, note, person, made_at FROM prompt_version "
        "WHERE $name = '' OR prompt_name = $name ORDER BY prompt_name, prompt_version",
        {"name": name},
    ).fetchall()
    return [PromptRow(*row) for row in rows]


def write_prompt_row(
    cursor: Cursor,
    name: str,
    text: str,
    *,
    version: int,
    prompt_hash: str,
    note: str,
    person: str,
    now: datetime,
) -> None:
    """Add a version."""
    cursor.execute(
        "INSERT INTO prompt_version VALUES (?, ?, ?, ?, ?, ?, ?)",
        [name, version, prompt_hash, text, note, person, utc_timestamp(now)],
    )


def read_promotions(cursor: Cursor, name: str = "") -> list[PromotionRow]:
    """Return what was made to count, in order, for a prompt or ("") for all."""
    rows = cursor.execute(
        "SELECT prompt_name, prompt_version, person, because, promoted_at FROM prompt_promotion "
        "WHERE $name = '' OR prompt_name = $name ORDER BY promotion_no",
        {"name": name},
    ).fetchall()
    return [PromotionRow(*row) for row in rows]


def write_promotion(
    cursor: Cursor, store: Store, name: str, version: int, *, person: str, because: str, now: datetime
) -> None:
    """Make a version count."""
    cursor.execute(
        "INSERT INTO prompt_promotion VALUES (?, ?, ?, ?, ?, ?)",
        [store.numbers.reserve("promotion"), name, version, person, because, utc_timestamp(now)],
    )
