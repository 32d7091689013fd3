"""What was decided about trajectories and pairs, as the views of the review tables have it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from xlam_backend.domain.review import Disposition, Flag, ItemKind, Preference
from xlam_backend.store.connection import Store

DispositionState = Literal["", "keep", "fix", "fixed", "drop"]


class ItemDecision(NamedTuple):
    """The answer of an item that is settled, by the last word or because its reviewers agree."""

    item_no: int
    queue_no: int
    kind: ItemKind
    version_no: int
    trajectory_no: int
    finding_no: int
    rating_no: int
    pair_no: int
    check: str
    flag: Flag
    disposition: Disposition
    rating: int | None
    preference: Preference
    decided_by: Literal["agreement", "adjudication"]
    decided_at: datetime


_DECISIONS = """
SELECT item_no, queue_no, kind, version_no, trajectory_no, finding_no, rating_no, pair_no, check_name, flag,
    disposition, rating, preference, decided_by, decided_at FROM item_decision
"""


def read_decisions_about(store: Store, trajectory_no: int) -> list[ItemDecision]:
    """Return what was decided about a trajectory, all its versions and pairs, the first item first."""
    with store.cursor() as cursor:
        items = cursor.execute(
            "SELECT item_no FROM review_item WHERE trajectory_no = ?", [trajectory_no]
        ).fetchall()
    numbers = [number for (number,) in items]
    if not numbers:
        return []
    # Numbers that stand in the statement are looked up; through a join every verdict would be read.
    return _read(store, f"WHERE item_no IN ({', '.join('?' * len(numbers))}) ORDER BY item_no", numbers)


def read_decisions_of_queue(store: Store, queue_no: int) -> list[ItemDecision]:
    """Return the settled items of one queue, or (0) of all."""
    return _read(store, "WHERE ? = 0 OR queue_no = ? ORDER BY item_no", [queue_no, queue_no])


def read_current_version(store: Store, trajectory_no: int) -> int:
    """Return the version of a trajectory that counts today."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT to_version_no FROM head_change WHERE trajectory_no = ? ORDER BY act_no DESC LIMIT 1",
            [trajectory_no],
        ).fetchall()
    return rows[0][0] if rows else trajectory_no


def count_states(store: Store) -> dict[DispositionState, int]:
    """Return how many trajectories stand in each state."""
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT state, count(*) FROM current_disposition GROUP BY state").fetchall()
    return dict(rows)


def _read(store: Store, condition: str, values: list[int]) -> list[ItemDecision]:
    with store.cursor() as cursor:
        rows = cursor.execute(f"{_DECISIONS} {condition}", values).fetchall()
    return [ItemDecision._make(row) for row in rows]
