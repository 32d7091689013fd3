"""What people do with evaluation sets: mark them, look at what searches found, take a search back."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import UnknownNameError
from xlam_backend.store import contamination
from xlam_backend.store.connection import Store
from xlam_backend.store.contamination import (
    EvaluationSet,
    MatchedPair,
    MatchedPairs,
    SearchResult,
    count_contaminated,
    find_matches,
    list_evaluation_sets,
    read_results,
)

__all__ = [
    "EvaluationSet",
    "MatchedPair",
    "MatchedPairs",
    "SearchResult",
    "count_contaminated",
    "find_matches",
    "list_evaluation_sets",
    "mark",
    "read_results",
    "set_by_name",
    "undo",
]


def mark(store: Store, dataset_no: int, *, is_evaluation: bool, person: Person, now: datetime) -> None:
    """Mark a dataset as an evaluation set, or take the mark back: then its matches count no more.

    Raises:
        AccessDeniedError: the person may not do this.
        NotFoundError: there is no such dataset.
    """
    require(person, "curate")
    contamination.mark_dataset(store, dataset_no, is_evaluation=is_evaluation, person=person, now=now)


def undo(store: Store, search_no: int, *, person: Person, now: datetime) -> str:
    """Take back what a search found, with its findings; returns the name of its evaluation set.

    Raises:
        AccessDeniedError: the person may not do this.
        NotFoundError: no search that counts has this number.
    """
    require(person, "curate")
    return contamination.undo_search(store, search_no, person=person, now=now)


def set_by_name(store: Store, name: str) -> EvaluationSet:
    """Return the dataset of a name.

    Raises:
        UnknownNameError: there is none.
    """
    sets = list_evaluation_sets(store)
    for each in sets:
        if each.dataset == name:
            return each
    raise UnknownNameError("dataset", name, (each.dataset for each in sets))
