"""The items of review queues: written once, read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlam_backend.domain.review import ReviewItem
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.dispositions import read_current_version

_COLUMNS = (
    "item_no, queue_no, place, kind, version_no, trajectory_no, finding_no, rating_no, pair_no, check_name, "
    "step, call, pointer, stratum, inclusion_probability, is_flagged, gold, repeats, is_removed"
)


class SpecialItems(NamedTuple):
    """The few items of a queue that are not like the others, by their item numbers."""

    gold: list[int]
    repeats: dict[int, int]  # item_no of the repeat -> item_no of its original
    removed: list[int]


class ItemWords(NamedTuple):
    """What a list says about an item beside its place."""

    trajectory_id: str
    version: int
    says: str
    is_changed: bool


def read_item(store: Store, item_no: int) -> ReviewItem:
    """Return one item, or raise NotFoundError."""
    with store.cursor() as cursor:  # read at every answer: this is planned in half the time of a list
        row = cursor.execute(f"SELECT {_COLUMNS} FROM review_item WHERE item_no = ?", [item_no]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no review item {item_no}.", "The Queues page lists the queues.")
    return ReviewItem(*row)


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


def read_rating_items(store: Store, version_no: int) -> list[ReviewItem]:
    """Return the items about ratings of a version, of all queues."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM review_item "
            "WHERE version_no = ? AND rating_no > 0 AND NOT is_removed ORDER BY item_no",
            [version_no],
        ).fetchall()
    return [ReviewItem(*row) for row in rows]


def read_item_words(store: Store, item: ReviewItem) -> ItemWords:
    """Return what an item's list entry says, or raise NotFoundError when its record was removed."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT trajectory_id, version FROM trajectory WHERE version_no = ?", [item.version_no]
        ).fetchall()
        says = cursor.execute(
            "SELECT message FROM finding WHERE finding_no = ? AND finding_no > 0", [item.finding_no]
        ).fetchall()
    if not rows:
        raise NotFoundError(f"The record of item {item.item_no} was removed.", "Go on with the next item.")
    trajectory_id, version = rows[0]
    return ItemWords(trajectory_id, version, says[0][0] if says else "", is_changed(store, item))


def is_changed(store: Store, item: ReviewItem) -> bool:
    """Tell whether another version of an item's trajectory counts by now."""
    return read_current_version(store, item.trajectory_no) != item.version_no


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
