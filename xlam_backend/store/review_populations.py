"""What a review queue can be drawn from, and writing what was drawn: columns, never row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.filters import Filters, FixedChoice, LevelChoice
from xlam_backend.domain.review import QueuePlan, Stratifier
from xlam_backend.domain.similarity_band import Band, bands_above, bands_below
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.search import Parameters, finding_condition, match_condition

SCORE_BINS = 5
NOTHING_TO_TELL_APART = "all"

# Filters of Explore narrow trajectories; those about findings say which findings, too.
_MATCHING = (
    "SELECT t.version_no, t.trajectory_no, t.dataset_no FROM current_trajectory AS t WHERE {condition}"
)

_FLAGGED_FINDINGS = """
SELECT f.finding_no AS number, f.version_no, f.step, f.call, {stratum} AS stratum
FROM current_finding AS f JOIN ({matching}) AS t USING (version_no) JOIN dataset AS d USING (dataset_no)
WHERE {finding} AND (len($checks) = 0 OR list_contains($checks, f.check_name))
ORDER BY f.finding_no
"""

# A call is unflagged when every check that was chosen has looked at its trajectory and says nothing of it.
_UNFLAGGED_CALLS = """
SELECT 0::BIGINT AS number, c.version_no, c.step, c.call, {stratum} AS stratum
FROM tool_call AS c JOIN ({matching}) AS t USING (version_no) JOIN dataset AS d USING (dataset_no)
SEMI JOIN (
    SELECT version_no FROM checked JOIN (
        SELECT check_set_no, bit_or(1::BIGINT << bit) AS covered FROM check_set JOIN (
            SELECT check_name, check_version, row_number() OVER () - 1 AS bit FROM current_check
            WHERE check_name NOT IN (SELECT check_name FROM run_check)
                AND (len($checks) = 0 OR list_contains($checks, check_name))
        ) USING (check_name, check_version) GROUP BY check_set_no
    ) USING (check_set_no) GROUP BY version_no
    HAVING bit_count(bit_or(covered)) = (
        SELECT count(*) FROM current_check
        WHERE check_name NOT IN (SELECT check_name FROM run_check)
            AND (len($checks) = 0 OR list_contains($checks, check_name))
    )
) AS looked USING (version_no)
ANTI JOIN (
    SELECT version_no, step, call FROM current_finding
    WHERE len($checks) = 0 OR list_contains($checks, check_name)
) AS f ON c.version_no = f.version_no AND c.step = f.step AND c.call = f.call
ANTI JOIN (
    SELECT n.version_no FROM not_checked AS n SEMI JOIN current_check AS k
        ON n.check_name = k.check_name AND n.check_version = k.check_version
    WHERE list_contains($checks, n.check_name)
) AS unknown ON c.version_no = unknown.version_no
ORDER BY c.version_no, c.step, c.call
"""

_RATINGS = """
SELECT r.rating_no AS number, r.version_no, r.step, r.call, {stratum} AS stratum
FROM current_rating AS r JOIN ({matching}) AS t USING (version_no) JOIN dataset AS d USING (dataset_no)
WHERE r.state = 'judged' AND r.member <> 'member' AND r.candidate_no = 0 AND r.is_flagged = $flagged
    AND (len($checks) = 0 OR list_contains($checks, r.judge))
ORDER BY r.rating_no
"""

_PAIRS = """
SELECT p.pair_no AS number, p.version_no, p.step, -1 AS call, {stratum} AS stratum
FROM pair AS p JOIN ({matching}) AS t USING (version_no) JOIN dataset AS d USING (dataset_no)
LEFT JOIN candidate AS c ON p.candidate_no = c.candidate_no
WHERE NOT p.is_equal AND (len($checks) = 0 OR list_contains($checks, p.origin)) ORDER BY p.pair_no
"""

# Pairs of near-duplicates that make the same calls: what the threshold decides about.
_DUPLICATES = """
WITH chosen AS ({matching})
SELECT p.near_pair_no AS number, p.left_version_no AS version_no, -1 AS step, -1 AS call, {stratum} AS stratum
FROM near_pair AS p SEMI JOIN current_trajectory AS a ON p.left_version_no = a.version_no
SEMI JOIN current_trajectory AS b ON p.right_version_no = b.version_no
WHERE p.search_no = $search AND p.agreement = 'same calls' AND NOT p.is_cut
    AND p.similarity >= $low::FLOAT AND p.similarity < coalesce($high::FLOAT, 2)
    AND (p.left_version_no IN (SELECT version_no FROM chosen)
        OR p.right_version_no IN (SELECT version_no FROM chosen))
