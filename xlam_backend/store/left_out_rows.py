"""The few words about a row that a list of rows shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from xlam_backend.store.bulk import query_table
from xlam_backend.store.connection import Store

_SHOWN_CHARACTERS = 300

_WORDS = f"""
SELECT t.version_no, t.trajectory_id, d.name AS dataset, left(t.query, {_SHOWN_CHARACTERS}) AS query
FROM trajectory AS t JOIN dataset AS d ON t.dataset_no = d.dataset_no
SEMI JOIN asked ON t.version_no = asked.version_no
"""


class RowWords(NamedTuple):
    """A version as a list shows it."""

    trajectory_id: str
    dataset: str
    query: str


def read_row_words(store: Store, version_nos: Sequence[int]) -> dict[int, RowWords]:
    """Return the words about each of these versions."""
    asked = pa.table({"version_no": np.array(sorted(version_nos), np.int64)})
    with store.cursor() as cursor:
        rows = query_table(cursor, _WORDS, asked=asked).to_pylist()
    return {row["version_no"]: RowWords(row["trajectory_id"], row["dataset"], row["query"]) for row in rows}
