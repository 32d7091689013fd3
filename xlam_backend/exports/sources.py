"""Where the rows of an export come from: a view of the store, a release, or preference pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
import numpy as np

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.exports.base import ExportRow
from xlam_backend.exports.facts import SourceFacts, facts_of_pairs, facts_of_release, facts_of_view
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.preference.rows import read_rows as read_pair_rows
from xlam_backend.preference.selection import PairSelection
from xlam_backend.releases.keeping import find_whole_release
from xlam_backend.releases.reading import read_rows as read_release_rows
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.derivations import read_tellings
from xlam_backend.store.lineage import SourcePlace, read_source_places
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.stored_chunk import StoredChunk, StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

CHUNK_ROWS = 2_000


class RowSource(msgspec.Struct, frozen=True):
    """Rows, how many there are at most (None: nobody has counted them), and what a card says of them."""

    rows: Callable[[], Iterator[ExportRow]]
    facts: Callable[[], SourceFacts]
    total: int | None = None


class Beside(msgspec.Struct, frozen=True):
    """What stands beside the trajectories of a chunk: the order, places, tellings, licences of datasets."""

    version_nos: tuple[int, ...]
    places: dict[int, SourcePlace]
    tellings: dict[int, Telling]
    licences: dict[str, str]
    dataset: str = ""


def source_of(store: Store, plan: ExportPlan) -> RowSource:
    """Return where the rows of a plan come from."""
    if plan.origin == "release":
        release = find_whole_release(store.folder, plan.release)
        return RowSource(
            lambda: read_release_rows(release.folder),
            lambda: facts_of_release(release),
            release.manifest.row_count,
        )
    if plan.origin == "pairs":
        return _pairs(store, plan.pairs)
    return _view(store, plan.filters)


def _pairs(store: Store, selection: PairSelection) -> RowSource:
    return RowSource(lambda: read_pair_rows(store, selection), lambda: facts_of_pairs(store, selection))


def _view(store: Store, filters: Filters) -> RowSource:
    numbers = find_all_numbers(store, filters)
    return RowSource(
        lambda: _view_rows(store, numbers, filters.dataset),
        lambda: facts_of_view(store, filters, numbers),
        len(numbers),
    )


def _view_rows(store: Store, numbers: Integers, dataset: str) -> Iterator[ExportRow]:
    tools: dict[int, Tool] = {}
    for chunk, beside in view_chunks(store, numbers, dataset):
        yield from rows_of_chunk(chunk, beside, tools)


def view_chunks(store: Store, numbers: Integers, dataset: str) -> Iterator[tuple[StoredChunk, Beside]]:
    """Yield these versions a chunk at a time, with what stands beside them."""
    for start in range(0, len(numbers), CHUNK_ROWS):
        wanted = numbers[start : start + CHUNK_ROWS]
        chunk = next(iter_stored_chunks(store, wanted, chunk_rows=CHUNK_ROWS))
        yield chunk, _read_beside(store, chunk, wanted, dataset)


def _read_beside(store: Store, chunk: StoredChunk, wanted: Integers, dataset: str) -> Beside:
    trajectory_nos = chunk.trajectories["trajectory_no"].combine_chunks().to_numpy()
    with store.cursor() as cursor:
        tellings = read_tellings(cursor, trajectory_nos.tolist())
    return Beside(
        tuple(wanted.tolist()),
        read_source_places(store, np.asarray(trajectory_nos, np.int64), dataset),
        tellings,
        {each.name: each.licence for each in list_datasets(store)},
        dataset,
    )


def rows_of_chunk(chunk: StoredChunk, beside: Beside, tools: dict[int, Tool]) -> Iterator[ExportRow]:
    """Yield the rows of a chunk in the order asked for; what is new of its tools is added to `tools`."""
    found = {stored.version_no: stored for stored in decode_chunk(chunk, tools)}
    for number in beside.version_nos:
        yield _row(found[number], beside)


def _row(stored: StoredTrajectory, beside: Beside) -> TrainingRow:
    place = beside.places.get(stored.trajectory_no)
    dataset = place.dataset if place else ""
    telling = beside.tellings.get(stored.trajectory_no)
    return TrainingRow(
        row_id=_unique_id(stored, place, beside.dataset),
        trajectory=stored.trajectory,
        telling=telling,
        source="",
        dataset=dataset,
        category="",
        format_name=telling.format_name if telling else "",
        lineage=(),
        trajectory_id=stored.trajectory_id,
        licence=_licence(beside.licences, dataset),
    )


def _licence(licences: Mapping[str, str], dataset: str) -> str:
    return licences.get(dataset, "")


def _unique_id(stored: StoredTrajectory, place: SourcePlace | None, dataset: str) -> str:
    """Return the source's own id, with the dataset in front unless the view is one dataset."""
    if place is None or not place.source_id:
        return stored.trajectory_id
    return place.source_id if dataset else f"{place.dataset}/{place.source_id}"
