"""Searches for near-duplicates as they stand in the store: written whole, read as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.near_duplicate import Agreement, Search, SearchSettings
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import insert_rows, query_rows
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_SEARCH = (
    "search_no, run_id, settings, model, model_sha256, row_count, text_count, new_text_count, "
    "no_text_count, cut_count, person, made_at"
)
_ROW = (
    "trajectory_no, version_no, unit_no, dataset_no, is_protected, is_same_text, finding_count, rating, "
    "step_count, keep_order, x, y"
)
_LINK = "left_unit, right_unit, similarity"
_PAIR = "left_no, right_no, left_version_no, right_version_no, similarity, agreement, is_cut"
_BAND = "agreement, is_cut, band, pair_count"

# Rows that have at least one like them: of the same unit, or of a unit that is joined to another.
_LIKE_ROWS = """
WITH wanted AS (
    SELECT unit_no FROM near_row WHERE search_no = $search GROUP BY unit_no HAVING count(*) > 1
    UNION SELECT left_unit FROM near_link WHERE search_no = $search AND similarity >= $threshold::FLOAT
    UNION SELECT right_unit FROM near_link WHERE search_no = $search AND similarity >= $threshold::FLOAT
)
SELECT r.trajectory_no, r.version_no, r.unit_no, r.dataset_no, r.is_protected, r.keep_order,
    v.version_no IS NOT NULL AS is_dropped,
    coalesce(d.disposition, '') AS disposition, coalesce(d.choice, '') AS choice,
    coalesce(d.decision_no, 0) AS decision_no