ORDER BY p.near_pair_no
"""

_RATING_BIN = f"""
CASE WHEN r.score IS NULL THEN CASE WHEN r.verdict = '' THEN 'no score' ELSE r.verdict END
ELSE 'score part ' || (1 + least(
    {SCORE_BINS - 1}, greatest(0, floor({SCORE_BINS} * (r.score - r.scale_low)
        / greatest(r.scale_high - r.scale_low, 1e-9)))
))::INTEGER || ' of {SCORE_BINS}' END
"""
_MARGIN_BIN = """
CASE WHEN p.margin IS NULL THEN 'no margin' WHEN p.margin < 0 THEN 'margin below 0'
WHEN p.margin < 1 THEN 'margin 0 to 1' WHEN p.margin < 2 THEN 'margin 1 to 2' ELSE 'margin 2 or more' END
"""

# What tells strata apart, by kind of population.
_STRATA: dict[str, dict[Stratifier, str]] = {
    "finding": {
        "source": "d.importer",
        "check": "f.check_name",
        "score": "'level ' || f.level",
        "prompt": "'version ' || f.check_version",
    },
    "unflagged": {"source": "d.importer"},
    "rating": {
        "source": "d.importer",
        "check": "r.judge",
        "score": _RATING_BIN,
        "prompt": "r.model || ', ' || r.prompt_name || ' ' || r.prompt_version",
    },
    "pair": {
        "source": "d.importer",
        "check": "CASE WHEN p.origin = 'corruption' THEN 'planted, ' || p.reason ELSE p.reason END",
        "score": _MARGIN_BIN,
        "prompt": "coalesce(c.model, 'no model')",
    },
}

_INSERT: dict[str, str] = {
    "finding": """
        INSERT INTO review_item
        SELECT a.item_no, ?, a.place, ?, a.version_no, t.trajectory_no, a.number, 0, 0,
            coalesce(f.check_name, ?), a.step, a.call, coalesce(f.pointer, ''), a.stratum, a.probability,
            a.is_flagged, a.gold, a.repeats, false
        FROM added AS a JOIN trajectory AS t USING (version_no)
        LEFT JOIN finding AS f ON f.finding_no = a.number AND a.number > 0 ORDER BY a.item_no
    """,
    "rating": """
        INSERT INTO review_item
        SELECT a.item_no, ?, a.place, ?, a.version_no, r.trajectory_no, 0, a.number, 0,
            coalesce(r.judge, ?), r.step, r.call, r.pointer, a.stratum, a.probability, a.is_flagged,
            a.gold, a.repeats, false
        FROM added AS a JOIN rating AS r ON r.rating_no = a.number ORDER BY a.item_no
    """,
    "pair": """
        INSERT INTO review_item
        SELECT a.item_no, ?, a.place, ?, a.version_no, p.trajectory_no, 0, 0, a.number,
            ?, p.step, -1, '', a.stratum, a.probability, a.is_flagged, a.gold, a.repeats, false
        FROM added AS a JOIN pair AS p ON p.pair_no = a.number ORDER BY a.item_no
    """,
    "duplicate": """
        INSERT INTO review_item
        SELECT a.item_no, ?, a.place, ?, a.version_no, p.left_no, 0, 0, 0,
            ?, -1, -1, '', a.stratum, a.probability, a.is_flagged, a.gold, a.repeats, false
        FROM added AS a JOIN near_pair AS p ON p.near_pair_no = a.number ORDER BY a.item_no
    """,
}
_INSERT_OTHER_SIDE = """
INSERT INTO duplicate_item
SELECT a.item_no, p.search_no, p.near_pair_no, p.right_no, p.right_version_no, p.similarity
FROM added AS a JOIN near_pair AS p ON p.near_pair_no = a.number ORDER BY a.item_no
"""


class Population(NamedTuple):
    """Everything that can be drawn: numbers (0: an unflagged call), places, and each one's stratum."""

    numbers: Integers
    version_nos: Integers
    steps: Integers
    calls: Integers
    codes: Integers
    stratum_names: list[str]

    def __len__(self) -> int:
        """Return how many there are, not how many columns."""
        return len(self.numbers)


