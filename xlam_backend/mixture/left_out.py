"""Every row that a recipe leaves out, with its reason: as pages of a list, and as one file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

import msgspec
import numpy as np

from xlam_backend.access import require
from xlam_backend.domain.csv_cell import csv_cell
from xlam_backend.domain.person import Person
from xlam_backend.errors import UnknownNameError
from xlam_backend.mixture.draw import REASONS
from xlam_backend.mixture.preview import Mixture, mix
from xlam_backend.mixture.recipe import Recipe
from xlam_backend.store.audit import write_audit
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.left_out_rows import read_row_words

PAGE_SIZE = 25
_CHUNK_ROWS = 10_000
_HEADS = ("trajectory_id", "source", "dataset", "reason", "query")


class LeftOutRow(msgspec.Struct, frozen=True):
    """A row that is not in the mixture: the source that it matches, and why it is not in."""

    trajectory_id: str
    source: str
    dataset: str
    reason: str
    query: str


class LeftOutPage(msgspec.Struct, frozen=True):
    """Some rows, and how many there are in all."""

    rows: tuple[LeftOutRow, ...]
    total: int


def list_left_out(
    store: Store, recipe: Recipe, *, reason: str = "", first: int = 0, count: int = PAGE_SIZE
) -> LeftOutPage:
    """Return rows that a recipe leaves out, for one reason or any, in the order of their numbers.

    Raises:
        UnknownNameError: there is no such reason.
    """
    mixture = mix(store, recipe)
    places = _places(mixture, reason)
    return LeftOutPage(tuple(_rows(store, mixture, places[first : first + count])), len(places))


def render_left_out(
    store: Store, recipe: Recipe, *, person: Person, now: datetime, reason: str = ""
) -> bytes:
    """Return every row that a recipe leaves out as CSV.

    Raises:
        AccessDeniedError: the person may not export.
    """
    require(person, "export")
    mixture = mix(store, recipe)
    places = _places(mixture, reason)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(_HEADS)
    for start in range(0, len(places), _CHUNK_ROWS):
        for row in _rows(store, mixture, places[start : start + _CHUNK_ROWS]):
            writer.writerow([csv_cell(text) for text in msgspec.structs.astuple(row)])
    with store.write() as cursor:
        detail = {"rows": len(places), "reason": reason}
        write_audit(cursor, store, person, "export", f"left out by {recipe.name}", detail, now=now)
    return target.getvalue().encode("utf-8", "backslashreplace")


def _places(mixture: Mixture, reason: str) -> Integers:
    """Return the places in the draw of the rows that are left out, rising by number."""
    told = mixture.drawn.reason
    if not reason:
        return np.flatnonzero(told)
    if reason not in REASONS[1:]:
        raise UnknownNameError("reason", reason, REASONS[1:])
    return np.flatnonzero(told == REASONS.index(reason))


def _rows(store: Store, mixture: Mixture, places: Integers) -> Iterator[LeftOutRow]:
    numbers = mixture.pool.columns.version_no[mixture.drawn.row[places]].tolist()
    words = read_row_words(store, numbers)
    for place, number in zip(places.tolist(), numbers):
        if number in words:  # it may have left the store a moment ago
            said = words[number]
            source = mixture.recipe.sources[int(mixture.drawn.source[place])].name
            reason = REASONS[int(mixture.drawn.reason[place])]
            yield LeftOutRow(said.trajectory_id, source, said.dataset, reason, said.query)
