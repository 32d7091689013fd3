"""What a search for near-duplicates reads of the store: queries, calls, and what speaks for keeping a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from xlam_backend.domain.filters import Filters
from xlam_backend.store.bulk import query_table
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.ratings import COUNTED
from xlam_backend.store.search import find_all_numbers

_CHUNK_ROWS = 20_000

_ROWS = """
SELECT version_no, trajectory_no, trajectory_id, dataset_no, query,
    [step.user_input for step in steps] AS user_inputs,
    flatten([[{'name': call.name, 'arguments': call.arguments, 'unreadable': call.unreadable}
        for call in step.tool_calls] for step in steps]) AS calls,
    tools, step_count
FROM trajectory SEMI JOIN asked USING (version_no)
WHERE version_no BETWEEN ? AND ? ORDER BY version_no
"""
_FINDINGS = """
SELECT version_no, count(*)::INTEGER AS finding_count FROM current_finding
WHERE level IN ('reject', 'fix') GROUP BY version_no ORDER BY version_no
"""
# Ratings of the scripted model are for trying out; they say nothing about a record.
_RATINGS = f"""
SELECT version_no, avg((score - scale_low) / (scale_high - scale_low)) AS rating FROM current_rating
WHERE {COUNTED} AND state = 'judged' AND score IS NOT NULL AND scale_high > scale_low AND NOT is_scripted
GROUP BY version_no ORDER BY version_no
"""


class ComparedNumbers(NamedTuple):
    """The versions that are compared, in order, and which of them belong to an evaluation set."""

    version_nos: Integers
    is_protected: Integers


class KeepingFacts(NamedTuple):
    """What speaks for or against a version, and the names of tools, as tables."""

    findings: pa.Table
    ratings: pa.Table
    tools: pa.Table


def find_compared(store: Store, filters: Filters, evaluation_sets: tuple[str, ...]) -> ComparedNumbers:
    """Return the versions that match, and those of evaluation sets."""
    wanted = find_all_numbers(store, filters)
    sets = [find_all_numbers(store, Filters(dataset=name)) for name in evaluation_sets]
    protected = np.unique(np.concatenate([np.zeros(0, np.int64), *sets]))
    numbers = np.union1d(np.asarray(wanted, np.int64), protected)
    return ComparedNumbers(numbers, np.isin(numbers, protected))


def iter_compared(store: Store, version_nos: Integers) -> Iterator[pa.Table]:
    """Yield what these versions are compared by, in chunks."""
    for start in range(0, len(version_nos), _CHUNK_ROWS):
        asked = version_nos[start : start + _CHUNK_ROWS]
        with store.cursor() as cursor:
            bounds = [int(asked[0]), int(asked[-1])]
            chunk = query_table(cursor, _ROWS, bounds, asked=pa.table({"version_no": asked}))
        yield chunk


def read_keeping_facts(store: Store) -> KeepingFacts:
    """Return findings, ratings and names of tools of everything that counts today."""
    with store.cursor() as cursor:
        return KeepingFacts(
            cursor.sql(_FINDINGS).to_arrow_table(),
            cursor.sql(_RATINGS).to_arrow_table(),
            cursor.sql("SELECT tool_no, name FROM tool ORDER BY tool_no").to_arrow_table(),
        )
