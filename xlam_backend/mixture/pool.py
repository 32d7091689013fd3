"""What a mixture may be drawn from: the rows of the store, and what stands against each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from xlam_backend.domain.licence import Licence, licence_key, standing_of
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.mixture_rows import (
    Labels,
    MadeOf,
    Marks,
    NearUnits,
    RowColumns,
    measure_rows,
    read_categories,
    read_dataset_licences,
    read_formats,
    read_licence_terms,
    read_made_of,
    read_marks,
    read_near_units,
    read_row_columns,
    read_row_licences,
)

# Tokens are estimated so wherever no tokenizer is at hand.
BYTES_PER_TOKEN = 3.5
TOKEN_RULE = (
    f"an estimate: one token for every {BYTES_PER_TOKEN:g} bytes of tools, texts, calls and observations"
)


class Pool(NamedTuple):
    """The rows of a store as columns.

    licence_place  for each row its licence, as a place in `licences`
    names          the datasets' names by number
    """

    columns: RowColumns
    marks: Marks
    formats: Labels
    categories: Labels
    units: NearUnits
    licences: tuple[Licence, ...]
    licence_place: Integers
    names: Mapping[int, str]

    @property
    def row_count(self) -> int:
        """How many versions there are in all."""
        return len(self.columns.version_no)


_LOCK = threading.Lock()
_KEPT: OrderedDict[tuple[str, int], Pool] = OrderedDict()


def read_pool(store: Store) -> Pool:
    """Return the pool of a store, from memory when the store has not changed since."""
    measure_rows(store)
    key = (str(store.folder), store.revision)
    with _LOCK:
        if key in _KEPT:
            return _KEPT[key]
    pool = _read(store)
    with _LOCK:
        _KEPT.clear()  # one store at a time: a million rows take a hundred megabytes
        _KEPT[key] = pool
    return pool


def forget() -> None:
    """Forget what is kept in memory: the next pool is read anew."""
    with _LOCK:
        _KEPT.clear()


def estimate_tokens(columns: RowColumns) -> Integers:
    """Return the estimate of each row's tokens."""
    total = columns.text_length.astype(np.int64) + columns.tools_length
    return np.ceil(total / BYTES_PER_TOKEN).astype(np.int64)


def label_places(labels: Labels, trajectory_no: Integers) -> Integers:
    """Return for each trajectory its place in the labels, -1 where it has none."""
    if not len(labels.trajectory_no):
        return np.full(len(trajectory_no), -1)
    places = np.searchsorted(labels.trajectory_no, trajectory_no)
    places = np.minimum(places, len(labels.trajectory_no) - 1)
    return np.where(labels.trajectory_no[places] == trajectory_no, places, -1)


def _read(store: Store) -> Pool:
    columns = read_row_columns(store)
    datasets = read_dataset_licences(store)
    own = read_row_licences(store)
    said = read_licence_terms(store)
    keys = sorted({licence_key(text) for text in (*own.texts, *(one.licence for one in datasets))})
    place_of = {key: place for place, key in enumerate(keys)}
    by_dataset = np.zeros(max((one.dataset_no for one in datasets), default=0) + 1, np.int64)
    for one in datasets:
        by_dataset[one.dataset_no] = place_of[licence_key(one.licence)]
    place = by_dataset[columns.dataset_no]
    found = label_places(own, columns.trajectory_no)
    if own.texts:
        of_own = np.array([place_of[licence_key(text)] for text in own.texts])
        place = np.where(found >= 0, of_own[found], place)
    place = np.where(found < 0, _of_origin(place, columns.trajectory_no, read_made_of(store)), place)
    return Pool(
        columns=columns,
        marks=read_marks(store),
        formats=read_formats(store),
        categories=read_categories(store),
        units=read_near_units(store),
        licences=tuple(standing_of(key, said) for key in keys),
        licence_place=place,
        names={one.dataset_no: one.name for one in datasets},
    )


def _of_origin(place: Integers, trajectory_no: Integers, made: MadeOf) -> Integers:
    """Return for each row the licence of the trajectory it was made of in the end, where that is at hand.

    The dataset of what was made states the licences as they were then; people may have corrected them since.
    """
    order = np.lexsort((made.parent_no, made.trajectory_no))
    children, first = np.unique(made.trajectory_no[order], return_index=True)
    if not len(children):
        return place
    origins = made.parent_no[order][first]  # numbers rise with time: the lowest was there before all others
    at = np.minimum(np.searchsorted(children, trajectory_no), len(children) - 1)
    origin = np.where(children[at] == trajectory_no, origins[at], trajectory_no)
    known, row = np.unique(trajectory_no, return_index=True)
    at = np.minimum(np.searchsorted(known, origin), len(known) - 1)
    return np.where(known[at] == origin, place[row[at]], place)
