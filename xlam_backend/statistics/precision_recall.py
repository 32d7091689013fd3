"""How far a flag can be trusted (precision), and how much of what is bad it finds (weighted recall)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from xlam_backend.statistics.bootstrap import RESAMPLES, Floats, Integers, bootstrap_interval
from xlam_backend.statistics.estimate import Estimate, undefined
from xlam_backend.statistics.intervals import Rate, rate

Bools = npt.NDArray[np.bool_]

# Strata with fewer labels are resampled together: one item alone would always be drawn again, and would
# seem to be known for certain ("collapsed strata", Cochran 1977, Sampling Techniques, 5A.12).
LEAST_IN_STRATUM = 10

NOTHING_LABELLED = "no item has a label"
NOTHING_FLAGGED = "no flagged item has a label"
NOTHING_UNFLAGGED = "no unflagged item has a label, so misses are unknown"
NOTHING_BAD = "no labelled item is bad"
NOTHING_FINE = "every labelled item is bad"


class Labelled(msgspec.Struct, frozen=True):
    """An item with a human label: was it flagged, is it truly bad, how was it drawn.

    `inclusion_probability` is how likely the item was to be drawn; it stands for 1 / that many items of its
    stratum.
    """

    is_flagged: bool
    is_bad: bool
    stratum: str = ""
    inclusion_probability: float = 1.0

    @property
    def weight(self) -> float:
        """Return how many items this one stands for."""
        return 1.0 / self.inclusion_probability


class PrecisionRecall(msgspec.Struct, frozen=True):
    """Precision of what was labelled and of all that was flagged; recall of all there is; F1; kappa.

    `precision` is the plain share (Wilson interval). The others weight each item by its inverse inclusion
    probability (Horvitz and Thompson 1952, JASA 47:663-685), with intervals that resample each stratum (small
    ones together); `kappa` is Cohen's, of the flag with people.
    `caught`, `missed`: labelled items that are bad, and flagged or not.
    """

    precision: Rate
    weighted_precision: Estimate
    recall: Estimate
    f1: Estimate
    kappa: Estimate
    flagged: int
    unflagged: int
    caught: int
    missed: int


class _Cells(msgspec.Struct, frozen=True):
    """Weights of what was caught, flagged although fine, missed, and rightly passed; one entry a draw."""

    caught: Floats
    false_alarms: Floats
    missed: Floats
    passed: Floats


_Share = Callable[[_Cells], Floats]


def _precision(cells: _Cells) -> Floats:
    return cells.caught / (cells.caught + cells.false_alarms)


def _recall(cells: _Cells) -> Floats:
    return cells.caught / (cells.caught + cells.missed)


def _f1(cells: _Cells) -> Floats:
    return 2 * cells.caught / (2 * cells.caught + cells.false_alarms + cells.missed)


def _kappa(cells: _Cells) -> Floats:
    flagged, bad = cells.caught + cells.false_alarms, cells.caught + cells.missed
    total = flagged + cells.missed + cells.passed
    differing = (cells.false_alarms + cells.missed) / total
    by_chance = (flagged * (total - bad) + (total - flagged) * bad) / total**2
    kappas: Floats = np.where(by_chance > 0, 1 - differing / by_chance, np.nan)
    return kappas


class _Patterns(msgspec.Struct, frozen=True):
    """Distinct labelled items: how many of each, the strata they are resampled in, what each stands for."""

    counts: Integers
    strata: Sequence[Sequence[int]]
    is_flagged: Bools
    is_bad: Bools
    weights: Floats

    def count(self, chosen: Bools) -> int:
        """Return how many labelled items are of the chosen patterns."""
        return int(self.counts[chosen].sum())

    def cells(self, draws: Floats) -> _Cells:
        """Return the cells of each draw."""
        weighed = draws * self.weights
        flagged, bad = self.is_flagged, self.is_bad
        return _Cells(
            weighed[:, flagged & bad].sum(axis=1),
            weighed[:, flagged & ~bad].sum(axis=1),
            weighed[:, ~flagged & bad].sum(axis=1),
            weighed[:, ~flagged & ~bad].sum(axis=1),
        )


def precision_recall(items: Iterable[Labelled], *, seed: int, resamples: int = RESAMPLES) -> PrecisionRecall:
    """Return precision, weighted recall and F1 of a flag from items with human labels."""
    found = _count(items)
    flagged, unflagged = found.count(found.is_flagged), found.count(~found.is_flagged)
    caught = found.count(found.is_flagged & found.is_bad)
    missed = found.count(~found.is_flagged & found.is_bad)

    def estimate(share: _Share) -> Estimate:
        return _estimate(found, share, seed=seed, resamples=resamples)

    because = _why_no_recall(flagged, unflagged, caught + missed)
    n = flagged + unflagged
    why_no_kappa = because or (NOTHING_FINE if caught + missed == n else "" if flagged else NOTHING_FLAGGED)
    return PrecisionRecall(
        rate(caught, flagged),
        msgspec.structs.replace(estimate(_precision), n=flagged) if flagged else undefined(NOTHING_FLAGGED),
        undefined(because, n) if because else estimate(_recall),
        undefined(because, n) if because else estimate(_f1),
        undefined(why_no_kappa, n) if why_no_kappa else estimate(_kappa),
        flagged,
        unflagged,
        caught,
        missed,
    )


def _why_no_recall(flagged: int, unflagged: int, bad: int) -> str:
    if not flagged + unflagged:
        return NOTHING_LABELLED
    if not unflagged:
        return NOTHING_UNFLAGGED
    return "" if bad else NOTHING_BAD


def _count(items: Iterable[Labelled]) -> _Patterns:
    seen = Counter((item.stratum, item.is_flagged, item.is_bad, item.weight) for item in items)
    ordered = sorted(seen.items())
    strata: dict[tuple[bool, str], list[int]] = {}
    for place, ((stratum, is_flagged, _, _), _) in enumerate(ordered):
        strata.setdefault((is_flagged, stratum), []).append(place)
    counts = [count for _, count in ordered]
    weights = [weight for (_, _, _, weight), _ in ordered]
    return _Patterns(
        np.array(counts, np.int64),
        [
            together
            for side in (True, False)
            for together in _collapse(
                [places for (is_flagged, _), places in strata.items() if is_flagged is side], counts, weights
            )
        ],
        np.array([is_flagged for (_, is_flagged, _, _), _ in ordered], np.bool_),
        np.array([is_bad for (_, _, is_bad, _), _ in ordered], np.bool_),
        np.array(weights, np.float64),
    )


def _collapse(
    strata: Sequence[list[int]], counts: Sequence[int], weights: Sequence[float]
) -> list[list[int]]:
    """Return strata of at least LEAST_IN_STRATUM labels: small ones join those of the nearest weight."""

    def size(places: list[int]) -> int:
        return sum(counts[place] for place in places)

    kept = [places for places in strata if size(places) >= LEAST_IN_STRATUM]
    small = [places for places in strata if size(places) < LEAST_IN_STRATUM]
    together: list[list[int]] = []
    for places in sorted(small, key=lambda places: weights[places[0]]):
        if together and size(together[-1]) < LEAST_IN_STRATUM:
            together[-1] = [*together[-1], *places]
        else:
            together.append(places)
    if len(together) > 1 and size(together[-1]) < LEAST_IN_STRATUM:
        last = together.pop()
        together[-1] = [*together[-1], *last]
    return [*kept, *together]


def _estimate(found: _Patterns, share: _Share, *, seed: int, resamples: int) -> Estimate:
    observed = found.cells(found.counts[np.newaxis].astype(np.float64))
    value = float(share(observed)[0])
    interval = bootstrap_interval(
        lambda draws: share(found.cells(draws)),
        found.counts,
        seed=seed,
        strata=found.strata,
        method="percentile",
        resamples=resamples,
    )
    n = int(found.counts.sum())
    if interval.low is None or interval.high is None:
        return Estimate(value, None, None, n)
    reached = [float(share(cells)[0]) for cells in _not_seen_yet(found, observed)]
    return Estimate(value, min(interval.low, *reached, value), max(interval.high, *reached, value), n)


def _not_seen_yet(found: _Patterns, seen: _Cells) -> Iterator[_Cells]:
    """Yield what the cells may truly be where no labelled item fell into one of them.

    Resampling never shows what was not seen, and would give an interval without width. The share of a cell
    with 0 of n items may be as high as the Wilson bound of 0 in n.
    """
    yield seen
    flagged, unflagged = found.count(found.is_flagged), found.count(~found.is_flagged)
    all_flagged = seen.caught + seen.false_alarms
    most = rate(0, flagged).high or 0.0
    if flagged and not seen.caught[0]:
        yield _Cells(all_flagged * most, all_flagged * (1 - most), seen.missed, seen.passed)
    if flagged and not seen.false_alarms[0]:
        yield _Cells(all_flagged * (1 - most), all_flagged * most, seen.missed, seen.passed)
    if unflagged and not seen.missed[0]:
        hidden = seen.passed * (rate(0, unflagged).high or 0.0)
        yield _Cells(seen.caught, seen.false_alarms, hidden, seen.passed - hidden)
