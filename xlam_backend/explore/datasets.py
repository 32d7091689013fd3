"""The datasets of the store, their files, and what removing one would take away."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import DatasetFile as DatasetFile
from xlam_backend.store.dataset_list import DatasetSummary as DatasetSummary
from xlam_backend.store.dataset_list import list_dataset_files as list_dataset_files
from xlam_backend.store.dataset_list import list_datasets as list_datasets
from xlam_backend.store.removal import Removal as Removal
from xlam_backend.store.removal import preview_removal as preview_removal
from xlam_backend.store.removal import remove_dataset as _remove_dataset


def remove_dataset(store: Store, dataset_no: int, *, person: Person, now: datetime) -> Removal:
    """Remove a dataset with everything that only it holds; returns what went.

    Raises:
        AccessDeniedError: the person may not remove data.
        NotFoundError: there is no such dataset.
        StoreBusyError: an import is running.
    """
    require(person, "remove data")
    return _remove_dataset(store, dataset_no, person=person, now=now)