def read_flagged(store: Store, plan: QueuePlan) -> Population:
    """Return what checks or judges have marked (for pairs: every pair whose sides differ).

    Of near-duplicates: the pairs that are at least as alike as the plan's threshold.
    """
    if plan.kind == "duplicate":
        return _read_duplicates(store, plan, bands_above(plan.threshold), None)
    if plan.kind == "finding":
        finding, values = finding_condition(plan.filters)
        return _read(store, plan, _FLAGGED_FINDINGS, "finding", plan.filters, {"finding": finding}, values)
    if plan.kind == "rating":
        return _read(store, plan, _RATINGS, "rating", plan.filters, {}, {"flagged": True})
    return _read(store, plan, _PAIRS, "pair", plan.filters, {}, {})


def read_unflagged(store: Store, plan: QueuePlan) -> Population:
    """Return what they have looked at and not marked: calls without findings, ratings that are no flag.

    Of near-duplicates: the pairs that are a little less alike than the plan's threshold.
    """
    if plan.kind == "duplicate":
        return _read_duplicates(store, plan, bands_below(plan.threshold), plan.threshold)
    if plan.kind == "finding":
        return _read(store, plan, _UNFLAGGED_CALLS, "unflagged", beyond_findings(plan.filters), {}, {})
    return _read(store, plan, _RATINGS, "rating", plan.filters, {}, {"flagged": False})


def beyond_findings(filters: Filters) -> Filters:
    """Return filters without what they ask of findings: an unflagged call may stand in any trajectory.

    >>> beyond_findings(Filters(dataset="demo", check="argument_type")) == Filters(dataset="demo")
    True
    """
    fixed: FixedChoice = "" if filters.fixed == "fixable" else filters.fixed
    level: LevelChoice = "clean" if filters.level == "clean" else ""
    return msgspec.structs.replace(
        filters, check="", level=level, code="", argument="", step=None, family="", fixed=fixed
    )


def write_draw(
    cursor: Cursor, plan: QueuePlan, queue_no: int, rows: pa.Table, *, unflagged_check: str
) -> None:
    """Write the items of a queue from columns: item_no, place, number, version_no, step, call, ...

    `unflagged_check` is what an item calibrates that no check has marked.
    """
    insert_rows(cursor, _INSERT[plan.kind], rows, [queue_no, plan.kind, unflagged_check])
    if plan.kind == "duplicate":
        insert_rows(cursor, _INSERT_OTHER_SIDE, rows)


def _read_duplicates(store: Store, plan: QueuePlan, bands: Sequence[Band], end: float | None) -> Population:
    condition, values = match_condition(plan.filters)
    cases = "".join(f" WHEN p.similarity >= {band.low}::FLOAT THEN '{band.words}'" for band in bands[::-1])
    text = _DUPLICATES.format(matching=_MATCHING.format(condition=condition), stratum=f"CASE{cases} END")
    asked = {**values, "search": plan.search_no, "low": bands[0].low, "high": end}
    with store.cursor() as cursor:
        return _population(cursor.sql(text, params=asked).to_arrow_table())


def _read(
    store: Store,
    plan: QueuePlan,
    query: str,
    form: str,
    filters: Filters,
    parts: dict[str, str],
    values: Parameters,
) -> Population:
    condition, more = match_condition(filters)
    text = query.format(
        matching=_MATCHING.format(condition=condition), stratum=_stratum_of(form, plan.strata), **parts
    )
    named: dict[str, Any] = {**more, **values, "checks": list(plan.checks)}
    used = {name: value for name, value in named.items() if f"${name}" in text}
    with store.cursor() as cursor:
        table = cursor.sql(text, params=used).to_arrow_table()
    return _population(table)


def _stratum_of(form: str, strata: Sequence[Stratifier]) -> str:
    parts = [_STRATA[form][name] for name in dict.fromkeys(strata) if name in _STRATA[form]]
    joined = " || ' · ' || ".join(f"({part})" for part in parts) or f"'{NOTHING_TO_TELL_APART}'"
    return f"{joined} || ' · not flagged'" if form == "unflagged" else joined


def _population(table: pa.Table) -> Population:
    encoded = table["stratum"].combine_chunks().dictionary_encode()
    found = encoded.dictionary.to_pylist()
    names = sorted(found)
    new_code = np.array([names.index(name) for name in found], np.int64)
    codes = new_code[encoded.indices.to_numpy(zero_copy_only=False)] if found else np.zeros(0, np.int64)

    def column(name: str) -> Integers:
        numbers: Integers = table[name].to_numpy()
        return numbers

    return Population(column("number"), column("version_no"), column("step"), column("call"), codes, names)