FROM near_row AS r SEMI JOIN wanted AS w ON r.unit_no = w.unit_no
LEFT JOIN current_near_decision AS d ON r.trajectory_no = d.trajectory_no
LEFT JOIN (
    SELECT DISTINCT version_no FROM item_decision WHERE kind <> 'pair' AND disposition = 'drop'
) AS v ON r.version_no = v.version_no
WHERE r.search_no = $search ORDER BY NOT r.is_protected, is_dropped, r.keep_order
"""


class SearchTables(NamedTuple):
    """What a search found: the columns of `near_row`, `near_link`, `near_pair` and `near_band`."""

    rows: pa.Table
    links: pa.Table
    pairs: pa.Table
    bands: pa.Table


class LikeRows(NamedTuple):
    """Rows that have others like them, in the order in which they are kept; one array per column.

    `is_dropped`: review has dropped it; `disposition`: what was decided about it as a near-duplicate.
    """

    trajectory_no: Integers
    version_no: Integers
    unit_no: Integers
    dataset_no: Integers
    is_protected: Integers
    keep_order: Integers
    is_dropped: Integers
    disposition: Integers
    choice: Integers
    decision_no: Integers


class Links(NamedTuple):
    """The links of a spanning forest, the strongest first."""

    left: Integers
    right: Integers
    similarity: Integers


class RowFacts(NamedTuple):
    """What is shown of a row of a search, besides what it says."""

    trajectory_no: int
    version_no: int
    unit_no: int
    dataset: str
    is_protected: bool
    is_same_text: bool
    finding_count: int
    rating: float | None
    step_count: int


class ShownText(NamedTuple):
    """A row in a list: its id, the beginning of its query, its dataset, the tools it calls."""

    trajectory_id: str
    query: str
    dataset: str
    tools: tuple[str, ...]


class MapColumns(NamedTuple):
    """Where rows lie on the map."""

    trajectory_no: Integers
    unit_no: Integers
    x: Integers
    y: Integers


class PairRow(NamedTuple):
    """A pair that is kept to look at."""

    near_pair_no: int
    left_no: int
    right_no: int
    left_version_no: int
    right_version_no: int
    similarity: float
    agreement: Agreement
    is_cut: bool


def write_search(cursor: Cursor, store: Store, search: Search, found: SearchTables) -> int:
    """Write a search with all it found inside a transaction that is open; returns its number.

    The search's own number is not looked at: it gets the next one.
    """
    search_no = store.numbers.reserve("near_search")
    values = {**msgspec.structs.asdict(search), "search_no": search_no}
    values["settings"] = msgspec.json.encode(search.settings).decode()
    values["made_at"] = utc_timestamp(search.made_at)
    names = _SEARCH.split(", ")
    cursor.execute(
        f"INSERT INTO near_search ({_SEARCH}) VALUES ({', '.join('?' * len(names))})",
        [values[name] for name in names],
    )
    for table, columns, rows in (
        ("near_row", _ROW, found.rows),
        ("near_link", _LINK, found.links),
        ("near_band", _BAND, found.bands),
    ):
        insert_rows(
            cursor,
            f"INSERT INTO {table} (search_no, {columns}) SELECT ?, {columns} FROM added",
            rows,
            [search_no],
        )
    first_no = store.numbers.reserve("near_pair", len(found.pairs))
    numbered = found.pairs.append_column(
        "near_pair_no", pa.array(np.arange(first_no, first_no + len(found.pairs)))
    )
    insert_rows(
        cursor,
        f"INSERT INTO near_pair (near_pair_no, search_no, {_PAIR}) "
        f"SELECT near_pair_no, ?, {_PAIR} FROM added",
        numbered,
        [search_no],
    )
    return search_no


def list_searches(store: Store) -> list[Search]:
    """Return every search, the newest first."""
    return _read_searches(store, "true", [])


def read_search(store: Store, search_no: int) -> Search:
    """Return one search, or raise NotFoundError."""
    found = _read_searches(store, "search_no = ?", [search_no])
    if not found:
        raise NotFoundError(
            f"There is no search for near-duplicates number {search_no}.", "The page lists what there is."
        )
    return found[0]


def find_search_of_run(store: Store, run_id: str) -> Search | None:
    """Return what a run found, None while it is not taken in."""
    return next(iter(_read_searches(store, "run_id = ?", [run_id])), None)


def _read_searches(store: Store, condition: str, values: Sequence[int | str]) -> list[Search]:
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_SEARCH} FROM near_search WHERE {condition} ORDER BY search_no DESC", list(values)
        ).fetchall()
    return [_search(row) for row in rows]


def _search(row: Sequence[Any]) -> Search:
    fields = dict(zip(_SEARCH.split(", "), row, strict=True))
    return Search(**{**fields, "settings": msgspec.json.decode(fields["settings"], type=SearchSettings)})


def read_like_rows(store: Store, search_no: int, threshold: float) -> LikeRows:
    """Return the rows of a search that may stand in clusters at a threshold."""
    with store.cursor() as cursor:
        found = cursor.execute(_LIKE_ROWS, {"search": search_no, "threshold": threshold}).fetchnumpy()
    return LikeRows(*(found[name] for name in LikeRows._fields))


def has_like_rows(store: Store, search_no: int, trajectory_no: int, threshold: float) -> bool:
    """Tell whether a trajectory stands in a cluster at a threshold, without making any."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            """
            WITH own AS (SELECT unit_no FROM near_row WHERE search_no = $search AND trajectory_no = $number)
            SELECT (SELECT count(*) FROM near_row SEMI JOIN own USING (unit_no) WHERE search_no = $search),
                (SELECT count(*) FROM near_link WHERE search_no = $search AND similarity >= $threshold::FLOAT
                    AND (left_unit IN (SELECT unit_no FROM own) OR right_unit IN (SELECT unit_no FROM own)))
            """,
            {"search": search_no, "number": trajectory_no, "threshold": threshold},
        ).fetchall()
    fellows, links = rows[0]
    return bool(fellows > 1 or links > 0)


def read_links(store: Store, search_no: int, threshold: float) -> Links:
    """Return the links of at least this similarity, the strongest first."""
    with store.cursor() as cursor:
        found = cursor.execute(
            f"SELECT {_LINK} FROM near_link WHERE search_no = ? AND similarity >= ?::FLOAT "
            "ORDER BY similarity DESC, left_unit, right_unit",
            [search_no, threshold],
        ).fetchnumpy()
    return Links(found["left_unit"], found["right_unit"], found["similarity"])


def read_compared_versions(store: Store, search_no: int) -> Integers:
    """Return the versions that a search compared."""
    with store.cursor() as cursor:
        found: Integers = cursor.execute(
            "SELECT version_no FROM near_row WHERE search_no = ? ORDER BY version_no", [search_no]
        ).fetchnumpy()["version_no"]
    return found


def read_unit_sizes(store: Store, search_no: int) -> tuple[Integers, Integers, Integers]:
    """Return every unit with how many rows it has, and how many of these are never dropped."""
    with store.cursor() as cursor:
        found = cursor.execute(
            "SELECT unit_no, count(*) AS n, count(*) FILTER (is_protected) AS protected FROM near_row "
            "WHERE search_no = ? GROUP BY unit_no ORDER BY unit_no",
            [search_no],
        ).fetchnumpy()
    return found["unit_no"], found["n"], found["protected"]


def read_map(store: Store, search_no: int) -> MapColumns:
    """Return where every row of a search lies, in the order of their numbers."""
    with store.cursor() as cursor:
        found = cursor.execute(
            "SELECT trajectory_no, unit_no, x, y FROM near_row WHERE search_no = ? ORDER BY trajectory_no",
            [search_no],
        ).fetchnumpy()
    return MapColumns(*(found[name] for name in MapColumns._fields))


def read_row_facts(store: Store, search_no: int, trajectory_nos: Sequence[int]) -> dict[int, RowFacts]:
    """Return what a search knows about some rows."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT r.trajectory_no, r.version_no, r.unit_no, coalesce(d.name, ''), r.is_protected, "
            "r.is_same_text, r.finding_count, r.rating, r.step_count "
            "FROM near_row AS r LEFT JOIN dataset AS d ON r.dataset_no = d.dataset_no "
            "WHERE r.search_no = ? AND r.trajectory_no IN (SELECT unnest(?::BIGINT[]))",
            [search_no, list(map(int, trajectory_nos))],
        ).fetchall()
    return {row[0]: RowFacts(*row) for row in rows}


