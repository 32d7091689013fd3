"""Preference data in the store: what is known of each pair, and the pairs made by planting errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec
import pyarrow as pa

from xlam_backend.domain.corruption import CorruptedPair, Corruption, CorruptionKind
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.pair import PairOrigin
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import Preference
from xlam_backend.errors import NotFoundError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.columns import text_column
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.pairs import without_known, write_pairs
from xlam_backend.store.search import Parameters, match_condition

_COLUMNS = "pair_no, run_id, version_no, kind, call, pointer, words, flagged_by, finding_count, seed"
_OF_CORRUPTION = ("kind", "call", "pointer", "words", "flagged_by", "finding_count", "seed")

Answered = Literal["nobody", "some", "settled"]


class PairFacts(NamedTuple):
    """All that decides whether a pair counts, without its sides.

    `answered`: whether nobody has answered it, some have (or they disagree), or it is settled; then
    `preference` and `is_dropped` say how, by the newest decision. `shown_by` is the check that flags
    the rejected side, "" when none does. `is_contaminated`: the trajectory, or one it was made of, stands
    in an evaluation set or resembles one. `own_finding_count` and `finding_count` are the findings of
    level reject or fix that the chosen side has today, and the rejected one had.
    """

    pair_no: int
    version_no: int
    trajectory_no: int
    step: int
    origin: PairOrigin
    kind: str
    reason: str
    margin: float | None
    is_equal: bool
    is_current: bool
    is_trajectory_dropped: bool
    is_contaminated: bool
    model: str
    is_scripted: bool
    shown_by: str
    own_finding_count: int
    finding_count: int
    answered: Answered
    preference: Preference
    is_dropped: bool


# What a rule says of the own step is counted once for each step that some pair is about.
_FACTS = """
WITH RECURSIVE wanted AS (SELECT * FROM pair AS p WHERE {condition}),
contaminated AS (
    (SELECT trajectory_no FROM current_contamination
    UNION SELECT trajectory_no FROM membership SEMI JOIN evaluation_dataset USING (dataset_no))
    UNION SELECT d.trajectory_no FROM derivation AS d JOIN contaminated AS c ON d.parent_no = c.trajectory_no
),
decided AS (
    SELECT pair_no, arg_max(preference, decided_at) AS preference,
        arg_max(disposition, decided_at) AS disposition
    FROM item_decision WHERE pair_no > 0 GROUP BY pair_no
),
answered AS (
    SELECT DISTINCT i.pair_no FROM review_item AS i JOIN current_verdict AS v ON i.item_no = v.item_no
    WHERE i.pair_no > 0 AND i.gold = '' AND i.repeats = 0 AND NOT i.is_removed
),
own AS (
    SELECT f.version_no, f.step, count(*) AS found FROM current_finding AS f
    SEMI JOIN wanted AS w ON f.version_no = w.version_no AND f.step = w.step
    WHERE f.level IN ('reject', 'fix') GROUP BY ALL
)
SELECT p.pair_no, p.version_no, p.trajectory_no, p.step, p.origin, coalesce(k.kind, ''), p.reason, p.margin,
    p.is_equal, s.version_no IS NULL, coalesce(r.state, '') = 'drop',
    p.trajectory_no IN (SELECT trajectory_no FROM contaminated),
    coalesce(c.model, ''), coalesce(c.is_scripted, false), coalesce(k.flagged_by, c.flagged_by, ''),
    coalesce(own.found, 0),
    coalesce(k.finding_count, len(list_filter(
        from_json(c.findings, '[{{"level": "VARCHAR"}}]'), lambda x: x.level IN ('reject', 'fix')
    )), 0),
    CASE WHEN coalesce(d.preference, '') <> '' THEN 'settled'
        WHEN a.pair_no IS NOT NULL OR d.pair_no IS NOT NULL THEN 'some' ELSE 'nobody' END,
    coalesce(d.preference, ''), coalesce(d.disposition, '') = 'drop'
FROM wanted AS p
LEFT JOIN candidate AS c ON p.candidate_no = c.candidate_no AND p.candidate_no > 0
LEFT JOIN corruption AS k ON p.pair_no = k.pair_no
LEFT JOIN superseded AS s ON p.version_no = s.version_no
LEFT JOIN current_disposition AS r ON p.trajectory_no = r.trajectory_no
LEFT JOIN decided AS d ON p.pair_no = d.pair_no
LEFT JOIN answered AS a ON p.pair_no = a.pair_no
LEFT JOIN own ON p.version_no = own.version_no AND p.step = own.step
ORDER BY p.pair_no
"""

_RUNS = """
SELECT k.run_id, min(p.made_at), any_value(k.seed), count(*),
    count(*) FILTER (EXISTS (FROM review_item AS i WHERE i.pair_no = k.pair_no AND NOT i.is_removed)),
    map_from_entries(list(DISTINCT (k.kind, n.hits)))
