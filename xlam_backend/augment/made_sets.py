"""The datasets that were made from others: what each holds, what could not be made, and how to remove one."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import UnknownNameError
from xlam_backend.store.connection import Store
from xlam_backend.store.derivations import DerivedDataset, list_derived_datasets
from xlam_backend.store.derivations import Instruction as Instruction
from xlam_backend.store.derivations import read_instructions as read_instructions
from xlam_backend.store.rejects import RejectGroup, count_rejects
from xlam_backend.store.removal import Removal, preview_removal, remove_dataset


class MadeSet(msgspec.Struct, frozen=True):
    """A dataset of what was made, with the reasons why something could not be."""

    dataset: DerivedDataset
    not_made: tuple[RejectGroup, ...]

    @property
    def not_made_count(self) -> int:
        """How many trajectories gave nothing, or not all that was asked for."""
        return sum(group.record_count for group in self.not_made)


def list_made_sets(store: Store) -> list[MadeSet]:
    """Return the datasets that were made from others, the newest first."""
    groups = count_rejects(store)
    return [
        MadeSet(one, tuple(group for group in groups if group.dataset == one.name))
        for one in list_derived_datasets(store)
    ]


def preview_made_removal(store: Store, name: str) -> Removal:
    """Return what `remove_made_set` would take away.

    Raises:
        UnknownNameError: no dataset of this name was made from others.
    """
    return preview_removal(store, _made_dataset_no(store, name))


def remove_made_set(store: Store, name: str, *, person: Person, now: datetime) -> Removal:
    """Take what was made out of the store again; what it was made from is not touched.

    Raises:
        UnknownNameError: no dataset of this name was made from others.
        AccessDeniedError: the person may not remove data.
    """
    require(person, "remove data")
    return remove_dataset(store, _made_dataset_no(store, name), person=person, now=now)


def _made_dataset_no(store: Store, name: str) -> int:
    known = {one.name: one.dataset_no for one in list_derived_datasets(store)}
    if name not in known:
        raise UnknownNameError("dataset made from others", name, known)
    return known[name]
