"""Categories in the store: what runs made, what people renamed and merged, and how many stand in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from xlam_backend.domain.category import CategorySettings, NewCategory
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError, NotFoundError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.bulk import insert_rows, query_rows, query_table
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store, utc_timestamp
from xlam_backend.store.licences import GENERAL_INSTRUCTION

_WANTED = f"""
SELECT t.version_no FROM current_trajectory AS t
WHERE ($kind = 'all' OR {GENERAL_INSTRUCTION}) AND ($dataset = '' OR t.trajectory_no IN (
    SELECT m.trajectory_no FROM membership AS m JOIN dataset AS d USING (dataset_no) WHERE d.name = $dataset))
ORDER BY t.version_no
"""
_LISTED = """
WITH counted AS (SELECT category_no, count(*) AS n FROM trajectory_category GROUP BY ALL)
SELECT c.category_no, c.name, c.words, coalesce(counted.n, 0),
    (SELECT list(o.category_no ORDER BY o.category_no) FROM current_category AS o
        WHERE o.into_no = c.category_no AND o.category_no <> c.category_no)
FROM current_category AS c LEFT JOIN counted USING (category_no)
WHERE c.into_no = c.category_no ORDER BY 4 DESC, 1
"""
_EXAMPLES = """
SELECT t.trajectory_id, left(t.query, 300), c.similarity FROM trajectory_category AS c
JOIN current_trajectory AS t USING (trajectory_no) WHERE c.category_no = ?
ORDER BY c.similarity DESC, t.trajectory_no LIMIT ?
"""
_NOT_SORTED = f"""
SELECT count(*) FROM current_trajectory AS t
ANTI JOIN trajectory_category AS c USING (trajectory_no) WHERE {GENERAL_INSTRUCTION}
"""


class CategoryCount(msgspec.Struct, frozen=True):
    """A category as it counts today: its name, its words, its size, the categories merged into it."""

    category_no: int
    name: str
    words: tuple[str, ...]
    count: int
    merged: tuple[int, ...]


class Scheme(msgspec.Struct, frozen=True):
    """The categories that count, and how they were made; `not_sorted_count` is what has none."""

    scheme_no: int
    run_id: str
    model: str
    settings: CategorySettings
    trajectory_count: int
    actor: str
    made_at: datetime
    categories: tuple[CategoryCount, ...]
    not_sorted_count: int


class CategoryExample(msgspec.Struct, frozen=True):
    """A trajectory near the middle of a category; a long query is cut."""

    trajectory_id: str
    query: str
    similarity: float


def versions_to_sort(store: Store, settings: CategorySettings) -> Integers:
    """Return the versions that settings ask for, ascending."""
    with store.cursor() as cursor:
        asked: dict[str, object] = {"kind": settings.kind, "dataset": settings.dataset}
        return cursor.execute(_WANTED, asked).fetchnumpy()["version_no"]


def read_queries(store: Store, version_nos: Integers) -> pa.Table:
    """Return the queries of these versions (ascending): trajectory_no, query."""
    with store.cursor() as cursor:
        return query_table(
            cursor,
            "SELECT trajectory_no, query FROM trajectory SEMI JOIN asked USING (version_no) "
            "WHERE version_no BETWEEN ? AND ? ORDER BY version_no",
            [int(version_nos[0]), int(version_nos[-1])],
            asked=pa.table({"version_no": version_nos}),
        )


def write_scheme(
    cursor: Cursor,
    store: Store,
    run_id: str,
    model: str,
    settings: CategorySettings,
    categories: Sequence[NewCategory],
    members: pa.Table,
    *,
    person: Person,
    now: datetime,
) -> int:
    """Write a scheme, which counts from now on; `members`: trajectory_no, category_no, similarity."""
    scheme_no = store.numbers.reserve("scheme")
    settings_text = msgspec.json.encode(settings).decode()
    cursor.execute(
        "INSERT INTO category_scheme VALUES (?, ?, ?, ?, ?, ?, ?)",
        [scheme_no, run_id, model, settings_text, len(members), person.name, utc_timestamp(now)],
    )
    if categories:
        cursor.executemany(
            "INSERT INTO category VALUES (?, ?, ?, ?)",
            [[scheme_no, each.category_no, each.name, list(each.words)] for each in categories],
        )
    insert_rows(
        cursor,
        "INSERT INTO category_member SELECT ?, trajectory_no, category_no, similarity FROM added "
        "SEMI JOIN trajectory USING (trajectory_no) ORDER BY trajectory_no",
        members,
        [scheme_no],
    )
    detail = {"categories": len(categories), "trajectories": len(members)}
    write_audit(cursor, store, person, "run", f"categories {run_id}", detail, now=now)
    return len(members)


def read_scheme(store: Store) -> Scheme | None:
    """Return the categories that count, the largest first; None before the first run."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT scheme_no, run_id, model, settings, trajectory_count, actor, made_at "
            "FROM category_scheme SEMI JOIN current_scheme USING (scheme_no)"
        ).fetchall()
        if not rows:
            return None
        listed = cursor.execute(_LISTED).fetchall()
        not_sorted = cursor.execute(_NOT_SORTED).fetchall()[0][0]
    number, run_id, model, settings, count, actor, made_at = rows[0]
    categories = tuple(
        CategoryCount(each, name, tuple(words), size, tuple(merged or ()))
        for each, name, words, size, merged in listed
    )
    decoded = msgspec.json.decode(settings, type=CategorySettings)
    return Scheme(number, run_id, model, decoded, count, actor, made_at, categories, not_sorted)


