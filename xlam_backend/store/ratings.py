"""Writes what judges said, and reads it back: by trajectory, by number, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.rating import Rating
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import insert_rows, query_rows
from xlam_backend.store.columns import Integers, json_column
from xlam_backend.store.connection import Cursor, Store, utc_timestamp
from xlam_backend.store.search import match_condition

_JSON = frozenset({"details", "settings"})
_TYPES: dict[str, pa.DataType] = {
    "version_no": pa.int64(),
    "trajectory_no": pa.int64(),
    "step": pa.int32(),
    "call": pa.int32(),
    "candidate_no": pa.int64(),
    "score": pa.float64(),
    "scale_low": pa.float64(),
    "scale_high": pa.float64(),
    "is_flagged": pa.bool_(),
    "is_scripted": pa.bool_(),
    "prompt_version": pa.int32(),
    "input_tokens": pa.int64(),
    "output_tokens": pa.int64(),
    "cost": pa.float64(),
    "rated_at": pa.timestamp("us"),
}
_FIELDS: tuple[str, ...] = Rating.__struct_fields__
_COLUMNS = ", ".join(f'"{name}"' for name in _FIELDS)

# A committee's members are shown beside its verdict, and counted nowhere.
COUNTED = "member <> 'member' AND candidate_no = 0"

# Scores on different scales are never averaged together.
_SOURCE = (
    "judge, model, endpoint, prompt_name, prompt_version, prompt_hash, is_scripted, member, "
    "scale_low, scale_high"
)
# What counts is found once, and grouped in four ways: by who said it, and by each word, score and reason.
_COUNTS = f"""
SELECT {_SOURCE}, score, verdict, not_judged_reason, grouping(score, verdict, not_judged_reason) AS kind,
    count(*), count(*) FILTER (state = 'judged'), count(*) FILTER (is_flagged), avg(score),
    max(rated_at),
    coalesce(sum(input_tokens + output_tokens), 0), sum(cost)
