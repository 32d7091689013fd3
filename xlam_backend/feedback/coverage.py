"""How much of what a failing slice lacks stands in a release: shapes, tools, kinds of values, errors."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xlam_backend.domain.finding import SPECTOOL_CODES, SpecToolCode
from xlam_backend.feedback.lack import Lack, NeededTool
from xlam_backend.feedback.release_index import Integers, ReleaseIndex
from xlam_backend.feedback.row_shape import SHAPE_WORDS, Shape
from xlam_backend.feedback.signatures import SAME
from xlam_backend.statistics.intervals import Rate, rate, show_share
from xlam_backend.store.connection import Store
from xlam_backend.store.known_samples import count_flagged_rows

MOST_TOOLS = 40
LITTLE = 0.01  # below this share of a release, something is practised too little to be called covered


class Covered(msgspec.Struct, frozen=True):
    """One thing that failed questions ask for, and how many rows of the release practise it."""

    name: str
    words: str
    failure_count: int
    rows: Rate

    @property
    def is_missing(self) -> bool:
        """Whether no row practises it."""
        return not self.rows.hits

    @property
    def is_rare(self) -> bool:
        """Whether hardly any row practises it, or none."""
        return (self.rows.share or 0.0) < LITTLE

    @property
    def rows_words(self) -> str:
        """The rows in words; without an interval, for a release is counted whole.

        >>> Covered("IAT", "", 3, rate(27, 277)).rows_words
        '27 of 277 rows (9.7 %)'
        """
        return f"{self.rows.hits:,} of {self.rows.total:,} rows ({show_share(self.rows)})"


class CoveredTool(msgspec.Struct, frozen=True):
    """A needed tool: rows that call the very same one, rows that call one like it, and which is nearest."""

    name: str
    parameters: tuple[str, ...]
    failure_count: int
    same_rows: int
    near_rows: int
    nearest: str
    likeness: float


class Coverage(msgspec.Struct, frozen=True):
    """What a release holds of what a slice lacks.

    `tools` are the most needed ones of `tool_count`; `same_count`, `near_count` and `missing_count` say of
    these whether the release calls the same tool, only one like it, or none. `errors` counts rows in which
    the checks find, today, what the model does wrong: they may be where it learnt it.
    """

    row_count: int
    tool_count: int
    tools: tuple[CoveredTool, ...]
    shapes: tuple[Covered, ...]
    kinds: tuple[Covered, ...]
    errors: tuple[Covered, ...]

    @property
    def same_count(self) -> int:
        """How many of the listed tools the release calls."""
        return sum(bool(tool.same_rows) for tool in self.tools)

    @property
    def near_count(self) -> int:
        """How many of the listed tools the release calls only a like one of."""
        return sum(not tool.same_rows and bool(tool.near_rows) for tool in self.tools)

    @property
    def missing_count(self) -> int:
        """How many of the listed tools the release calls nothing like."""
        return sum(not tool.same_rows and not tool.near_rows for tool in self.tools)


def measure_coverage(store: Store, index: ReleaseIndex, lack: Lack) -> Coverage:
    """Return what a release holds of what a failing slice lacks."""
    return Coverage(
        len(index),
        len(lack.tools),
        tuple(_cover_tool(index, tool) for tool in lack.tools[:MOST_TOOLS]),
        tuple(_cover_shape(index, shape, count) for shape, count in lack.shapes.items()),
        tuple(
            Covered(kind, f"values of kind {kind}", count, _rate(index, index.with_argument_kind(kind)))
            for kind, count in lack.kinds.items()
        ),
        tuple(_cover_errors(store, index, lack.codes)),
    )


def _cover_tool(index: ReleaseIndex, needed: NeededTool) -> CoveredTool:
    matches = [one for one in index.search.find(needed.signature) if len(index.calling(one.number))]
    same = [index.calling(one.number) for one in matches if one.likeness == SAME]
    near = [index.calling(one.number) for one in matches if one.likeness < SAME]
    same_rows = _together(same)
    return CoveredTool(
        needed.signature.name,
        needed.signature.parameters,
        needed.failure_count,
        len(same_rows),
        len(np.setdiff1d(_together(near), same_rows)),
        index.signatures[matches[0].number].name if matches else "",
        matches[0].likeness if matches else 0.0,
    )


def _together(parts: list[Integers]) -> Integers:
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def _cover_shape(index: ReleaseIndex, shape: Shape, count: int) -> Covered:
    return Covered(shape, SHAPE_WORDS[shape], count, _rate(index, index.of_shape(shape)))


def _rate(index: ReleaseIndex, rows: Integers) -> Rate:
    return rate(len(rows), len(index))


def _cover_errors(store: Store, index: ReleaseIndex, codes: dict[SpecToolCode, int]) -> list[Covered]:
    named = [code for code in codes if code != "other"]
    if not named:
        return []
    flagged = count_flagged_rows(store, _keys(index))
    return [
        Covered(code, f"{code}: {SPECTOOL_CODES[code]}", codes[code], rate(flagged.get(code, 0), len(index)))
        for code in named
    ]


def _keys(index: ReleaseIndex) -> pa.Table:
    keys = index.keys()
    content_ids = pc.replace_substring_regex(keys["row_id"], "-.*$", "")
    return pa.table({"trajectory_id": keys["trajectory_id"], "content_id": content_ids})
