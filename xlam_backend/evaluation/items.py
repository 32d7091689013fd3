"""Items of an evaluation, page by page, for whoever may not read the store itself."""

from __future__ import annotations

from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import ItemPage, ItemSelection, read_items

__all__ = ["ItemPage", "ItemSelection", "list_items"]


def list_items(
    store: Store, evaluation_no: int, selection: ItemSelection, *, offset: int, limit: int
) -> ItemPage:
    """Return a page of the items that are selected, in the order of the question set."""
    return read_items(store, evaluation_no, selection, offset=offset, limit=limit)
