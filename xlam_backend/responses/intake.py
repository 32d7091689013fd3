"""Takes answered steps into the store: candidates, what judges say of them, and the pairs they give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from xlam_backend.domain.candidate import Candidate
from xlam_backend.domain.pair import Pair, PairSide
from xlam_backend.domain.rating import Rating
from xlam_backend.responses.answering import AnsweredStep
from xlam_backend.store.candidates import write_candidates
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.pairs import without_known, write_pairs
from xlam_backend.store.ratings import write_ratings


def take_in_steps(store: Store, cursor: Cursor, steps: Sequence[AnsweredStep]) -> int:
    """Write answered steps inside a transaction that is open already; returns how many candidates."""
    candidates = [candidate for step in steps for candidate in step.candidates]
    if not candidates:
        return 0
    number = write_candidates(cursor, store, candidates)
    ratings: list[Rating] = []
    pairs: list[Pair] = []
    for step in steps:
        numbers = range(number, number + len(step.candidates))
        ratings += _numbered_ratings(step, numbers)
        pairs += _pairs_of(step, numbers)
        number += len(step.candidates)
    write_ratings(cursor, store, ratings)
    write_pairs(cursor, store, without_known(cursor, pairs))
    return len(candidates)


def _numbered_ratings(step: AnsweredStep, numbers: Sequence[int]) -> Iterable[Rating]:
    """Return the ratings with the numbers of their candidates; the own step has the first one's, minus."""
    rated = [(number, rows) for number, rows in zip(numbers, step.ratings) if rows]
    for number, rows in rated:
        for row in rows:
            yield msgspec.structs.replace(row, candidate_no=number)
    for row in step.own_ratings:
        yield msgspec.structs.replace(row, candidate_no=-rated[0][0])


def _pairs_of(step: AnsweredStep, numbers: Sequence[int]) -> Iterable[Pair]:
    for number, candidate in zip(numbers, step.candidates):
        if candidate.classification == "rejected":
            yield _pair(step, candidate, number)


def _pair(step: AnsweredStep, candidate: Candidate, candidate_no: int) -> Pair:
    return Pair(
        pair_no=0,
        version_no=step.version_no,
        trajectory_no=step.trajectory_no,
        step=step.step,
        candidate_no=candidate_no,
        origin="generated",
        chosen=step.own,
        rejected=PairSide(candidate.thought, candidate.tool_calls),
        reason=candidate.difference,
        is_equal=False,
        margin=candidate.margin,
        made_at=candidate.generated_at,
    )