def read_shown_texts(
    store: Store, version_nos: Sequence[int] | Integers, *, most_characters: int
) -> dict[int, ShownText]:
    """Return, by version, what lists show of it."""
    asked = pa.table({"version_no": np.unique(np.asarray(version_nos, np.int64))})
    with store.cursor() as cursor:
        texts = query_rows(
            cursor,
            f"SELECT t.version_no, t.trajectory_id, left(t.query, {int(most_characters)}) AS query, "
            "d.name AS dataset FROM trajectory AS t JOIN dataset AS d ON t.dataset_no = d.dataset_no "
            "SEMI JOIN asked AS a ON t.version_no = a.version_no",
            asked=asked,
        )
        calls = query_rows(
            cursor,
            "SELECT version_no, list(DISTINCT name ORDER BY name) AS names FROM tool_call "
            "SEMI JOIN asked USING (version_no) GROUP BY version_no",
            asked=asked,
        )
    tools = {
        int(number): tuple(map(str, names))
        for number, names in zip(calls["version_no"], calls["names"], strict=True)
    }
    columns = (texts[name] for name in ("version_no", "trajectory_id", "query", "dataset"))
    return {
        int(number): ShownText(str(key), str(query), str(dataset), tools.get(int(number), ()))
        for number, key, query, dataset in zip(*columns, strict=True)
    }


def find_rows_by_text(store: Store, search_no: int, text: str) -> Integers:
    """Return the rows of a search whose query holds a text, whatever its case."""
    with store.cursor() as cursor:
        found: Integers = cursor.execute(
            "SELECT r.trajectory_no FROM near_row AS r JOIN trajectory AS t ON r.version_no = t.version_no "
            "WHERE r.search_no = ? AND contains(lower(t.query), lower(?))",
            [search_no, text],
        ).fetchnumpy()["trajectory_no"]
    return found


def read_dataset_numbers(store: Store) -> dict[int, str]:
    """Return the name of every dataset by its number."""
    with store.cursor() as cursor:
        return dict(cursor.execute("SELECT dataset_no, name FROM dataset").fetchall())


def find_pairs(
    store: Store,
    search_no: int,
    agreement: Agreement,
    *,
    above: tuple[float, float],
    is_cut: bool | None,
    first: int,
    count: int,
) -> tuple[list[PairRow], int]:
    """Return pairs whose similarity lies in `above` (from, below), the most alike first, and the total."""
    condition = (
        "search_no = $search AND agreement = $agreement"
        " AND similarity >= $low::FLOAT AND similarity < $high::FLOAT"
        " AND ($cut IS NULL OR is_cut = $cut)"
        " AND left_no IN (SELECT trajectory_no FROM near_row WHERE search_no = $search)"
        " AND right_no IN (SELECT trajectory_no FROM near_row WHERE search_no = $search)"
    )
    values = {
        "search": search_no,
        "agreement": agreement,
        "low": above[0],
        "high": above[1],
        "cut": is_cut,
    }
    with store.cursor() as cursor:
        total = cursor.execute(f"SELECT count(*) FROM near_pair WHERE {condition}", values).fetchall()[0][0]
        rows = cursor.execute(
            f"SELECT near_pair_no, {_PAIR} FROM near_pair WHERE {condition} "
            "ORDER BY similarity DESC, near_pair_no LIMIT $count OFFSET $first",
            {**values, "count": count, "first": first},
        ).fetchall()
    return [PairRow(*row) for row in rows], total


def read_bands(store: Store, search_no: int) -> list[tuple[Agreement, bool, int, int]]:
    """Return how many pairs there are: agreement, whether a text was cut, hundredth, count."""
    with store.cursor() as cursor:
        return cursor.execute(
            f"SELECT {_BAND} FROM near_band WHERE search_no = ? ORDER BY ALL", [search_no]
        ).fetchall()


def made_search(
    run_id: str, settings: SearchSettings, facts: dict[str, Any], person: str, now: datetime
) -> Search:
    """Return a search as a run found it, before it has a number."""
    return Search(search_no=0, run_id=run_id, settings=settings, person=person, made_at=now, **facts)
