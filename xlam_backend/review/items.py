"""One item as a list or a command shows it: where it stands, what is said of it, whether it was changed."""

from __future__ import annotations

import msgspec

from xlam_backend.domain.review import ItemKind, ReviewItem
from xlam_backend.store.connection import Store
from xlam_backend.store.review_items import read_item, read_item_words


class OpenItem(msgspec.Struct, frozen=True):
    """An item as whoever answers it may see it: neither gold nor repeat nor stratum, and no judge's word.

    `says` is what the check found ("" for ratings and pairs). `is_changed`: the trajectory has another
    version by now; the item is about the one it was drawn from.
    """

    item_no: int
    queue_no: int
    kind: ItemKind
    check: str
    trajectory_id: str
    version: int
    step: int
    call: int
    pointer: str
    says: str
    is_changed: bool


def open_item(store: Store, item_no: int) -> OpenItem:
    """Return one item for whoever answers it; NotFoundError when it is not there any more."""
    item: ReviewItem = read_item(store, item_no)
    words = read_item_words(store, item)
    return OpenItem(
        item.item_no,
        item.queue_no,
        item.kind,
        item.check,
        words.trajectory_id,
        words.version,
        item.step,
        item.call,
        item.pointer,
        words.says,
        words.is_changed,
    )
