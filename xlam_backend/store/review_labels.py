"""Reviewed items with their answers counted and what the machine had said: what calibration is made from."""

from __future__ import annotations

from typing import NamedTuple

from xlam_backend.store.connection import Store


class ItemAnswers(NamedTuple):
    """One item of a sample: what the machine said, how it was drawn, how people answered.

    `agreeing` and `disagreeing` count answers to the flag, for pairs preferences that confirm the chosen
    side or not. The ratings are the lowest, the median and the highest. `decided_*` is the last word,
    "" and None where there is none.
    """

    item_no: int
    queue_no: int
    kind: str
    check: str
    stratum: str
    inclusion_probability: float
    is_flagged: bool
    version_no: int
    trajectory_no: int
    step: int
    call: int
    pointer: str
    candidate_no: int
    model: str
    prompt_name: str
    prompt_version: int
    score: float | None
    scale_low: float
    scale_high: float
    is_scripted: bool
    rationale_length: int
    step_count: int
    query_length: int
    answer_count: int
    agreeing: int
    disagreeing: int
    rating_count: int
    lowest_rating: int | None
    median_rating: float | None
    highest_rating: int | None
    is_decided: bool
    decided_flag: str
    decided_rating: int | None
    decided_preference: str


class PlaceRating(NamedTuple):
    """What one prompt version of a judge says of a place."""

    version_no: int
    step: int
    call: int
    pointer: str
    candidate_no: int
    judge: str
    model: str
    prompt_version: int
    is_flagged: bool


# Gold items and repeats are no part of the sample.
_ITEMS = """
WITH given AS (
    SELECT item_no, count(*) AS answer_count,
        count_if(flag = 'agree' OR preference = 'chosen') AS agreeing,
        count_if(flag = 'disagree' OR preference IN ('rejected', 'equal', 'both_bad')) AS disagreeing,
        count(rating) AS rating_count, min(rating) AS lowest, median(rating) AS middle, max(rating) AS highest
    FROM current_verdict WHERE $queue_no = 0 OR queue_no = $queue_no GROUP BY item_no
), decided AS (
    SELECT item_no, flag, rating, preference FROM adjudication
    QUALIFY row_number() OVER (PARTITION BY item_no ORDER BY adjudication_no DESC) = 1 AND NOT is_withdrawn
)
SELECT i.item_no, i.queue_no, i.kind, i.check_name, i.stratum, i.inclusion_probability, i.is_flagged,
    i.version_no, i.trajectory_no, i.step, i.call, i.pointer, coalesce(r.candidate_no, 0),
    coalesce(r.model, ''), coalesce(r.prompt_name, ''), coalesce(r.prompt_version, 0), r.score,
    coalesce(r.scale_low, 0), coalesce(r.scale_high, 0), coalesce(r.is_scripted, false),
    coalesce(length(r.rationale), 0), coalesce(t.step_count, 0), coalesce(length(t.query), 0),
    g.answer_count, g.agreeing, g.disagreeing, g.rating_count, g.lowest, g.middle, g.highest,
    d.item_no IS NOT NULL, coalesce(d.flag, ''), d.rating, coalesce(d.preference, '')
FROM given AS g
JOIN review_item AS i ON g.item_no = i.item_no
LEFT JOIN decided AS d ON i.item_no = d.item_no
LEFT JOIN trajectory AS t ON i.version_no = t.version_no
LEFT JOIN rating AS r ON i.rating_no = r.rating_no AND i.rating_no > 0
WHERE NOT i.is_removed AND i.gold = '' AND i.repeats = 0
ORDER BY i.item_no
"""

_DRAWN = """
SELECT queue_no, is_flagged, count(*) FROM review_item
WHERE NOT is_removed AND gold = '' AND repeats = 0 AND ($queue_no = 0 OR queue_no = $queue_no) GROUP BY ALL
"""

_PLACES = """
SELECT r.version_no, r.step, r.call, r.pointer, r.candidate_no, r.judge, r.model, r.prompt_version,
    r.is_flagged
FROM current_rating AS r
SEMI JOIN (
    SELECT i.version_no, i.step, i.call, i.pointer FROM review_item AS i
    WHERE i.check_name = $judge AND i.rating_no > 0
) AS labelled USING (version_no, step, call, pointer)
WHERE r.judge = $judge AND r.state = 'judged' AND r.member <> 'member'
ORDER BY r.rating_no
"""


def read_item_answers(store: Store, queue_no: int = 0) -> list[ItemAnswers]:
    """Return the answered items of a queue, or (0) of all, in the order of their numbers."""
    with store.cursor() as cursor:
        rows = cursor.execute(_ITEMS, {"queue_no": queue_no}).fetchall()
    return [ItemAnswers._make(row) for row in rows]


def read_drawn_counts(store: Store, queue_no: int = 0) -> dict[tuple[int, bool], int]:
    """Return how many items the sample of each queue has, by whether they are flagged; answered or not."""
    with store.cursor() as cursor:
        rows = cursor.execute(_DRAWN, {"queue_no": queue_no}).fetchall()
    return {(number, is_flagged): count for number, is_flagged, count in rows}


def read_place_ratings(store: Store, judge: str) -> list[PlaceRating]:
    """Return what every model and prompt version of a judge says of the places that reviewers were shown."""
    with store.cursor() as cursor:
        rows = cursor.execute(_PLACES, {"judge": judge}).fetchall()
    return [PlaceRating._make(row) for row in rows]
