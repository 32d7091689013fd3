"""Finds trajectories: numbers first, counted and sorted, then the few wide rows of one page."""

from __future__ import annotations

from typing import Any, NamedTuple

from xlam_backend.domain.filters import ANY_JUDGE, ID_LETTERS, Filters, Sort, split_ids
from xlam_backend.domain.finding import Level
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store

Parameters = dict[str, Any]

_SHOWN_QUERY_CHARACTERS = 400

# Every view is ordered by (sort key, trajectory number), both rising: a fixed trajectory keeps its place, and
# neighbours are found without sorting.
_SORT_KEYS: dict[Sort, str] = {
    "imported": "0",
    "newest": "-t.trajectory_no",
    "findings": "-coalesce(f.finding_count, 0)",
    "steps": "-t.step_count",
    "fewest_steps": "t.step_count",
    "calls": "-t.call_count",
}

_FINDING_COUNTS = """
LEFT JOIN (
    SELECT version_no, count(*) AS finding_count FROM current_finding
    WHERE level IN ('reject', 'fix') GROUP BY ALL
) AS f ON t.version_no = f.version_no
"""

# A check that looks at tools speaks about every trajectory that offers the tool.
_TOOL_FINDINGS = """
UNION ALL SELECT o.version_no
FROM (SELECT version_no, unnest(tools) AS tool_no FROM current_trajectory) AS o
SEMI JOIN (
    SELECT f.tool_no FROM (
        SELECT t.tool_no, t.check_name, t.level, t.code, x.name AS tool
        FROM current_tool_finding AS t JOIN tool AS x ON t.tool_no = x.tool_no
    ) AS f WHERE {conditions}
) AS f ON o.tool_no = f.tool_no
"""

_WIDE_ROWS = f"""
SELECT t.version_no, t.trajectory_no, t.trajectory_id, left(t.query, {_SHOWN_QUERY_CHARACTERS}), d.name,
    d.importer, t.step_count, t.call_count, t.version
FROM trajectory AS t JOIN dataset AS d ON t.dataset_no = d.dataset_no
WHERE t.version_no IN (SELECT unnest($numbers))
"""

_LEVEL_COUNTS = """
SELECT version_no, level, count(*) FROM current_finding
WHERE version_no IN (SELECT unnest($numbers)) GROUP BY ALL
"""

_CALLED_TOOLS = """
SELECT version_no, list(DISTINCT name) FROM tool_call
WHERE version_no IN (SELECT unnest($numbers)) GROUP BY ALL
"""


class FoundNumbers(NamedTuple):
    """The version numbers of one page, in order, and how many there are in all."""

    numbers: list[int]
    total: int


class FoundRow(NamedTuple):
    """One trajectory of a page: its wide row, its findings by level, the tools it calls."""

    version_no: int
    trajectory_no: int
    trajectory_id: str
    query: str
    dataset: str
    source: str
    step_count: int
    call_count: int
    version: int
    finding_counts: dict[Level, int]
    tools: list[str]


class Neighbours(NamedTuple):
    """The ids before and after a trajectory in a view ("" at its ends), its place from 1, and the total.

    All are empty when the trajectory is not in the view: a fix may have taken it out.
    """

    previous: str
    following: str
    place: int
    total: int


def find_numbers(store: Store, filters: Filters, *, sort: Sort, first: int, count: int) -> FoundNumbers:
    """Return `count` current versions that match, from index `first` on, and the total."""
    hits, values = _hits(filters, sort)
    query = f"""
    WITH hit AS MATERIALIZED ({hits})
    SELECT version_no, (SELECT count(*) FROM hit) FROM hit
    ORDER BY sort_key, trajectory_no LIMIT $count OFFSET $first
    """
    with store.cursor() as cursor:
        rows = cursor.execute(query, {**values, "first": first, "count": count}).fetchall()
        if rows or first == 0:
            return FoundNumbers([row[0] for row in rows], rows[0][1] if rows else 0)
        # Past the last page: the page is empty, the total is not.
        beyond = cursor.execute(f"SELECT count(*) FROM ({hits})", values)
        return FoundNumbers([], beyond.fetchall()[0][0])


def find_all_numbers(store: Store, filters: Filters) -> Integers:
    """Return the current versions that match, all of them, in the order they were imported."""
    condition, values = match_condition(filters)
    query = f"SELECT t.version_no FROM current_trajectory AS t WHERE {condition} ORDER BY t.trajectory_no"
    with store.cursor() as cursor:
        numbers: Integers = cursor.execute(query, values).fetchnumpy()["version_no"]
    return numbers


