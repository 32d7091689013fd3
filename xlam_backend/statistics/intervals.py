"""Shares with their interval: the one notation of every page, table and export."""

from __future__ import annotations

import math

import msgspec

# The two-sided 95 % quantile of the normal distribution.
Z_95 = 1.959963984540054


class Rate(msgspec.Struct, frozen=True):
    """`hits` of `total`, the share (0..1) and its 95 % Wilson interval; None of them when `total` is 0."""

    hits: int
    total: int
    share: float | None
    low: float | None
    high: float | None


def rate(hits: int, total: int) -> Rate:
    """Return a share with its Wilson score interval (Wilson 1927, JASA 22:209-212).

    >>> result = rate(3, 10)
    >>> f"{result.share:.3f} [{result.low:.3f}, {result.high:.3f}]"
    '0.300 [0.108, 0.603]'
    >>> rate(0, 0).share is None
    True
    """
    if total <= 0:
        return Rate(hits, total, None, None, None)
    share, spread = hits / total, Z_95 * Z_95 / total
    centre = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    # Rounding may put a bound a last digit on the wrong side of a share of 0 or 1.
    return Rate(hits, total, share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def show_share(shown: Rate) -> str:
    """Write a share for people.

    >>> show_share(rate(3, 10)), show_share(rate(0, 0))
    ('30.0 %', 'none')
    """
    return "none" if shown.share is None else f"{shown.share * 100:.1f} %"


def show_interval(shown: Rate) -> str:
    """Write the interval of a share for people.

    >>> show_interval(rate(3, 10))
    '10.8 to 60.3 %'
    """
    return (
        ""
        if shown.low is None or shown.high is None
        else f"{shown.low * 100:.1f} to {shown.high * 100:.1f} %"
    )


def show_rate(shown: Rate) -> str:
    """Write a rate for people: share, interval and what it is a share of.

    >>> show_rate(rate(3, 10))
    '30.0 % (10.8 to 60.3 %) of 10'
    """
    if shown.share is None:
        return "none to count"
    return f"{show_share(shown)} ({show_interval(shown)}) of {shown.total:,}"
