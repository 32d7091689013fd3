"""Frozen sets of labelled places, and the rehearsals of prompts on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from xlam_backend.domain.labelled import LabelledPlace, Rehearsal, RehearsedItem
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store, utc_timestamp


class LabelledSet(msgspec.Struct, frozen=True):
    """A frozen set, without its places."""

    set_no: int
    name: str
    judge: str
    content_hash: str
    made_from: str
    person: str
    made_at: datetime
    good_count: int
    bad_count: int


class RehearsalRow(msgspec.Struct, frozen=True):
    """A rehearsal as stored."""

    rehearsal_no: int
    rehearsal: Rehearsal


_ITEMS = msgspec.json.Decoder(tuple[RehearsedItem, ...])
_FIELDS = (
    "run_id",
    "set_no",
    "set_hash",
    "prompt_name",
    "draft_version",
    "current_version",
    "endpoint",
    "model",
    "is_scripted",
)
_SETS = """
SELECT s.set_no, s.name, s.judge, s.content_hash, s.made_from, s.person, s.made_at,
    count_if(NOT i.is_bad), count_if(i.is_bad)
FROM labelled_set AS s JOIN labelled_item AS i ON s.set_no = i.set_no
WHERE $judge = '' OR s.judge = $judge
GROUP BY ALL ORDER BY s.set_no
"""


def read_sets(store: Store, judge: str = "") -> list[LabelledSet]:
    """Return the sets for a judge, or ("") all, the oldest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(_SETS, {"judge": judge}).fetchall()
    return [LabelledSet(*row) for row in rows]


def read_set(store: Store, set_no: int) -> LabelledSet:
    """Return one set, or raise NotFoundError."""
    for found in read_sets(store):
        if found.set_no == set_no:
            return found
    raise NotFoundError(f"There is no labelled set {set_no}.", "The Prompts page lists them.")


def read_places(store: Store, set_no: int) -> list[LabelledPlace]:
    """Return the places of a set, in order."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT version_no, trajectory_no, step, call, pointer, is_bad, origin FROM labelled_item "
            "WHERE set_no = ? ORDER BY place",
            [set_no],
        ).fetchall()
    return [LabelledPlace(*row) for row in rows]


def write_set(
    cursor: Cursor,
    store: Store,
    name: str,
    judge: str,
    places: Sequence[LabelledPlace],
    *,
    content_hash: str,
    made_from: str,
    person: str,
    now: datetime,
) -> int:
    """Keep a set; returns its number."""
    set_no = store.numbers.reserve("labelled_set")
    cursor.execute(
        "INSERT INTO labelled_set VALUES (?, ?, ?, ?, ?, ?, ?)",
        [set_no, name, judge, content_hash, made_from, person, utc_timestamp(now)],
    )
    cursor.executemany(
        "INSERT INTO labelled_item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [[set_no, at, *msgspec.structs.astuple(place)] for at, place in enumerate(places)],
    )
    return set_no


def read_planted(store: Store, checks: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return current versions of records that say what is planted in them: numbers, and which check sees it.

    Records of the demo data without a planted error say "".
    """
    with store.cursor() as cursor:
        return cursor.execute(
            "SELECT t.version_no, t.trajectory_no, coalesce(t.extra::JSON ->> 'planted', '') AS planted "
            "FROM current_trajectory AS t SEMI JOIN ("
            "    SELECT dataset_no FROM trajectory WHERE (extra::JSON ->> 'planted') IS NOT NULL"
            ") AS demo ON t.dataset_no = demo.dataset_no "
            "WHERE planted = '' OR planted IN (SELECT unnest($checks)) ORDER BY t.version_no",
            {"checks": list(checks)},
        ).fetchall()


def read_found_places(
    store: Store, version_nos: Sequence[int], check: str
) -> list[tuple[int, int, int, str]]:
    """Return where a check has findings in these versions: version, step, call, pointer."""
    with store.cursor() as cursor:
        return cursor.execute(
            "SELECT DISTINCT version_no, step, call, pointer FROM current_finding "
            "WHERE check_name = $check AND version_no IN (SELECT unnest($numbers)) ORDER BY ALL",
            {"check": check, "numbers": list(version_nos)},
        ).fetchall()


def write_rehearsal(cursor: Cursor, store: Store, rehearsal: Rehearsal) -> int:
    """Keep a rehearsal; returns its number."""
    number = store.numbers.reserve("rehearsal")
    values = [getattr(rehearsal, name) for name in _FIELDS]
    moment, items = utc_timestamp(rehearsal.rehearsed_at), msgspec.json.encode(rehearsal.items).decode()
    cursor.execute(f"INSERT INTO rehearsal VALUES ({', '.join('?' * 12)})", [number, *values, items, moment])
    return number


def read_rehearsals(store: Store, prompt_name: str) -> list[RehearsalRow]:
    """Return the rehearsals of a prompt, the newest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT rehearsal_no, items, rehearsed_at, {', '.join(_FIELDS)} FROM rehearsal "
            "WHERE prompt_name = ? ORDER BY rehearsal_no DESC",
            [prompt_name],
        ).fetchall()
    return [
        RehearsalRow(
            number,
            Rehearsal(rehearsed_at=moment, items=_ITEMS.decode(items), **dict(zip(_FIELDS, fields))),
        )
        for number, items, moment, *fields in rows
    ]


def read_trajectory_ids(store: Store, version_nos: Sequence[int]) -> dict[int, str]:
    """Return the permalinks of these versions; one whose dataset was removed is left out."""
    with store.cursor() as cursor:
        return dict(
            cursor.execute(
                "SELECT version_no, trajectory_id FROM trajectory "
                "WHERE version_no IN (SELECT unnest($numbers))",
                {"numbers": list(version_nos)},
            ).fetchall()
        )
