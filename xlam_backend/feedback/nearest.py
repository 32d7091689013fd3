"""From a failing slice to the training samples nearest to it, with what is known against each of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from xlam_backend.domain.finding import SpecToolCode
from xlam_backend.feedback.lack import Lack, NeededTool
from xlam_backend.feedback.release_index import IndexedRow, Integers, ReleaseIndex
from xlam_backend.store.connection import Store
from xlam_backend.store.known_samples import KnownSample, RowKey, read_known_samples

MOST_TOOLS = 60  # of a slice that needs more, the most frequent are looked for
MOST_LIKE_ONE = 20  # tools of the release that are like one needed tool
MOST_ROWS_OF_TOOL = 150
MOST_SAMPLES = 200

SHAPE_BONUS = 0.25
CODE_BONUS = 0.25
OFFERED_SHARE = 0.5  # a tool that is only on offer is practised less than one that is called


class NearestSample(msgspec.Struct, frozen=True):
    """A row of a release, how near it is to a failing slice, and why.

    `score` adds how like its tool is to the needed one (OFFERED_SHARE of that where the tool is only on
    offer though a call is due), SHAPE_BONUS for the same shape of calls, and CODE_BONUS where the checks find
    in the row what the model did wrong. `copies` is how often the release repeats it. `known` is None for a
    row that is not in the store any more.
    """

    row: IndexedRow
    score: float
    needed: str
    tool: str
    likeness: float
    is_called: bool
    has_same_shape: bool
    has_same_code: bool
    copies: int
    known: KnownSample | None

    @property
    def is_flagged(self) -> bool:
        """Whether the checks find an error (reject or fix) in it."""
        return self.known is not None and any(one.level in ("reject", "fix") for one in self.known.findings)


class _Candidate(msgspec.Struct, frozen=True):
    number: int
    need: int
    signature: int
    likeness: float
    is_called: bool
    is_due: bool  # what it does with the tool is what the questions ask for
    has_same_shape: bool

    @property
    def nearness(self) -> float:
        return self.likeness * (1 if self.is_due else OFFERED_SHARE) + SHAPE_BONUS * self.has_same_shape


def find_nearest(
    store: Store, index: ReleaseIndex, lack: Lack, *, most: int = 25
) -> tuple[NearestSample, ...]:
    """Return up to `most` rows of a release nearest to what a slice lacks, the nearest first.

    Each needed tool gets its turn, so that one that is practised a thousand times does not hide the others.
    """
    needs = lack.tools[:MOST_TOOLS]
    candidates = _best_of_rows(_candidates(index, needs, lack))
    numbers = np.array([one.number for one in candidates], np.int64)
    rows = index.rows(numbers)
    keys = [RowKey(row.trajectory_id, content_id_of(row.row_id)) for row in rows]
    known = read_known_samples(store, keys)
    copies: dict[RowKey, int] = {}
    for key in keys:
        copies[key] = copies.get(key, 0) + 1
    by_need: dict[int, list[NearestSample]] = {}
    seen: set[RowKey] = set()
    for candidate, row, key, sample in zip(candidates, rows, keys, known, strict=True):
        if key not in seen:
            seen.add(key)
            made = _sample(candidate, row, sample, index, needs, lack, copies[key])
            by_need.setdefault(candidate.need, []).append(made)
    return _take_in_turn([by_need[need] for need in sorted(by_need)], min(most, MOST_SAMPLES))


def content_id_of(row_id: str) -> str:
    """Return the content id in a row's id, which counts repeated rows behind a dash.

    >>> content_id_of("00aa-3")
    '00aa'
    """
    return row_id.partition("-")[0]


def _candidates(index: ReleaseIndex, needs: tuple[NeededTool, ...], lack: Lack) -> Iterator[_Candidate]:
    of_shape = index.of_shape(*lack.shapes)
    wants_no_call = "no_call" in lack.shapes
    for place, need in enumerate(needs):
        for match in index.search.find(need.signature)[:MOST_LIKE_ONE]:
            calling = index.calling(match.number)
            offering = np.setdiff1d(index.offering(match.number), calling, assume_unique=True)
            for rows, is_called in ((calling, True), (offering, False)):
                in_shape = np.isin(rows, of_shape, assume_unique=True)
                is_due = is_called or wants_no_call
                for number, same in _first(rows, in_shape):
                    yield _Candidate(number, place, match.number, match.likeness, is_called, is_due, same)


def _first(
    rows: Integers, in_shape: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Iterator[tuple[int, bool]]:
    """Yield rows with whether they have the wanted shape; those that have come first."""
    order = np.concatenate([np.flatnonzero(in_shape), np.flatnonzero(~in_shape)])[:MOST_ROWS_OF_TOOL]
    yield from zip(rows[order].tolist(), in_shape[order].tolist(), strict=True)


def _best_of_rows(candidates: Iterator[_Candidate]) -> list[_Candidate]:
    """Keep of each row its nearest need, in the order of the rows."""
    best: dict[int, _Candidate] = {}
    for one in candidates:
        if one.number not in best or one.nearness > best[one.number].nearness:
            best[one.number] = one
    return [best[number] for number in sorted(best)]


def _sample(
    candidate: _Candidate,
    row: IndexedRow,
    known: KnownSample | None,
    index: ReleaseIndex,
    needs: tuple[NeededTool, ...],
    lack: Lack,
    copies: int,
) -> NearestSample:
    same_code = _has_code(known, lack.codes)
    return NearestSample(
        row=row,
        score=round(candidate.nearness + CODE_BONUS * same_code, 4),
        needed=needs[candidate.need].signature.name,
        tool=index.signatures[candidate.signature].name,
        likeness=candidate.likeness,
        is_called=candidate.is_called,
        has_same_shape=candidate.has_same_shape,
        has_same_code=same_code,
        copies=copies,
        known=known,
    )


def _has_code(known: KnownSample | None, codes: dict[SpecToolCode, int]) -> bool:
    return known is not None and any(one.code in codes and one.code != "other" for one in known.findings)


def _take_in_turn(lists: list[list[NearestSample]], most: int) -> tuple[NearestSample, ...]:
    """Take the best of each list in turn until there are enough, then put all in order."""
    ordered = [sorted(one, key=lambda sample: (-sample.score, sample.row.number)) for one in lists]
    taken: list[NearestSample] = []
    depth = 0
    while len(taken) < most and any(len(one) > depth for one in ordered):
        taken += [one[depth] for one in ordered if len(one) > depth]
        depth += 1
    return tuple(sorted(taken[:most], key=lambda sample: (-sample.score, sample.row.number)))