FROM corruption AS k JOIN pair AS p ON k.pair_no = p.pair_no
JOIN (SELECT run_id, kind, count(*) AS hits FROM corruption GROUP BY ALL) AS n
    ON k.run_id = n.run_id AND k.kind = n.kind
GROUP BY k.run_id ORDER BY 2 DESC, 1
"""


class CorruptionRun(msgspec.Struct, frozen=True):
    """The pairs that one run has planted errors for, and how many of them stand in review queues."""

    run_id: str
    made_at: datetime
    seed: int
    pair_count: int
    queued_count: int
    kinds: dict[CorruptionKind, int]


def read_facts(store: Store, filters: Filters | None = None) -> list[PairFacts]:
    """Return what is known of each pair, by number; of those whose current version matches the filters."""
    condition = "true"
    values: Parameters = {}
    if filters is not None and not filters.is_empty:
        matching, values = match_condition(filters)
        condition = (
            "p.version_no IN (SELECT t.version_no FROM current_trajectory AS t "
            f"JOIN dataset AS d USING (dataset_no) WHERE {matching})"
        )
    with store.cursor() as cursor:
        rows = cursor.execute(_FACTS.format(condition=condition), values).fetchall()
    return [PairFacts._make(row) for row in rows]


def has_pairs(store: Store) -> bool:
    """Tell whether the store holds any pair at all."""
    with store.cursor() as cursor:
        return bool(cursor.execute("SELECT 1 FROM pair LIMIT 1").fetchall())


def read_corruption(store: Store, pair_no: int) -> Corruption | None:
    """Return the error that was planted for a pair, None when none was."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {', '.join(_OF_CORRUPTION)} FROM corruption WHERE pair_no = ?", [pair_no]
        ).fetchall()
    return Corruption(*rows[0]) if rows else None


def write_corruptions(cursor: Cursor, store: Store, run_id: str, made: Sequence[CorruptedPair]) -> int:
    """Add pairs that errors were planted for; returns how many are new.

    What is a pair already, with equal rejected calls, is not written a second time.
    """
    new = {id(pair) for pair in without_known(cursor, [each.pair for each in made])}
    kept = [each for each in made if id(each.pair) in new]
    if not kept:
        return 0
    first_no = write_pairs(cursor, store, [each.pair for each in kept])
    corruptions = [each.corruption for each in kept]
    texts = {
        name: text_column([getattr(each, name) for each in corruptions])
        for name in ("kind", "pointer", "words", "flagged_by")
    }
    table = pa.table(
        {
            "pair_no": pa.array(range(first_no, first_no + len(kept)), pa.int64()),
            "run_id": text_column([run_id] * len(kept)),
            "version_no": pa.array([each.pair.version_no for each in kept], pa.int64()),
            **texts,
            "call": pa.array([each.call for each in corruptions], pa.int32()),
            "finding_count": pa.array([each.finding_count for each in corruptions], pa.int32()),
            "seed": pa.array([each.seed for each in corruptions], pa.int64()),
        }
    )
    insert_rows(cursor, f"INSERT INTO corruption ({_COLUMNS}) SELECT {_COLUMNS} FROM added", table)
    return len(kept)


def list_corruption_runs(store: Store) -> list[CorruptionRun]:
    """Return the runs whose planted errors stand in the store, the newest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(_RUNS).fetchall()
    return [CorruptionRun(*row) for row in rows]


def remove_corruptions(store: Store, run_id: str, *, person: Person, now: datetime) -> int:
    """Take back all pairs that one run has planted errors for; returns how many.

    Items of review queues that showed them are taken out; what people answered stays on record. The
    caller has made sure that the person may do this.

    Raises:
        NotFoundError: the store holds no pair of this run.
    """
    with store.write() as cursor:
        rows = cursor.execute("SELECT pair_no FROM corruption WHERE run_id = ?", [run_id]).fetchall()
        if not rows:
            raise NotFoundError(
                f"No pairs of the run {run_id!r} are in the store.",
                "`preferences stats` and the page Preference pairs name those that are.",
            )
        store.numbers.keep_used(cursor)
        named: list[Any] = [run_id]
        chosen = "(SELECT pair_no FROM corruption WHERE run_id = ?)"
        cursor.execute(f"UPDATE review_item SET is_removed = true WHERE pair_no IN {chosen}", named)
        cursor.execute(f"DELETE FROM pair WHERE pair_no IN {chosen}", named)
        cursor.execute("DELETE FROM corruption WHERE run_id = ?", named)
        detail = {"pairs": len(rows)}
        write_audit(cursor, store, person, "run", f"planted errors of run {run_id}", detail, now=now)
    store.removal_count += 1
    return len(rows)
