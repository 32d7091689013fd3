"""Items and verdicts written as the tables hold them, for statistics that need no desk."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from xlam_backend.domain.review import QueuePlan

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class ReviewRows:
    """Writes items and verdicts as the tables hold them."""

    def __init__(self, store):
        self.store = store
        self.verdicts = 0

    def queue(self, number, **plan):
        made = QueuePlan(**{"name": f"queue {number}", "kind": "finding", **plan})
        with self.store.write() as cursor:
            cursor.execute(
                "INSERT INTO queue VALUES (?, ?, ?, ?, 'rita', ?)",
                [number, made.name, made.kind, msgspec.json.encode(made).decode(), NOW.replace(tzinfo=None)],
            )

    def item(self, number, *, check="argument_type", gold="", repeats=0, **fields):
        row = {
            "item_no": number,
            "queue_no": 1,
            "place": number,
            "kind": "finding",
            "version_no": number,
            "trajectory_no": number,
            "finding_no": 0,
            "rating_no": 0,
            "pair_no": 0,
            "check_name": check,
            "step": 0,
            "call": 0,
            "pointer": "",
            "stratum": "all",
            "inclusion_probability": 1.0,
            "is_flagged": True,
            "gold": gold,
            "repeats": repeats,
            "is_removed": False,
        } | fields
        with self.store.write() as cursor:
            cursor.execute(
                f"INSERT INTO review_item BY NAME SELECT {', '.join(f'${name} AS {name}' for name in row)}",
                row,
            )

    def say(self, item_no, person, flag="", rating=None, *, preference="", seconds=4.0):
        self.verdicts += 1
        with self.store.write() as cursor:
            cursor.execute(
                "INSERT INTO verdict VALUES (?, ?, ?, 1, ?, '', ?, '', ?, ?, '', '{}', '', 0, ?, false, ?)",
                [
                    self.verdicts,
                    f"e{self.verdicts}",
                    item_no,
                    person,
                    flag,
                    rating,
                    preference,
                    seconds,
                    NOW.replace(tzinfo=None),
                ],
            )

    def decide(self, item_no, flag="", rating=None, *, preference=""):
        with self.store.write() as cursor:
            cursor.execute(
                "INSERT INTO adjudication VALUES (1, ?, 1, 'rita', ?, '', ?, ?, 'other', '', false, ?)",
                [item_no, flag, rating, preference, NOW.replace(tzinfo=None)],
            )
