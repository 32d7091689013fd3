"""The leaderboard's sums: what a model's verdicts come to, column by column and overall.

A column of which a part was not run has no value, and neither has the overall: nothing counts as zero
unseen. What the official tool would print, which does count it as zero, stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping

import msgspec

from xlam_backend.bfcl.categories import Version, categories_of, category_by_name
from xlam_backend.bfcl.columns import Column, categories_in, columns_of
from xlam_backend.domain.evaluation import Tally
from xlam_backend.statistics.intervals import rate


class ColumnScore(msgspec.Struct, frozen=True):
    """What a column comes to, in percent.

    `value` is None where a part of it was not run in full. `of_what_was_run` leaves the missing out (with
    its 95 % interval, `low` to `high`), and `official` counts it as zero, as the official tool does.
    """

    value: float | None
    of_what_was_run: float | None
    low: float | None
    high: float | None
    official: float
    correct: int
    total: int


class Unfinished(msgspec.Struct, frozen=True):
    """A category of which only so many questions have a verdict."""

    category: str
    scored: int
    asked: int


class Overall(msgspec.Struct, frozen=True):
    """The overall accuracy in percent; `value` is None where a category is missing or unfinished.

    `mean_of_run` is the same formula over what was run, with its 95 % interval. `columns` holds the score
    of every column by name.
    """

    version: Version
    value: float | None
    mean_of_run: float | None
    low: float | None
    high: float | None
    official: float
    missing: tuple[str, ...]
    unfinished: tuple[Unfinished, ...]
    columns: dict[str, ColumnScore]


def overall_score(version: Version, tallies: Mapping[str, Tally]) -> Overall:
    """Sum up how a model did, from its tallies by category.

    A category has an end when every question that the version asks in it has a verdict, or every question
    of a question set of other size.

    >>> score = overall_score("v4", {"irrelevance": Tally(120, 240), "live_irrelevance": Tally(442, 884)})
    >>> score.value, score.mean_of_run, score.columns["irrelevance_both"].value, len(score.missing)
    (None, 50.0, 50.0, 20)
    """
    names = [category.name for category in categories_of(version)]
    held = {name: tallies[name] for name in names if name in tallies and tallies[name].total}
    missing = tuple(name for name in names if name not in held)
    unfinished = tuple(
        Unfinished(name, tally.total, tally.asked)
        for name, tally in held.items()
        if tally.total < tally.asked
    )
    incomplete = {*missing, *(one.category for one in unfinished)}
    columns = {
        name: _score(column, version, held, incomplete) for name, column in columns_of(version).items()
    }
    whole = columns["overall"]
    return Overall(
        version,
        whole.value,
        whole.of_what_was_run,
        whole.low,
        whole.high,
        whole.official,
        missing,
        unfinished,
        columns,
    )


def is_of_official_size(version: Version, tallies: Mapping[str, Tally]) -> bool:
    """Whether every category that was run has as many questions as the version asks in it.

    >>> [is_of_official_size("v4", {"multiple": Tally(9, asked)}) for asked in (20, 200)]
    [False, True]
    """
    return all(tally.asked == category_by_name(name).count(version) for name, tally in tallies.items())


def category_weights(column: Column, counts: Mapping[str, int]) -> dict[str, float]:
    """Return how much each category counts in a column; categories that `counts` lacks count nothing.

    Every column is a weighted sum of categories. `counts` says how many questions each has.

    >>> category_weights(columns_of("v2")["simple_both"], {"simple_java": 100, "live_simple": 258})
    {'simple_java': 0.5, 'live_simple': 0.5}
    """
    if not column.parts:
        return {column.name: 1.0} if counts.get(column.name) else {}
    parts = [category_weights(part, counts) for part in column.parts]
    sizes = part_sizes(column, counts)
    whole = math.fsum(size for size, part in zip(sizes, parts, strict=True) if part)
    found: dict[str, float] = {}
    for size, part in zip(sizes, parts, strict=True):
        for name, weight in part.items():
            found[name] = found.get(name, 0.0) + weight * size / whole
    return found


def value_of_column(
    column: Column, version: Version, given: Callable[[str], float | None], *, is_given: bool = True
) -> float | None:
    """Return a column's value from published ones: as it is given, or made of its parts; else None.

    With `is_given` False the column itself is made of its parts, however it is given.
    """
    value = given(column.name)
    if not column.parts or (value is not None and is_given):
        return value
    parts = [value_of_column(part, version, given) for part in column.parts]
    sizes = part_sizes(
        column, {category.name: category.count(version) for category in categories_of(version)}
    )
    held = [part for part in parts if part is not None]
    if len(held) < len(parts):
        return None
    return math.fsum(size * part for size, part in zip(sizes, held, strict=True)) / math.fsum(sizes)


def part_sizes(column: Column, counts: Mapping[str, int]) -> list[float]:
    """Return how much each part of a column counts in it; `counts` says how many questions a category has."""
    if column.how == "weights":
        return list(column.weights)
    if column.how == "mean":
        return [1.0] * len(column.parts)
    return [float(sum(counts.get(name, 0) for name in categories_in(part))) for part in column.parts]


def _score(
    column: Column, version: Version, tallies: Mapping[str, Tally], incomplete: Collection[str]
) -> ColumnScore:
    names = categories_in(column)
    held = {name: tallies[name] for name in names if name in tallies}
    weights = category_weights(column, {name: tally.total for name, tally in held.items()})
    run = _weighted(weights, held) if weights else None
    low, high = _interval(weights, held, run)
    sizes = {
        name: held[name].total if name in held else category_by_name(name).count(version) for name in names
    }
    return ColumnScore(
        None if set(names) & set(incomplete) else run,
        run,
        low,
        high,
        _weighted(category_weights(column, sizes), held),
        sum(tally.correct for tally in held.values()),
        sum(tally.total for tally in held.values()),
    )


def _weighted(weights: Mapping[str, float], tallies: Mapping[str, Tally]) -> float:
    return math.fsum(
        100 * weight * tallies[name].correct / tallies[name].total
        for name, weight in weights.items()
        if name in tallies
    )


def _interval(
    weights: Mapping[str, float], tallies: Mapping[str, Tally], value: float | None
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a weighted sum of shares, from the Wilson interval of each.

    By recovering variances from the intervals (MOVER: Zou and Donner 2008, Statist. Med. 27:1693-1702).
    """
    if value is None:
        return None, None
    below = above = 0.0
    for name, weight in weights.items():
        share = rate(tallies[name].correct, tallies[name].total)
        if share.share is not None and share.low is not None and share.high is not None:
            below += (100 * weight * (share.share - share.low)) ** 2
            above += (100 * weight * (share.high - share.share)) ** 2
    return max(0.0, value - math.sqrt(below)), min(100.0, value + math.sqrt(above))
