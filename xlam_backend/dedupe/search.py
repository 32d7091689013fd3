"""The search itself: from rows and their vectors to links, pairs, counts and a map. No store, no model.

Rows that make the same calls are compared with each other down to a low similarity: they are few, and only
they can be duplicates. Beyond that all texts are compared with all others, for what is worth knowing: the
same query with other arguments, or alike words that call other tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from xlam_backend.dedupe.collectors import LinkCollector, NearestCollector, UnitPairs, count_bands
from xlam_backend.dedupe.similar_pairs import (
    SimilarPairs,
    TellProgress,
    Vectors,
    find_similar_pairs,
    map_coordinates,
)
from xlam_backend.dedupe.units import Units
from xlam_backend.domain.near_duplicate import Agreement, SearchSettings
from xlam_backend.store.columns import Integers
from xlam_backend.store.near_duplicates import SearchTables

_NEAREST: dict[Agreement, int] = {"same calls": 5, "same tools": 2, "other tools": 1}
_MOST_UNITS = 20  # of one text are laid beside those of another for what is no duplicate


class TextVectors(NamedTuple):
    """A vector for each text, and which texts the model read only in part."""

    vectors: Vectors
    was_cut: Integers


def search_units(
    units: Units,
    texts: TextVectors,
    settings: SearchSettings,
    *,
    folder: Path | None = None,
    progress: TellProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SearchTables:
    """Return what there is to know about near-duplicates; the same for the same rows in any order."""
    found = _Found(units, texts)
    for pairs in _same_calls(units, texts, settings):
        found.add("same calls", pairs)
    similar = find_similar_pairs(
        texts.vectors, settings.lowest_other_calls, folder=folder, progress=progress, should_stop=should_stop
    )
    spread = _Spread(units)
    found.add_others(spread.within_texts())
    for block in similar:
        found.add_others(spread.across_texts(block))
    return found.tables()


class _Found:
    """Takes pairs in, and makes the tables of them."""

    def __init__(self, units: Units, texts: TextVectors) -> None:
        self._units, self._texts = units, texts
        count = len(units.text_of)
        self._links = LinkCollector(count)
        self._nearest = {name: NearestCollector(count, most) for name, most in _NEAREST.items()}
        self._bands = {name: np.zeros((2, 101), np.int64) for name in _NEAREST}

    def add(self, agreement: Agreement, pairs: SimilarPairs) -> None:
        """Take pairs of units in that are known to agree in this way."""
        if not len(pairs.left):
            return
        texts = self._units.text_of[np.stack([pairs.left, pairs.right])]
        is_cut = self._texts.was_cut[texts].any(axis=0) & (texts[0] != texts[1])
        marked = UnitPairs(pairs.left, pairs.right, pairs.similarity, is_cut)
        self._bands[agreement] += count_bands(marked)
        self._nearest[agreement].add(marked)
        if agreement == "same calls":
            self._links.add(marked.only(~is_cut))

    def add_others(self, pairs: SimilarPairs) -> None:
        """Take pairs of units in that make different calls; those of the same calls are known already."""
        units = self._units
        differs = units.calls_of[pairs.left] != units.calls_of[pairs.right]
        same_tools = units.tools_of[pairs.left] == units.tools_of[pairs.right]
        self.add("same tools", _only(pairs, differs & same_tools))
        self.add("other tools", _only(pairs, differs & ~same_tools))

    def tables(self) -> SearchTables:
        """Return what was found."""
        links = self._links.kept()
        return SearchTables(
            rows=self._row_table(),
            links=pa.table(
                {
                    "left_unit": pa.array(links.left + 1, pa.int32()),
                    "right_unit": pa.array(links.right + 1, pa.int32()),
                    "similarity": pa.array(links.similarity, pa.float32()),
                }
            ),
            pairs=pa.concat_tables([self._pair_table(name) for name in _NEAREST]),
            bands=self._band_table(),
        )

    def _row_table(self) -> pa.Table:
        units = self._units
        places = map_coordinates(self._texts.vectors)[units.text_of[units.unit_of]]
        facts = [row.facts for row in units.rows]
        return pa.table(
            {
                "trajectory_no": pa.array([row.trajectory_no for row in units.rows], pa.int64()),
                "version_no": pa.array([row.version_no for row in units.rows], pa.int64()),
                "unit_no": pa.array(units.unit_of + 1, pa.int32()),
                "dataset_no": pa.array([row.dataset_no for row in units.rows], pa.int32()),
                "is_protected": pa.array([each.is_protected for each in facts], pa.bool_()),
                "is_same_text": pa.array(units.is_same_text, pa.bool_()),
                "finding_count": pa.array([each.finding_count for each in facts], pa.int32()),
                "rating": pa.array([each.rating for each in facts], pa.float64()),
                "step_count": pa.array([each.step_count for each in facts], pa.int32()),
                "keep_order": pa.array(units.keep_order, pa.int64()),
                "x": pa.array(places[:, 0], pa.float32()),
                "y": pa.array(places[:, 1], pa.float32()),
            }
        )

    def _pair_table(self, agreement: Agreement) -> pa.Table:
        pairs = self._nearest[agreement].kept()
        first = self._first_rows()
        sides = {"left": first[pairs.left], "right": first[pairs.right]}
        numbers = np.array([row.trajectory_no for row in self._units.rows], np.int64)
        versions = np.array([row.version_no for row in self._units.rows], np.int64)
        return pa.table(
            {
                "left_no": numbers[sides["left"]],
                "right_no": numbers[sides["right"]],
                "left_version_no": versions[sides["left"]],
                "right_version_no": versions[sides["right"]],
                "similarity": pa.array(pairs.similarity, pa.float32()),
                "agreement": pa.array([agreement] * len(pairs.left), pa.string()),
                "is_cut": pa.array(pairs.is_cut, pa.bool_()),
            }
        )

    def _first_rows(self) -> Integers:
        """Return the row of each unit that is kept first."""
        units = self._units
        order = np.lexsort((units.keep_order, units.unit_of))
        _, starts = np.unique(units.unit_of[order], return_index=True)
        return order[starts]

    def _band_table(self) -> pa.Table:
        rows = [
            (name, bool(cut), int(band), int(counts[cut, band]))
            for name, counts in self._bands.items()
            for cut, band in zip(*np.nonzero(counts), strict=True)
        ]
        return pa.table(
            {
                "agreement": pa.array([row[0] for row in rows], pa.string()),
                "is_cut": pa.array([row[1] for row in rows], pa.bool_()),
                "band": pa.array([row[2] for row in rows], pa.int32()),
                "pair_count": pa.array([row[3] for row in rows], pa.int64()),
            }
        )


def _only(pairs: SimilarPairs, wanted: Integers) -> SimilarPairs:
    return SimilarPairs(*(column[wanted] for column in pairs))


def _same_calls(units: Units, texts: TextVectors, settings: SearchSettings) -> Iterator[SimilarPairs]:
    """Yield pairs of units that make the same calls, group by group."""
    order = np.argsort(units.calls_of, kind="stable")
    _, starts = np.unique(units.calls_of[order], return_index=True)
    sizes = np.diff(np.append(starts, len(order)))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        group = np.sort(order[start : start + size])
        lowest = settings.lowest_same_calls if units.has_calls[group[0]] else settings.lowest_other_calls
        vectors = np.asarray(texts.vectors[units.text_of[group]])
        for pairs in find_similar_pairs(vectors, lowest):
            yield SimilarPairs(group[pairs.left], group[pairs.right], pairs.similarity)


class _Spread:
    """Spreads what holds for two texts over the units that say them."""

    def __init__(self, units: Units) -> None:
        # Units are numbered by their text first, so the units of a text stand together.
        self._first = np.searchsorted(units.text_of, np.arange(len(units.texts)))
        counts = np.diff(np.append(self._first, len(units.text_of)))
        self._count = np.minimum(counts, _MOST_UNITS)

    def across_texts(self, pairs: SimilarPairs) -> SimilarPairs:
        """Return the pairs of units of two alike texts."""
        counts = self._count[pairs.left] * self._count[pairs.right]
        of_pair = np.repeat(np.arange(len(counts)), counts)
        inside = np.arange(len(of_pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        left, right = pairs.left[of_pair], pairs.right[of_pair]
        return SimilarPairs(
            self._first[left] + inside // self._count[right],
            self._first[right] + inside % self._count[right],
            pairs.similarity[of_pair],
        )

    def within_texts(self) -> SimilarPairs:
        """Return the pairs of units that say the same text."""
        several = np.flatnonzero(self._count > 1)
        whole = self.across_texts(SimilarPairs(several, several, np.ones(len(several), np.float32)))
        return _only(whole, whole.left < whole.right)
