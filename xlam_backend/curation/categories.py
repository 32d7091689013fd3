"""What people do with categories: look at them, rename them, put one into another."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.category import LONGEST_NAME
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError
from xlam_backend.store import categories
from xlam_backend.store.categories import CategoryCount, CategoryExample, Scheme, read_examples, read_scheme
from xlam_backend.store.connection import Store

__all__ = ["CategoryCount", "CategoryExample", "Scheme", "merge", "read_examples", "read_scheme", "rename"]


def rename(store: Store, category_no: int, name: str, *, person: Person, now: datetime) -> None:
    """Give a category another name.

    Raises:
        AccessDeniedError: the person may not do this.
        InputError: the name is empty or too long.
        NotFoundError: there is no such category today.
    """
    require(person, "curate")
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > LONGEST_NAME:
        raise InputError(f"A name has 1 to {LONGEST_NAME} characters, this has {len(cleaned)}.")
    categories.write_name(store, category_no, cleaned, person=person, now=now)


def merge(store: Store, category_no: int, into_no: int, *, person: Person, now: datetime) -> None:
    """Make a category a part of another; into itself, it stands alone again.

    Raises:
        AccessDeniedError: the person may not do this.
        InputError: the other one is a part of a category itself.
        NotFoundError: there is no such category today.
    """
    require(person, "curate")
    categories.write_merge(store, category_no, into_no, person=person, now=now)
