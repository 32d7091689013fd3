"""Review items about two near-duplicates: the other side of each, and how people answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlam_backend.store.connection import Store


class DuplicateItem(NamedTuple):
    """What a search said of the two records of an item."""

    item_no: int
    search_no: int
    near_pair_no: int
    other_no: int
    other_version_no: int
    similarity: float


class DuplicateAnswers(NamedTuple):
    """An item of a sample of pairs: how alike they are, how it was drawn, how it was answered (or not).

    `word` is what people settled on: the last word, else what more than half of them said; "" while they
    have not.
    """

    item_no: int
    queue_no: int
    near_pair_no: int
    similarity: float
    is_flagged: bool
    stratum: str
    inclusion_probability: float
    word: str


_ANSWERS = """
WITH given AS (
    SELECT item_no, count(*) AS n, count_if(flag = 'agree') AS same, count_if(flag = 'disagree') AS different
    FROM current_verdict GROUP BY item_no
), decided AS (
    SELECT item_no, flag, is_withdrawn FROM adjudication
    QUALIFY row_number() OVER (PARTITION BY item_no ORDER BY adjudication_no DESC) = 1
)
SELECT i.item_no, i.queue_no, d.near_pair_no, d.similarity, i.is_flagged, i.stratum, i.inclusion_probability,
    CASE WHEN l.item_no IS NOT NULL THEN l.flag WHEN 2 * g.same > g.n THEN 'agree'
        WHEN 2 * g.different > g.n THEN 'disagree' ELSE '' END
FROM duplicate_item AS d JOIN review_item AS i ON d.item_no = i.item_no
LEFT JOIN given AS g ON i.item_no = g.item_no
LEFT JOIN decided AS l ON i.item_no = l.item_no AND NOT l.is_withdrawn
WHERE d.search_no = ? AND NOT i.is_removed AND i.repeats = 0 ORDER BY i.item_no
"""


def read_duplicate_items(store: Store, item_nos: Sequence[int]) -> dict[int, DuplicateItem]:
    """Return what is known of these items beside their first record."""
    if not item_nos:
        return {}
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT item_no, search_no, near_pair_no, other_no, other_version_no, similarity "
            "FROM duplicate_item WHERE item_no IN (SELECT unnest(?::BIGINT[]))",
            [list(item_nos)],
        ).fetchall()
    return {row[0]: DuplicateItem(*row) for row in rows}


def read_duplicate_answers(store: Store, search_no: int) -> list[DuplicateAnswers]:
    """Return the sampled pairs of a search, answered or not, in the order of their numbers."""
    with store.cursor() as cursor:
        rows = cursor.execute(_ANSWERS, [search_no]).fetchall()
    return [DuplicateAnswers(*row) for row in rows]