def _hits(filters: Filters, sort: Sort) -> tuple[str, Parameters]:
    condition, values = match_condition(filters)
    counts = _FINDING_COUNTS if sort == "findings" else ""
    query = f"""
        SELECT t.version_no, t.trajectory_no, {_SORT_KEYS[sort]} AS sort_key
        FROM current_trajectory AS t {counts} WHERE {condition}
    """
    return query, values


def read_rows(store: Store, numbers: list[int]) -> list[FoundRow]:
    """Return the wide rows of these versions, in the order given."""
    if not numbers:
        return []
    values = {"numbers": numbers}
    with store.cursor() as cursor:
        wide = {row[0]: row for row in cursor.execute(_WIDE_ROWS, values).fetchall()}
        levels: dict[int, dict[Level, int]] = {}
        for number, level, count in cursor.execute(_LEVEL_COUNTS, values).fetchall():
            levels.setdefault(number, {})[level] = count
        tools = dict(cursor.execute(_CALLED_TOOLS, values).fetchall())
    return [
        FoundRow._make((*wide[number], levels.get(number, {}), sorted(tools.get(number, []))))
        for number in numbers
        if number in wide
    ]


def find_neighbours(store: Store, filters: Filters, *, sort: Sort, trajectory_no: int) -> Neighbours:
    """Return what stands before and after a trajectory in a view."""
    hits, values = _hits(filters, sort)
    query = f"""
    WITH hit AS MATERIALIZED ({hits}),
    here AS (SELECT sort_key, trajectory_no FROM hit WHERE trajectory_no = $trajectory_no),
    around AS (
        SELECT count(*) AS total, count(*) FILTER (before) + 1 AS place,
            max({{'k': sort_key, 'n': trajectory_no}}) FILTER (before).n AS previous,
            min({{'k': sort_key, 'n': trajectory_no}}) FILTER (after).n AS next
        FROM (
            SELECT hit.*, (hit.sort_key, hit.trajectory_no) < (here.sort_key, here.trajectory_no) AS before,
                (hit.sort_key, hit.trajectory_no) > (here.sort_key, here.trajectory_no) AS after
            FROM hit, here
        )
    )
    SELECT around.total, around.place, p.trajectory_id, n.trajectory_id FROM around
    LEFT JOIN trajectory AS p ON p.version_no = around.previous
    LEFT JOIN trajectory AS n ON n.version_no = around.next
    """
    with store.cursor() as cursor:
        total, place, previous, following = cursor.execute(
            query, {**values, "trajectory_no": trajectory_no}
        ).fetchall()[0]
    return Neighbours(previous or "", following or "", place if total else 0, total)


def match_condition(filters: Filters) -> tuple[str, Parameters]:
    """Return the condition on `current_trajectory AS t` that a filter stands for, and its values."""
    parts: list[str] = []
    values: Parameters = {}
    for build in (
        _by_dataset,
        _by_shape,
        _by_finding,
        _by_state,
        _by_review,
        _by_judge,
        _by_making,
        _by_rating,
        _by_ids,
    ):
        condition, more = build(filters)
        parts += condition
        values |= more
    return " AND ".join(parts) or "true", values


Condition = tuple[list[str], Parameters]


def _by_dataset(filters: Filters) -> Condition:
    parts: list[str] = []
    values: Parameters = {}
    if filters.dataset:
        parts.append(
            "t.trajectory_no IN (SELECT trajectory_no FROM membership AS m JOIN dataset AS d"
            " ON m.dataset_no = d.dataset_no WHERE d.name = $dataset)"
        )
        values["dataset"] = filters.dataset
    if filters.source:
        parts.append("t.dataset_no IN (SELECT dataset_no FROM dataset WHERE importer = $source)")
        values["source"] = filters.source
    return parts, values


def _by_shape(filters: Filters) -> Condition:
    parts: list[str] = []
    values: Parameters = {}
    if filters.min_steps is not None:
        parts.append("t.step_count >= $min_steps")
        values["min_steps"] = filters.min_steps
    if filters.max_steps is not None:
        parts.append("t.step_count <= $max_steps")
        values["max_steps"] = filters.max_steps
    if filters.text:
        parts.append("contains(lower(t.query), lower($text))")
        values["text"] = filters.text
    if filters.tool and not filters.asks_for_finding:
        parts.append("t.version_no IN (SELECT version_no FROM tool_call WHERE name = $tool)")
        values["tool"] = filters.tool
    return parts, values


def _by_finding(filters: Filters) -> Condition:
    if not filters.asks_for_finding:
        return [], {}
    conditions, values = finding_condition(filters)
    found = f"SELECT version_no FROM current_finding AS f WHERE {conditions}"
    if filters.check and not _asks_for_place(filters):
        found += _TOOL_FINDINGS.format(conditions=conditions)
    return [f"t.version_no IN ({found})"], values


