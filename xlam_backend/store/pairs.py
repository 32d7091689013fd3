"""Chosen/rejected pairs: written with the candidates they come from, read one by one and in pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import pyarrow as pa

from xlam_backend.domain.call_alignment import are_equal_calls
from xlam_backend.domain.pair import Pair, PairOrigin, PairSide
from xlam_backend.domain.review import PairReason
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.columns import json_column, text_column
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_COLUMNS = (
    "pair_no, version_no, trajectory_no, step, candidate_no, origin, chosen, rejected, reason, is_equal, "
    "margin, made_at"
)
_SHOWN_QUERY_CHARACTERS = 300


class PairFilters(msgspec.Struct, frozen=True):
    """Which pairs are wanted; "" leaves it open."""

    run_id: str = ""
    model: str = ""
    reason: PairReason = ""
    origin: PairOrigin | Literal[""] = ""


class PairRow(msgspec.Struct, frozen=True):
    """A pair with where it comes from: the trajectory, the run, and the model that gave the rejected side."""

    pair: Pair
    trajectory_id: str
    query: str
    run_id: str
    model: str
    is_scripted: bool
    classified_because: str
    score: float | None
    own_score: float | None


class PairPage(msgspec.Struct, frozen=True):
    """Some pairs in order, and how many there are in all."""

    rows: tuple[PairRow, ...]
    total: int


def write_pairs(cursor: Cursor, store: Store, pairs: Sequence[Pair]) -> int:
    """Add pairs, numbered anew in their order; returns the first number.

    Half surrogate pairs and the like must have been taken out of the texts before.
    """
    first_no = store.numbers.reserve("pair", len(pairs))
    table = pa.table(
        {
            "pair_no": pa.array(range(first_no, first_no + len(pairs)), pa.int64()),
            "version_no": pa.array([pair.version_no for pair in pairs], pa.int64()),
            "trajectory_no": pa.array([pair.trajectory_no for pair in pairs], pa.int64()),
            "step": pa.array([pair.step for pair in pairs], pa.int32()),
            "candidate_no": pa.array([pair.candidate_no for pair in pairs], pa.int64()),
            "origin": text_column([pair.origin for pair in pairs]),
            "chosen": json_column([pair.chosen for pair in pairs]),
            "rejected": json_column([pair.rejected for pair in pairs]),
            "reason": text_column([pair.reason for pair in pairs]),
            "is_equal": pa.array([pair.is_equal for pair in pairs], pa.bool_()),
            "margin": pa.array([pair.margin for pair in pairs], pa.float64()),
            "made_at": pa.array([utc_timestamp(pair.made_at) for pair in pairs], pa.timestamp("us")),
        }
    )
    insert_rows(cursor, f"INSERT INTO pair ({_COLUMNS}) SELECT {_COLUMNS} FROM added", table)
    return first_no


def without_known(cursor: Cursor, pairs: Iterable[Pair]) -> list[Pair]:
    """Leave out what is a pair already: the same step of the same version with equal rejected calls."""
    offered = list(pairs)
    known: dict[tuple[int, int], list[PairSide]] = {}
    rows = cursor.execute(
        "SELECT version_no, step, rejected FROM pair WHERE version_no IN (SELECT unnest($1::BIGINT[]))",
        [sorted({pair.version_no for pair in offered})],
    ).fetchall()
    for version_no, step, rejected in rows:
        known.setdefault((version_no, step), []).append(_side(rejected))
    new = []
    for pair in offered:
        sides = known.setdefault((pair.version_no, pair.step), [])
        if not any(are_equal_calls(side.tool_calls, pair.rejected.tool_calls) for side in sides):
            sides.append(pair.rejected)
            new.append(pair)
    return new


def read_pair(store: Store, pair_no: int) -> Pair:
    """Return one pair, or raise NotFoundError."""
    return read_pairs(store, [pair_no])[0]


def read_pairs(store: Store, pair_nos: Sequence[int]) -> list[Pair]:
    """Return these pairs in the order asked for; NotFoundError when one is missing."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM pair WHERE pair_no IN (SELECT unnest($1::BIGINT[]))", [list(pair_nos)]
        ).fetchall()
    found = {row[0]: _pair(row) for row in rows}
    try:
        return [found[number] for number in pair_nos]
    except KeyError as error:
        raise NotFoundError(
            f"No pair has the number {error}.", "Look for it on the page Preference pairs."
        ) from error


