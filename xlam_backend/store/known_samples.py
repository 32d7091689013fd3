"""What the store knows of the rows of a release: their findings, and what people decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from xlam_backend.domain.finding import Level, SpecToolCode
from xlam_backend.store.bulk import query_table
from xlam_backend.store.connection import Store
from xlam_backend.store.dispositions import DispositionState

# A row is a version of a trajectory. Findings are what today's checks say about that very version.
_KNOWN = """
WITH wanted AS (
    SELECT t.version_no, t.trajectory_no, a.place,
        t.version_no IN (SELECT version_no FROM current_trajectory) AS is_current
    FROM asked AS a JOIN trajectory AS t ON t.trajectory_id = a.trajectory_id AND t.content_id = a.content_id
),
said AS (
    SELECT f.version_no, f.level, f.code, f.check_name, count(*) AS count
    FROM finding AS f SEMI JOIN wanted USING (version_no)
    SEMI JOIN current_check AS c ON f.check_name = c.check_name AND f.check_version = c.check_version
    GROUP BY ALL
)
SELECT w.place, w.version_no, w.trajectory_no, w.is_current,
    w.trajectory_no IN (SELECT trajectory_no FROM review_item WHERE NOT is_removed) AS is_queued,
    coalesce(d.state, '') AS state, s.level, s.code, s.check_name, coalesce(s.count, 0)::INTEGER AS count
FROM wanted AS w LEFT JOIN said AS s USING (version_no)
LEFT JOIN current_disposition AS d USING (trajectory_no)
ORDER BY w.place, s.level, s.code, s.check_name
"""

_COUNT_BY_CODE = """
SELECT f.code, count(DISTINCT a.place) AS count
FROM asked AS a JOIN trajectory AS t ON t.trajectory_id = a.trajectory_id AND t.content_id = a.content_id
JOIN finding AS f USING (version_no)
SEMI JOIN current_check AS c ON f.check_name = c.check_name AND f.check_version = c.check_version
WHERE f.level IN ('reject', 'fix') GROUP BY f.code
"""


class RowKey(NamedTuple):
    """A row by the permalink of its trajectory and the content id of its version."""

    trajectory_id: str
    content_id: str


class SampleFinding(NamedTuple):
    """How many times a check flags a row, at which level and with which SpecTool code."""

    level: Level
    code: SpecToolCode
    check: str
    times: int


class KnownSample(NamedTuple):
    """What the store knows of a row.

    `is_current` is False where its trajectory was changed since; `is_queued` says whether it stands in a
    review queue, `state` what people decided.
    """

    version_no: int
    trajectory_no: int
    is_current: bool
    is_queued: bool
    state: DispositionState
    findings: tuple[SampleFinding, ...]


def read_known_samples(store: Store, rows: Sequence[RowKey]) -> list[KnownSample | None]:
    """Return what is known of each row, None for one that is not in the store any more."""
    known: list[KnownSample | None] = [None] * len(rows)
    with store.cursor() as cursor:
        found = query_table(cursor, _KNOWN, asked=_asked(rows)).to_pylist()
    for row in found:
        sample = known[row["place"]] or KnownSample(
            row["version_no"], row["trajectory_no"], row["is_current"], row["is_queued"], row["state"], ()
        )
        if row["count"]:
            finding = SampleFinding(row["level"], row["code"], row["check_name"], row["count"])
            sample = sample._replace(findings=(*sample.findings, finding))
        known[row["place"]] = sample
    return known


def count_flagged_rows(store: Store, rows: pa.Table) -> dict[SpecToolCode, int]:
    """Return how many rows (trajectory_id, content_id) have an error of each SpecTool code."""
    asked = rows.append_column("place", pa.array(np.arange(rows.num_rows)))
    with store.cursor() as cursor:
        found = query_table(cursor, _COUNT_BY_CODE, asked=asked).to_pylist()
    return {row["code"]: row["count"] for row in found}


def _asked(rows: Sequence[RowKey]) -> pa.Table:
    return pa.table(
        {
            "trajectory_id": pa.array([row.trajectory_id for row in rows], pa.string()),
            "content_id": pa.array([row.content_id for row in rows], pa.string()),
            "place": pa.array(range(len(rows)), pa.int64()),
        }
    )