def _asks_for_place(filters: Filters) -> bool:
    """Tell whether only findings that belong to a call are wanted: those about tools have no such place."""
    return bool(filters.argument or filters.step is not None or filters.family or filters.fixed == "fixable")


def finding_condition(filters: Filters) -> tuple[str, Parameters]:
    """Return the condition on `current_finding AS f` that the finding part of a filter stands for."""
    parts: list[str] = []
    values: Parameters = {}
    equals = {
        "check": "f.check_name",
        "code": "f.code",
        "tool": "f.tool",
        "argument": "f.pointer",
        "family": "f.family",
    }
    for name, column in equals.items():
        if wanted := getattr(filters, name):
            parts.append(f"{column} = ${name}")
            values[name] = wanted
    if filters.level == "flagged":
        parts.append("f.level IN ('reject', 'fix')")
    elif filters.level not in ("", "clean"):
        parts.append("f.level = $level")
        values["level"] = filters.level
    if filters.step is not None:
        parts.append("f.step = $step")
        values["step"] = filters.step
    if filters.fixed == "fixable":
        parts.append("f.fix <> ''")
    return " AND ".join(parts) or "true", values


def _by_state(filters: Filters) -> Condition:
    parts: list[str] = []
    if filters.level == "clean":
        parts.append(
            "t.version_no NOT IN (SELECT version_no FROM current_finding WHERE level IN ('reject', 'fix'))"
        )
    if filters.fixed == "fixed":
        parts.append("t.version > 0")
    elif filters.fixed == "unfixed":
        parts.append("t.version = 0")
    return parts, {}


_DECIDED = "SELECT trajectory_no FROM current_disposition"


def _by_review(filters: Filters) -> Condition:
    if not filters.review:
        return [], {}
    if filters.review == "queued":
        return ["t.trajectory_no IN (SELECT trajectory_no FROM review_item WHERE NOT is_removed)"], {}
    if filters.review == "undecided":
        return [f"t.trajectory_no NOT IN ({_DECIDED})"], {}
    return [f"t.trajectory_no IN ({_DECIDED} WHERE state = $review)"], {"review": filters.review}


# A committee's verdict counts, not those of its members; candidates are about other answers.
_FLAGGED_BY = """
SELECT version_no FROM current_rating WHERE is_flagged AND member <> 'member' AND candidate_no = 0
"""


def _by_judge(filters: Filters) -> Condition:
    if not filters.judge:
        return [], {}
    if filters.judge == ANY_JUDGE:
        return [f"t.version_no IN ({_FLAGGED_BY})"], {}
    return [f"t.version_no IN ({_FLAGGED_BY} AND judge = $judge)"], {"judge": filters.judge}


def _by_making(filters: Filters) -> Condition:
    """By how a trajectory came about, what it is about, and whether it offers tools."""
    parts: list[str] = []
    values: Parameters = {}
    if filters.made:
        negated = "NOT " if filters.made == "original" else ""
        parts.append(f"t.trajectory_no {negated}IN (SELECT trajectory_no FROM derivation)")
    if filters.output_format:
        parts.append(
            "t.trajectory_no IN (SELECT trajectory_no FROM derivation"
            " WHERE telling ->> '$.format_name' = $output_format)"
        )
        values["output_format"] = filters.output_format
    if filters.category:
        parts.append(
            "t.trajectory_no IN (SELECT trajectory_no FROM trajectory_category WHERE category = $category)"
        )
        values["category"] = filters.category
    if filters.offers:
        is_without = "len(t.tools) = 0 AND t.call_count = 0"
        parts.append(is_without if filters.offers == "no_tools" else f"NOT ({is_without})")
    return parts, values


# What judges gave a whole trajectory, as a share of the scale; a committee's rating, not its members'.
_RATED = """
SELECT version_no FROM current_rating
WHERE subject = 'trajectory' AND state = 'judged' AND score IS NOT NULL AND scale_high > scale_low
    AND member <> 'member' AND candidate_no = 0
GROUP BY version_no HAVING avg((score - scale_low) / (scale_high - scale_low)) >= $min_rating
"""


def _by_rating(filters: Filters) -> Condition:
    if filters.min_rating is None:
        return [], {}
    return [f"t.version_no IN ({_RATED})"], {"min_rating": filters.min_rating}


def _by_ids(filters: Filters) -> Condition:
    if not filters.ids:
        return [], {}
    named = f"left(t.trajectory_id, {ID_LETTERS}) IN (SELECT unnest($ids))"
    return [named], {"ids": split_ids(filters.ids)}
