"""Where to draw the line in a judge's scores: what each line would give, and the one that serves a goal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np

from xlam_backend.statistics.bootstrap import Floats
from xlam_backend.statistics.precision_recall import Labelled, PrecisionRecall, precision_recall

Goal = Literal["f1", "precision"]

MOST_LINES = 200
FOLDS = 5
LEAST_EACH = 5  # good and bad items below which no line is suggested


class Scored(msgspec.Struct, frozen=True):
    """A judge's score of an item, whether people call it bad, and how it was drawn (as `Labelled` says)."""

    score: float
    is_bad: bool
    stratum: str = ""
    inclusion_probability: float = 1.0


class Line(msgspec.Struct, frozen=True):
    """What flagging every score up to `threshold` would give; None where nothing is flagged or bad."""

    threshold: float
    flagged: int
    caught: int
    precision: float | None
    recall: float | None
    f1: float | None


class Suggestion(msgspec.Struct, frozen=True):
    """The line that serves the goal best, and what lines chosen without seeing an item did on it.

    `held_out` comes from cross-validation: each item is flagged by a line that was chosen on the others.
    It and `line` are None where `undefined_because` says why.
    """

    goal: Goal
    least_precision: float
    line: Line | None
    held_out: PrecisionRecall | None
    n: int
    undefined_because: str = ""


class _Table(msgspec.Struct, frozen=True):
    scores: Floats
    bad: Floats
    weights: Floats


def threshold_lines(items: Iterable[Scored]) -> tuple[Line, ...]:
    """Return every line between two scores that occur (at most 200, evenly chosen), lowest first."""
    table = _table(items)
    return _lines(table, _candidates(table.scores))


def suggest_threshold(
    items: Iterable[Scored], *, goal: Goal = "f1", least_precision: float = 0.9, seed: int, folds: int = FOLDS
) -> Suggestion:
    """Return the line with the best F1, or with the best recall among those precise enough.

    Low scores are flagged. Items are weighted by what they stand for.
    """
    rows = list(items)
    table = _table(rows)
    n, bad = len(table.scores), int(table.bad.sum())
    if bad < LEAST_EACH or n - bad < LEAST_EACH:
        because = f"a line needs at least {LEAST_EACH} labelled items of each kind: {bad} bad, {n - bad} good"
        return Suggestion(goal, least_precision, None, None, n, because)
    chosen = _best(_lines(table, _candidates(table.scores)), goal, least_precision)
    if chosen is None:
        because = f"no line reaches a precision of {least_precision * 100:g} %"
        return Suggestion(goal, least_precision, None, None, n, because)
    flagged = _held_out(table, goal, least_precision, seed=seed, folds=folds)
    held_out = precision_recall(
        [
            Labelled(bool(flag), row.is_bad, row.stratum, row.inclusion_probability)
            for flag, row in zip(flagged, rows)
        ],
        seed=seed,
    )
    return Suggestion(goal, least_precision, chosen, held_out, n)


def _table(items: Iterable[Scored]) -> _Table:
    rows = [(item.score, item.is_bad, 1.0 / item.inclusion_probability) for item in items]
    columns = np.array(rows, np.float64).reshape(-1, 3)
    return _Table(columns[:, 0], columns[:, 1], columns[:, 2])


def _candidates(scores: Floats) -> Floats:
    known = np.unique(scores)
    if len(known) > MOST_LINES:
        known = np.unique(np.quantile(known, np.linspace(0, 1, MOST_LINES), method="inverted_cdf"))
    # Halfway to the next score that occurs: a line has room on both sides. The last flags everything.
    middles: Floats = np.append((known[:-1] + known[1:]) / 2, known[-1:])
    return middles


def _lines(table: _Table, thresholds: Floats) -> tuple[Line, ...]:
    order = np.argsort(table.scores, kind="stable")
    ends = np.searchsorted(table.scores[order], thresholds, side="right")

    def up_to(values: Floats) -> Floats:
        sums: Floats = np.append(0.0, np.cumsum(values[order]))[ends]
        return sums

    flagged, caught = up_to(table.weights), up_to(table.weights * table.bad)
    caught_count, all_bad = up_to(table.bad), float(table.weights @ table.bad)
    return tuple(
        Line(
            float(threshold),
            int(ends[i]),
            int(caught_count[i]),
            float(caught[i] / flagged[i]) if flagged[i] else None,
            float(caught[i] / all_bad) if all_bad else None,
            float(2 * caught[i] / (flagged[i] + all_bad)) if all_bad else None,
        )
        for i, threshold in enumerate(thresholds)
    )


def _best(lines: Sequence[Line], goal: Goal, least_precision: float) -> Line | None:
    """Return the best line; of equally good ones the lowest, which flags least."""
    if goal == "f1":
        return max(lines, key=lambda line: (line.f1 or 0.0, -line.threshold), default=None)
    precise = [line for line in lines if line.precision is not None and line.precision >= least_precision]
    return max(precise, key=lambda line: (line.recall or 0.0, -line.threshold), default=None)


def _held_out(table: _Table, goal: Goal, least_precision: float, *, seed: int, folds: int) -> Floats:
    """Return which items a line chosen on the other folds flags."""
    fold = np.random.default_rng(seed).permutation(len(table.scores)) % folds
    flagged = np.zeros(len(table.scores))
    for each in range(folds):
        rest, held = fold != each, fold == each
        seen = _Table(table.scores[rest], table.bad[rest], table.weights[rest])
        line = _best(_lines(seen, _candidates(seen.scores)), goal, least_precision)
        if line is not None:
            flagged[held] = table.scores[held] <= line.threshold
    return flagged
