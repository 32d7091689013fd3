"""Reads the pairs that count as rows of preference data: what mixtures, releases and exports take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.domain.pair import Pair
from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.preference.counting import JudgedPair, count_pairs
from xlam_backend.preference.selection import PairSelection
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.pairs import read_pairs
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories

_CHUNK = 500


def read_rows(store: Store, selection: PairSelection) -> Iterator[PreferenceRow]:
    """Yield the pairs that count under a selection, by number, a few hundred in memory at a time.

    Pairs that people turned round come with their sides exchanged.
    """
    counted = [pair for pair in count_pairs(store, selection).pairs if pair.outcome == "counts"]
    datasets = {each.dataset_no: (each.name, each.importer) for each in list_datasets(store)}
    for start in range(0, len(counted), _CHUNK):
        yield from _read(store, counted[start : start + _CHUNK], datasets)


def row_id(stored: StoredTrajectory, pair: Pair) -> str:
    """Return the id of a row: it depends on what the row says, not on this store."""
    said = (stored.content_id, pair.step, pair.chosen, pair.rejected)
    return content_hash(msgspec.json.encode(said))


def _read(
    store: Store, judged: Sequence[JudgedPair], datasets: dict[int, tuple[str, str]]
) -> Iterator[PreferenceRow]:
    pairs = read_pairs(store, [each.facts.pair_no for each in judged])
    version_nos = sorted({pair.version_no for pair in pairs})
    versions = dict(zip(version_nos, read_trajectories(store, version_nos), strict=True))
    for each, pair in zip(judged, pairs, strict=True):
        yield _row(each, pair, versions[pair.version_no], datasets)


def _row(
    judged: JudgedPair, pair: Pair, stored: StoredTrajectory, datasets: dict[int, tuple[str, str]]
) -> PreferenceRow:
    is_flipped = judged.standing == "flipped"
    if is_flipped:
        pair = msgspec.structs.replace(pair, chosen=pair.rejected, rejected=pair.chosen, reason="other")
    dataset, source = datasets.get(stored.dataset_no, ("", ""))
    return PreferenceRow(
        row_id=row_id(stored, pair),
        trajectory=stored.trajectory,
        step=pair.step,
        chosen=pair.chosen,
        rejected=pair.rejected,
        reason=pair.reason,
        margin=judged.margin,
        origin=pair.origin,
        standing=judged.standing,
        kind=judged.facts.kind,
        model=judged.facts.model,
        is_scripted=judged.facts.is_scripted,
        pair_no=pair.pair_no,
        trajectory_id=stored.trajectory_id,
        dataset=dataset,
        source=source,
    )
