"""What people write beside items and trajectories: rows that are only ever added."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.store.connection import Cursor, Store, utc_timestamp


class Comment(msgspec.Struct, frozen=True):
    """A remark of one person on an item (`item_no` 0: on the trajectory itself)."""

    comment_no: int
    item_no: int
    trajectory_no: int
    person: str
    words: str
    written_at: datetime


def write_comment(
    cursor: Cursor, store: Store, *, item_no: int, trajectory_no: int, person: str, words: str, now: datetime
) -> Comment:
    """Add a comment and return it as stored."""
    comment = Comment(
        store.numbers.reserve("comment"), item_no, trajectory_no, person, words, utc_timestamp(now)
    )
    cursor.execute(
        "INSERT INTO review_comment VALUES (?, ?, ?, ?, ?, ?)", list(msgspec.structs.astuple(comment))
    )
    return comment


def read_trajectory_comments(store: Store, trajectory_no: int) -> list[Comment]:
    """Return every comment on a trajectory and its items, the oldest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT comment_no, item_no, trajectory_no, person, words, written_at FROM review_comment "
            "WHERE trajectory_no = ? ORDER BY comment_no",
            [trajectory_no],
        ).fetchall()
    return [Comment(*row) for row in rows]