def read_examples(store: Store, category_no: int, *, count: int = 5) -> list[CategoryExample]:
    """Return trajectories near the middle of a category."""
    with store.cursor() as cursor:
        return [CategoryExample(*row) for row in cursor.execute(_EXAMPLES, [category_no, count]).fetchall()]


def read_categories(cursor: Cursor, trajectory_nos: Integers) -> dict[int, str]:
    """Return the category of each of these trajectories that has one."""
    rows = query_rows(
        cursor,
        "SELECT trajectory_no, category FROM trajectory_category SEMI JOIN asked USING (trajectory_no)",
        asked=pa.table({"trajectory_no": trajectory_nos}),
    )
    return dict(zip(rows["trajectory_no"].tolist(), rows["category"].tolist()))


def write_name(store: Store, category_no: int, name: str, *, person: Person, now: datetime) -> None:
    """Give a category another name.

    Raises:
        NotFoundError: there is no such category today.
    """
    with store.write() as cursor:
        scheme_no, before = _standing(cursor, category_no)
        _write_change(cursor, store, scheme_no, category_no, "rename", name, 0, person, now)
        subject = f"category {category_no}"
        write_audit(cursor, store, person, "curate", subject, {"before": before, "now": name}, now=now)


def write_merge(store: Store, category_no: int, into_no: int, *, person: Person, now: datetime) -> None:
    """Make a category, with all that was merged into it, a part of another; into itself: stand alone again.

    Raises:
        NotFoundError: there is no such category today.
        InputError: the other category is itself a part of one.
    """
    with store.write() as cursor:
        scheme_no, name = _standing(cursor, category_no)
        target = cursor.execute(
            "SELECT into_no, name FROM current_category WHERE category_no = ?", [into_no]
        ).fetchall()
        if not target:
            raise _no_category(into_no)
        if target[0][0] != into_no and into_no != category_no:
            raise InputError(
                f"Category {into_no} is a part of category {target[0][0]}.", "Merge into that one."
            )
        parts = [category_no]
        if into_no != category_no:
            parts += [
                row[0]
                for row in cursor.execute(
                    "SELECT category_no FROM current_category WHERE into_no = ? AND category_no <> ?",
                    [category_no, category_no],
                ).fetchall()
            ]
        for part in parts:
            _write_change(cursor, store, scheme_no, part, "merge", "", into_no, person, now)
        detail = {"name": name, "into": target[0][1] if into_no != category_no else "itself"}
        write_audit(cursor, store, person, "curate", f"category {category_no}", detail, now=now)


def _standing(cursor: Cursor, category_no: int) -> tuple[int, str]:
    rows = cursor.execute(
        "SELECT (SELECT scheme_no FROM current_scheme), name FROM current_category WHERE category_no = ?",
        [category_no],
    ).fetchall()
    if not rows:
        raise _no_category(category_no)
    return rows[0][0], rows[0][1]


def _no_category(category_no: int) -> NotFoundError:
    return NotFoundError(
        f"There is no category {category_no} today.", "The page General instruction lists them."
    )


def _write_change(
    cursor: Cursor,
    store: Store,
    scheme_no: int,
    category_no: int,
    kind: str,
    name: str,
    into_no: int,
    person: Person,
    now: datetime,
) -> None:
    number = store.numbers.reserve("category_change")
    values = [number, scheme_no, category_no, kind, name, into_no, person.name, utc_timestamp(now)]
    cursor.execute("INSERT INTO category_change VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
