"""Some rows of the leaderboard side by side: what separates them, column by column, and how surely."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from xlam_backend.bfcl.categories import Version
from xlam_backend.bfcl.columns import Column, categories_in, columns_of
from xlam_backend.bfcl.overall import category_weights
from xlam_backend.domain.evaluation import Tally
from xlam_backend.errors import InputError
from xlam_backend.leaderboard.rows import LeaderRow, leaderboard_rows
from xlam_backend.leaderboard.view import rows_by_key
from xlam_backend.statistics.intervals import rate
from xlam_backend.statistics.mcnemar import McNemar, mcnemar
from xlam_backend.store.connection import Store
from xlam_backend.store.right_answers import read_right_answers

MOST_COMPARED = 5

Answers = Mapping[tuple[str, str], bool]


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """How much a row's column lies above that of the first row, in percentage points.

    `low` and `high` bound it with 95 %; None where counts are missing. `test` is there where both answered
    the same questions (McNemar): the interval is then that of pairs. `categories` of `of_categories` parts
    of the column were run by both, and only these are compared. `because` says why there is no value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    test: McNemar | None = None
    categories: int = 0
    of_categories: int = 0
    because: str = ""

    @property
    def is_paired(self) -> bool:
        """Whether both answered the same questions."""
        return self.test is not None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class ComparedRow(msgspec.Struct, frozen=True):
    """A row and how it differs from the first one, by column."""

    row: LeaderRow
    deltas: dict[str, Delta]


class Comparison(msgspec.Struct, frozen=True):
    """The row that others are held against, and these."""

    base: LeaderRow
    others: tuple[ComparedRow, ...]


def comparable_values(rows: Sequence[LeaderRow], column: str) -> tuple[float | None, ...]:
    """Return the column's value of each row, as far as these may stand beside each other.

    What a row ran in part counts only where all ran the same part.
    """
    parts = {
        frozenset(name for name in categories_in(columns_of(row.version)[column]) if name in row.tallies)
        for row in rows
    }
    if len(parts) == 1 and len({row.set_hash or "official" for row in rows}) == 1:
        return tuple(row.best_value(column) for row in rows)
    return tuple(row.values.get(column) for row in rows)


def compare_rows(store: Store, rows: Sequence[LeaderRow]) -> Comparison:
    """Compare rows of one version with the first of them.

    Raises:
        InputError: fewer than two, more than five, or of several versions.
    """
    if not 2 <= len(rows) <= MOST_COMPARED:
        raise InputError(f"{len(rows)} rows are chosen.", f"Choose 2 to {MOST_COMPARED} rows to compare.")
    if len({row.version for row in rows}) > 1:
        raise InputError("Rows of several versions cannot be compared.", "Choose rows of one version.")
    base = rows[0]
    answers = {
        row.key: read_right_answers(store, row.evaluation_no) if row.evaluation_no else {} for row in rows
    }
    columns = columns_of(base.version)
    return Comparison(
        base,
        tuple(
            ComparedRow(
                row,
                {
                    name: _delta(column, base, row, (answers[base.key], answers[row.key]))
                    for name, column in columns.items()
                },
            )
            for row in rows[1:]
        ),
    )


def compare_keys(store: Store, version: Version, keys: Sequence[str]) -> Comparison:
    """Compare the rows of these keys with the first of them.

    Raises:
        UnknownNameError: no row has one of the keys.
        InputError: they are too few or too many.
    """
    return compare_rows(store, rows_by_key(leaderboard_rows(store, version), keys))


def _delta(column: Column, base: LeaderRow, row: LeaderRow, answers: tuple[Answers, Answers]) -> Delta:
    if base.set_hash != row.set_hash and not (base.is_comparable and row.is_comparable):
        return Delta(value=None, because="they answer other questions")
    if base.evaluation_no and row.evaluation_no and base.set_hash == row.set_hash:
        return _paired(column, *answers)
    return _unpaired(column, base, row)


def _paired(column: Column, before: Answers, after: Answers) -> Delta:
    names = categories_in(column)
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for key, first in before.items():
        if key in after and key[0] in names:
            pairs.setdefault(key[0], []).append((first, after[key]))
    weights = category_weights(column, {name: len(some) for name, some in pairs.items()})
    if not weights:
        return Delta(value=None, of_categories=len(names), because="not run by both")
    parts = []
    for name, weight in weights.items():
        gain = mcnemar(pairs[name]).gain
        parts.append(_Part(weight, _known(gain.value), _known(gain.low), _known(gain.high)))
    value, low, high = _weighted_sum(parts)
    return Delta(
        value=value,
        low=low,
        high=high,
        test=mcnemar(pair for name in weights for pair in pairs[name]),
        categories=len(weights),
        of_categories=len(names),
    )


def _unpaired(column: Column, base: LeaderRow, row: LeaderRow) -> Delta:
    """Compare two samples of answers."""
    names = categories_in(column)
    run_by_base = {name for name in names if name in base.tallies and base.tallies[name].total}
    common = {name: row.tallies[name].total for name in names if name in row.tallies and name in run_by_base}
    weights = category_weights(column, common)
    if len(common) < len(names) and column.name in base.values and column.name in row.values:
        return Delta(
            value=row.values[column.name] - base.values[column.name],
            categories=len(names),
            of_categories=len(names),
        )
    if not weights:
        return Delta(value=None, of_categories=len(names), because="not run by both")
    value, low, high = _weighted_sum(
        [_difference(weight, base.tallies[name], row.tallies[name]) for name, weight in weights.items()]
    )
    return Delta(
        value=value,
        low=low,
        high=high,
        categories=len(weights),
        of_categories=len(names),
    )


class _Part(msgspec.Struct, frozen=True):
    """A difference of shares with its interval, and how much it counts in a column."""

    weight: float
    value: float
    low: float
    high: float


def _difference(weight: float, before: Tally, after: Tally) -> _Part:
    """Return the difference of two shares with the interval of Newcombe (1998, Statist. Med. 17:873-890)."""
    first, second = rate(before.correct, before.total), rate(after.correct, after.total)
    value = _known(second.share) - _known(first.share)
    below = math.hypot(_known(second.share) - _known(second.low), _known(first.high) - _known(first.share))
    above = math.hypot(_known(second.high) - _known(second.share), _known(first.share) - _known(first.low))
    return _Part(weight, value, value - below, value + above)


def _weighted_sum(parts: Sequence[_Part]) -> tuple[float, float, float]:
    """Return the sum in percentage points, with its interval made of theirs (as in bfcl/overall.py)."""
    value = math.fsum(part.weight * part.value for part in parts)
    below = math.hypot(*(part.weight * (part.value - part.low) for part in parts))
    above = math.hypot(*(part.weight * (part.high - part.value) for part in parts))
    return 100 * value, 100 * max(-1.0, value - below), 100 * min(1.0, value + above)


def _known(value: float | None) -> float:
    return 0.0 if value is None else value
