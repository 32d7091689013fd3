"""McNemar's test: which of two ways of judging the same items is right more often."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

import msgspec

from xlam_backend.statistics.estimate import Estimate, undefined
from xlam_backend.statistics.intervals import Z_95

# Up to here binomial coefficients are summed as whole numbers, exactly.
MOST_EXACT = 2000


class McNemar(msgspec.Struct, frozen=True):
    """Items that only the first or only the second gets right, and how likely so uneven a split is by chance.

    `gain` is the share of items the second gets right minus that of the first, with its interval. The
    p-values are None, with the reason, when the two are right on the same items.
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    gain: Estimate
    exact_p: float | None
    mid_p: float | None
    undefined_because: str = ""


def mcnemar(right: Iterable[tuple[bool, bool]]) -> McNemar:
    """Compare two ways of judging by whether each was right, item by item.

    `exact_p` is the two-sided exact binomial test of the items they differ on; `mid_p` counts the observed
    split half and is less cautious (Fagerland, Lydersen and Laake 2013, BMC Med. Res. Methodol. 13:91).
    """
    counts = [0, 0, 0, 0]
    for first, second in right:
        counts[2 * bool(first) + bool(second)] += 1
    neither, only_second, only_first, both = counts
    gain = _gain(only_first, only_second, sum(counts))
    differing = only_first + only_second
    if not differing:
        because = "the two are right on the same items" if sum(counts) else "no item was judged by both"
        return McNemar(both, only_first, only_second, neither, gain, None, None, because)
    fewer = min(only_first, only_second)
    tail = _lower_tail(fewer, differing)
    exact = min(1.0, 2 * tail)
    mid = 1.0 - _point(fewer, differing) if 2 * fewer == differing else 2 * tail - _point(fewer, differing)
    return McNemar(both, only_first, only_second, neither, gain, exact, mid)


def _gain(only_first: int, only_second: int, n: int) -> Estimate:
    """Return the difference of shares with the interval of Bonett and Price (2012, JEBS 37:479-488)."""
    if not n:
        return undefined("no item was judged by both")
    # The interval adds one item to each side; the value does not.
    first, second = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = Z_95 * math.sqrt((first + second - (first - second) ** 2) / (n + 2))
    middle = second - first
    return Estimate((only_second - only_first) / n, max(-1.0, middle - half), min(1.0, middle + half), n)


def _lower_tail(most: int, n: int) -> float:
    """Return P(X <= most) for n throws of a fair coin."""
    if n <= MOST_EXACT:
        return _ratio(sum(math.comb(n, k) for k in range(most + 1)), n)
    return min(1.0, math.fsum(_point(k, n) for k in range(most + 1)))


def _point(k: int, n: int) -> float:
    if n <= MOST_EXACT:
        return _ratio(math.comb(n, k), n)
    return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2))


def _ratio(ways: int, n: int) -> float:
    return float(Fraction(ways, 2**n))
