"""The items of review queues: written once, read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from xlam_backend.domain.review import ReviewItem
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store

_COLUMNS = (
    "item_no, queue_no, place, kind, version_no, trajectory_no, finding_no, rating_no, pair_no, check_name, "
    "step, call, pointer, stratum, inclusion_probability, is_flagged, gold, repeats, is_removed"
)


class SpecialItems(NamedTuple):
    """The few items of a queue that are not like the others, by their item numbers."""

    gold: list[int]
    repeats: dict[int, int]  # item_no of the repeat -> item_no of its original
    removed: list[int]


def read_item(store: Store, item_no: int) -> ReviewItem:
    """Return one item, or raise NotFoundError."""
    found = read_items(store, [item_no])
    if not found:
        raise NotFoundError(f"There is no review item {item_no}.", "The Queues page lists the queues.")
    return found[0]


def read_items(store: Store, item_nos: Sequence[int]) -> list[ReviewItem]:
    """Return these items in the order asked for; one that does not exist is left out."""
    if not item_nos:
        return []
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM review_item WHERE item_no BETWEEN $first AND $last "
            "AND item_no IN (SELECT unnest($numbers))",
            {"first": min(item_nos), "last": max(item_nos), "numbers": list(item_nos)},
        ).fetchall()
    by_number = {row[0]: ReviewItem(*row) for row in rows}
    return [by_number[number] for number in item_nos if number in by_number]


def read_special_items(cursor: Cursor, queue_no: int) -> SpecialItems:
    """Return the gold items, repeats and removed items of a queue."""
    rows = cursor.execute(
        "SELECT item_no, gold <> '', repeats, is_removed FROM review_item "
        "WHERE queue_no = ? AND (gold <> '' OR repeats > 0 OR is_removed)",
        [queue_no],
    ).fetchall()
    return SpecialItems(
        [number for number, is_gold, _, _ in rows if is_gold],
        {number: repeats for number, _, repeats, _ in rows if repeats},
        [number for number, _, _, is_removed in rows if is_removed],
    )


def write_items(cursor: Cursor, items: Sequence[ReviewItem]) -> None:
    """Add items one by one: for the few that are made by hand; a draw is written by `write_draw`."""
    for item in items:
        values: list[Any] = list(msgspec.structs.astuple(item))
        cursor.execute(f"INSERT INTO review_item VALUES ({', '.join('?' * len(values))})", values)
