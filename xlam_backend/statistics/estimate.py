"""A statistic as pages, tables and exports carry it: value, interval, what it is made from, or why not."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from xlam_backend.statistics.intervals import rate

# Beyond this a value that is 1 in exact arithmetic may have been rounded.
NEARLY_ONE = 1 - 1e-12


class Estimate(msgspec.Struct, frozen=True):
    """A value with its 95 % interval and the number of items it was made from.

    `value` is None exactly where `undefined_because` says why: an undefined value is never 0 or 1.
    `low` and `high` may be None beside a value: then the items are too few or too alike for an interval.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    undefined_because: str = ""


def undefined(because: str, n: int = 0) -> Estimate:
    """Return an estimate that has no value, and why.

    >>> undefined("everyone gave the same answer", 12).value is None
    True
    """
    return Estimate(None, None, None, n, because)


def show_value(shown: Estimate) -> str:
    """Write the value alone for people.

    >>> show_value(Estimate(0.7431, 0.5, 0.9, 40)), show_value(undefined("nobody answered"))
    ('0.74', 'undefined')
    """
    return "undefined" if shown.value is None else f"{shown.value:.2f}"


def show_bounds(shown: Estimate) -> str:
    """Write the interval for people.

    >>> show_bounds(Estimate(0.7431, 0.5, 0.9, 40))
    '0.50 to 0.90'
    """
    return "" if shown.low is None or shown.high is None else f"{shown.low:.2f} to {shown.high:.2f}"


def show_estimate(shown: Estimate, items: str = "items") -> str:
    """Write an estimate for people: value, interval and what it was made from, or why it is undefined.

    >>> show_estimate(Estimate(0.7431, 0.5, 0.9, 1040))
    '0.74 (0.50 to 0.90) of 1,040 items'
    >>> show_estimate(undefined("everyone gave the same answer", 12))
    'undefined: everyone gave the same answer (12 items)'
    """
    counted = f"{shown.n:,} {items.removesuffix('s') if shown.n == 1 else items}"
    if shown.value is None:
        return f"undefined: {shown.undefined_because} ({counted})"
    return f"{show_value(shown)} ({show_bounds(shown) or 'no interval'}) of {counted}"


def show_reasons(shown: Sequence[Estimate]) -> str:
    """Write why none of these has a value, each reason once.

    >>> show_reasons([undefined("no item has a label"), undefined("no item has a label")])
    'no item has a label'
    >>> show_reasons([])
    'nothing is settled yet'
    """
    return "; ".join(dict.fromkeys(each.undefined_because for each in shown)) or "nothing is settled yet"


def flawless(n: int, chance: float, low_at_least: float = -1.0) -> Estimate:
    """Return a perfect agreement (value 1) of `n` items, with how low it may truly be.

    Resampling items without any difference never shows one, so its interval would have no width. Instead
    the share of differing items may be as high as the Wilson bound of 0 in n; `chance` is the mean distance
    of two answers expected by chance, where the greatest distance is 1.
    """
    bound = rate(0, n).high or 0.0
    return Estimate(1.0, max(low_at_least, 1.0 - bound / chance), 1.0, n)