FROM current_rating WHERE {COUNTED}
GROUP BY GROUPING SETS (
    ({_SOURCE}), ({_SOURCE}, score), ({_SOURCE}, verdict), ({_SOURCE}, not_judged_reason)
)
ORDER BY ALL
"""
# What `kind` says, bit by bit: which of score, verdict and reason a row is not grouped by.
_BY_SOURCE, _BY_SCORE, _BY_VERDICT, _BY_REASON = 0b111, 0b011, 0b101, 0b110
_SOURCE_COLUMNS = _SOURCE.count(",") + 1


class StoredRating(msgspec.Struct, frozen=True):
    """A rating with its number."""

    rating_no: int
    rating: Rating


class RatingCount(msgspec.Struct, frozen=True):
    """What one judge has said through one model, prompt text and scale, about current versions.

    `scores` and `verdicts` are (score or word, count); `reasons` are (why not judged, count).
    """

    judge: str
    model: str
    endpoint: str
    prompt_name: str
    prompt_version: int
    prompt_hash: str
    is_scripted: bool
    member: str
    scale_low: float
    scale_high: float
    rating_count: int
    judged_count: int
    flagged_count: int
    mean_score: float | None
    last_rated_at: datetime
    tokens: int
    cost: float | None
    scores: tuple[tuple[float, int], ...] = ()
    verdicts: tuple[tuple[str, int], ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def not_judged_count(self) -> int:
        """How many places were asked about and not judged."""
        return self.rating_count - self.judged_count


class JudgedBefore(NamedTuple):
    """Who has judged before: by judge, model, endpoint, prompt text and settings."""

    judge: str
    model: str
    endpoint: str
    prompt_hash: str
    settings: str


class PlaceColumns(msgspec.Struct, frozen=True):
    """Places of versions, as columns."""

    version_no: Integers
    step: Integers
    call: Integers
    pointer: Integers


def write_ratings(cursor: Cursor, store: Store, ratings: Sequence[Rating]) -> int:
    """Write ratings inside a transaction that is open already; returns how many."""
    if not ratings:
        return 0
    first_no = store.numbers.reserve("rating", len(ratings))
    columns: dict[str, Any] = {"rating_no": pa.array(np.arange(first_no, first_no + len(ratings)))}
    for name in _FIELDS:
        columns[name] = _column(name, [getattr(rating, name) for rating in ratings])
    insert_rows(
        cursor,
        f"INSERT INTO rating (rating_no, {_COLUMNS}) SELECT rating_no, {_COLUMNS} FROM added",
        pa.table(columns),
    )
    return len(ratings)


def settings_text(settings: dict[str, Any]) -> str:
    """Return the settings of a rating as they stand in the store."""
    return msgspec.json.encode(settings).decode()


def _column(name: str, values: list[Any]) -> pa.Array:
    if name in _JSON:
        return json_column(values)
    if name == "rated_at":
        values = [utc_timestamp(value) for value in values]
    return pa.array(values, _TYPES.get(name, pa.string()))


def read_version_ratings(store: Store, version_no: int) -> tuple[StoredRating, ...]:
    """Return what counts of what judges said about one version, in the order of the record."""
    query = f"""
        SELECT rating_no, {_COLUMNS} FROM rating WHERE version_no = ? AND candidate_no = 0
        QUALIFY row_number() OVER (
            PARTITION BY judge, model, member, prompt_hash, step, call, pointer ORDER BY state, rating_no DESC
        ) = 1
        ORDER BY step, call, pointer, judge, member, model, rating_no
    """
    with store.cursor() as cursor:
        rows = cursor.execute(query, [version_no]).fetchall()
    return tuple(map(_stored, rows))


def read_rating(store: Store, rating_no: int) -> StoredRating:
    """Return one rating by its number.

    Raises:
        NotFoundError: there is none.
    """
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT rating_no, {_COLUMNS} FROM rating WHERE rating_no = ?", [rating_no]
        ).fetchall()
    if not rows:
        raise NotFoundError(
            f"No rating has the number {rating_no}.", "See the Judges page for what there is."
        )
    return _stored(rows[0])


def find_ratings(
    store: Store, filters: Filters, *, judge: str = "", is_flagged: bool | None = None, most: int = 50
) -> tuple[tuple[str, StoredRating], ...]:
    """Return the latest ratings of matching trajectories, each with the id of its trajectory."""
    condition, values = match_condition(filters)
    parts = [COUNTED, f"r.version_no IN (SELECT t.version_no FROM current_trajectory AS t WHERE {condition})"]
    if judge:
        parts.append("r.judge = $of_judge")
        values["of_judge"] = judge
    if is_flagged is not None:
        parts.append("r.is_flagged = $flagged")
        values["flagged"] = is_flagged
    columns = ", ".join(f'found."{name}"' for name in ("rating_no", *_FIELDS))
    query = f"""
        WITH found AS (
            SELECT rating_no, {_COLUMNS} FROM current_rating AS r WHERE {" AND ".join(parts)}
            ORDER BY rating_no DESC LIMIT $most
        )
        SELECT t.trajectory_id, {columns} FROM found JOIN trajectory AS t USING (version_no)
        ORDER BY rating_no DESC
    """
    with store.cursor() as cursor:
        rows = cursor.execute(query, {**values, "most": most}).fetchall()
    return tuple((row[0], _stored(row[1:])) for row in rows)


def count_ratings(store: Store) -> tuple[RatingCount, ...]:
    """Count what judges have said about current versions, by judge, model and prompt text."""
    with store.cursor() as cursor:
        rows = cursor.execute(_COUNTS).fetchall()
    spread: dict[tuple[Any, ...], dict[int, list[tuple[Any, int]]]] = {}
    figures: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in rows:
        source, (score, verdict, reason, kind, *counts) = row[:_SOURCE_COLUMNS], row[_SOURCE_COLUMNS:]
        if kind == _BY_SOURCE:
            figures[source] = tuple(counts)
            continue
        value = {_BY_SCORE: score, _BY_VERDICT: verdict, _BY_REASON: reason}[kind]
        if value not in (None, ""):
            spread.setdefault(source, {}).setdefault(kind, []).append((value, counts[0]))
    return tuple(_rating_count(source, counts, spread.get(source, {})) for source, counts in figures.items())


def _rating_count(
    source: tuple[Any, ...], counts: tuple[Any, ...], spread: dict[int, list[tuple[Any, int]]]
) -> RatingCount:
    reasons = sorted(spread.get(_BY_REASON, ()), key=lambda one: -one[1])
    scores, verdicts = spread.get(_BY_SCORE, ()), spread.get(_BY_VERDICT, ())
    return RatingCount(*(*source, *counts, tuple(scores), tuple(verdicts), tuple(reasons)))


def judged_places(store: Store, version_nos: Integers, before: JudgedBefore) -> PlaceColumns:
    """Return the places of these versions that were judged before in just this way."""
    asked = pa.table({"version_no": np.unique(np.asarray(version_nos, np.int64))})
    with store.cursor() as cursor:
        found = query_rows(
            cursor,
            "SELECT version_no, step, call, pointer FROM rating SEMI JOIN asked USING (version_no) "
            "WHERE judge = ? AND model = ? AND endpoint = ? AND prompt_hash = ? AND settings = ? "
            "AND state = 'judged' AND member <> 'member' AND candidate_no = 0",
            list(before),
            asked=asked,
        )
    return PlaceColumns(found["version_no"], found["step"], found["call"], found["pointer"])


def rejected_places(store: Store, version_nos: Integers) -> PlaceColumns:
    """Return the places of these versions at which a rule has a finding of level reject today."""
    numbers = np.unique(np.asarray(version_nos, np.int64))
    if not len(numbers):
        nothing = np.asarray([], np.int64)
        return PlaceColumns(nothing, nothing, nothing, nothing)
    with store.cursor() as cursor:
        found = query_rows(
            cursor,
            "SELECT f.version_no, f.step, f.call, f.pointer FROM finding AS f "
            "SEMI JOIN asked USING (version_no) "
            "SEMI JOIN current_check AS c "
            "ON f.check_name = c.check_name AND f.check_version = c.check_version "
            "WHERE f.level = 'reject' AND f.version_no BETWEEN ? AND ?",
            [int(numbers[0]), int(numbers[-1])],
            asked=pa.table({"version_no": numbers}),
        )
    return PlaceColumns(found["version_no"], found["step"], found["call"], found["pointer"])


def _stored(row: tuple[Any, ...]) -> StoredRating:
    fields = dict(zip(_FIELDS, row[1:], strict=True))
    for name in _JSON:
        fields[name] = msgspec.json.decode(fields[name])
    return StoredRating(row[0], msgspec.convert(fields, Rating))


_CONFIRMED_BAD = """
SELECT DISTINCT i.version_no, i.step, i.call, i.pointer
FROM current_verdict AS v JOIN review_item AS i ON v.item_no = i.item_no
JOIN rating AS r ON i.rating_no = r.rating_no
WHERE r.judge = $judge AND r.state = 'judged' AND NOT i.is_removed
    AND json_extract_string(r.settings, '$.everything') = 'true'
    AND v.flag IN ('agree', 'disagree') AND (v.flag = 'agree') = r.is_flagged
"""


def confirmed_bad_places(store: Store, judge: str) -> PlaceColumns:
    """Return the places that people found bad, of those at which a judge was asked about everything.

    Where a judge was asked only about what its rules left over, people see nothing else: such places
    cannot say what the rules miss.
    """
    with store.cursor() as cursor:
        found = cursor.execute(_CONFIRMED_BAD, {"judge": judge}).fetchnumpy()
    return PlaceColumns(found["version_no"], found["step"], found["call"], found["pointer"])