def find_pairs(store: Store, filters: PairFilters, *, first: int = 0, count: int = 50) -> PairPage:
    """Return pairs that count today, the newest first."""
    condition, values = _condition(filters)
    with store.cursor() as cursor:
        joined = f"FROM current_pair AS p LEFT JOIN candidate AS c USING (candidate_no) WHERE {condition}"
        total = cursor.execute(f"SELECT count(*) {joined}", values).fetchall()[0][0]
        # Numbers first: the wide texts are read for one page only.
        numbers = cursor.execute(
            f"SELECT p.pair_no {joined} ORDER BY p.pair_no DESC LIMIT $count OFFSET $first",
            {**values, "count": count, "first": first},
        ).fetchall()
        return PairPage(tuple(_read_rows(cursor, [number for (number,) in numbers])), total)


def read_pair_row(store: Store, pair_no: int) -> PairRow:
    """Return one pair with where it comes from, or raise NotFoundError."""
    rows = read_pair_rows(store, [pair_no])
    if not rows:
        raise NotFoundError(f"No pair has the number {pair_no}.", "Look for it on the page Preference pairs.")
    return rows[0]


def read_pair_rows(store: Store, pair_nos: Sequence[int]) -> list[PairRow]:
    """Return these pairs with where they come from, in the order asked for, without those there are not."""
    with store.cursor() as cursor:
        return _read_rows(cursor, pair_nos)


def count_reasons(store: Store, filters: PairFilters) -> dict[tuple[str, PairReason], int]:
    """Return how many pairs there are for each model and reason."""
    condition, values = _condition(filters)
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT coalesce(c.model, ''), p.reason, count(*) FROM current_pair AS p "
            f"LEFT JOIN candidate AS c USING (candidate_no) WHERE {condition} GROUP BY ALL ORDER BY ALL",
            values,
        ).fetchall()
    return {(model, reason): count for model, reason, count in rows}


def _condition(filters: PairFilters) -> tuple[str, dict[str, Any]]:
    columns = {"run_id": "c.run_id", "model": "c.model", "reason": "p.reason", "origin": "p.origin"}
    wanted = {name: getattr(filters, name) for name in columns if getattr(filters, name)}
    parts = ["NOT p.is_equal", *(f"{columns[name]} = ${name}" for name in wanted)]
    return " AND ".join(parts), wanted


def _read_rows(cursor: Cursor, numbers: Sequence[int]) -> list[PairRow]:
    prefixed = ", ".join(f"p.{name}" for name in _COLUMNS.split(", "))
    rows = cursor.execute(
        f"SELECT {prefixed}, t.trajectory_id, left(t.query, {_SHOWN_QUERY_CHARACTERS}), "
        "coalesce(c.run_id, ''), coalesce(c.model, ''), coalesce(c.is_scripted, false), "
        "coalesce(c.classified_because, ''), c.score, c.own_score "
        "FROM pair AS p JOIN trajectory AS t ON t.version_no = p.version_no "
        "LEFT JOIN candidate AS c ON c.candidate_no = p.candidate_no "
        "WHERE p.pair_no IN (SELECT unnest($1::BIGINT[]))",
        [list(numbers)],
    ).fetchall()
    found = {row[0]: PairRow(_pair(row[:12]), *row[12:]) for row in rows}
    return [found[number] for number in numbers if number in found]


def _pair(row: Sequence[Any]) -> Pair:
    fields = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Pair(**{**fields, "chosen": _side(fields["chosen"]), "rejected": _side(fields["rejected"])})


def _side(text: str) -> PairSide:
    return msgspec.json.decode(text, type=PairSide)
