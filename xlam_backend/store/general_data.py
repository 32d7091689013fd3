"""What the filters say about general-instruction data: how many records each of them flags."""

from __future__ import annotations

import msgspec

from xlam_backend.store.connection import Store
from xlam_backend.store.contamination import TRAINING
from xlam_backend.store.licences import GENERAL_INSTRUCTION

_GENERAL = (
    "SELECT t.trajectory_no, t.version_no, t.dataset_no FROM current_trajectory AS t "
    f"WHERE {GENERAL_INSTRUCTION} AND t.trajectory_no IN ({TRAINING})"
)

_FLAGGED = f"""
SELECT f.check_name, f.level, count(DISTINCT f.version_no) FROM current_finding AS f
SEMI JOIN ({_GENERAL}) AS g ON f.version_no = g.version_no GROUP BY ALL ORDER BY 1, 2
"""
_TOTALS = f"""
WITH general AS ({_GENERAL}), rejected AS (
    SELECT DISTINCT version_no FROM current_finding WHERE level IN ('reject', 'fix')
), dropped AS (
    SELECT DISTINCT trajectory_no FROM current_near_decision WHERE disposition = 'drop'
), judged AS (
    SELECT version_no, bool_or(is_flagged) AS is_flagged FROM current_rating
    WHERE judge = 'inappropriate_content' AND state = 'judged' AND candidate_no = 0 GROUP BY version_no
)
SELECT count(*), count(*) FILTER (g.version_no NOT IN (SELECT version_no FROM rejected)
        AND g.trajectory_no NOT IN (SELECT trajectory_no FROM dropped)
        AND g.version_no NOT IN (SELECT version_no FROM judged WHERE is_flagged)),
    count(*) FILTER (g.trajectory_no IN (SELECT trajectory_no FROM dropped)),
    count(*) FILTER (g.version_no IN (SELECT version_no FROM judged)),
    count(*) FILTER (g.version_no IN (SELECT version_no FROM judged WHERE is_flagged))
FROM general AS g
"""
_DATASETS = f"""
SELECT d.name, count(*) FROM ({_GENERAL}) AS g JOIN dataset AS d USING (dataset_no)
GROUP BY ALL ORDER BY 2 DESC, 1
"""


class FilterCount(msgspec.Struct, frozen=True):
    """How many general-instruction records a check flags at a level."""

    check: str
    level: str
    count: int


class GeneralData(msgspec.Struct, frozen=True):
    """The general-instruction data that can be trained on, and what the filters say about it.

    clean_count      flagged by no check at level reject or fix, by no judge of content, not dropped
    dropped_count    dropped as near-duplicates
    judged_count     looked at by the judge of content, and `judged_flagged_count` flagged by it
    """

    count: int
    clean_count: int
    dropped_count: int
    judged_count: int
    judged_flagged_count: int
    filters: tuple[FilterCount, ...]
    datasets: tuple[tuple[str, int], ...]


def read_general_data(store: Store) -> GeneralData:
    """Return how much general-instruction data there is, and what the filters say about it."""
    with store.cursor() as cursor:
        totals = cursor.execute(_TOTALS).fetchall()[0]
        filters = tuple(FilterCount(*row) for row in cursor.execute(_FLAGGED).fetchall())
        datasets = tuple((name, count) for name, count in cursor.execute(_DATASETS).fetchall())
    return GeneralData(*(*totals, filters, datasets))
