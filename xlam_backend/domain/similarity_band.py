"""Bands of similarity around a threshold: narrow where the threshold may be moved, wider further off."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

WIDTHS = (0.02, 0.05, 0.1)  # how far from the threshold each band ends
_DIGITS = 4  # a threshold is a number such as 0.85; edges are kept free of what binary fractions add


class Band(NamedTuple):
    """Similarities from `low` up to, but not with, `high`; the highest band has its end with it."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """Return the band in words; sorted as texts, bands stand in order.

        >>> Band(0.8, 0.825).words
        '0.80 to 0.825'
        """
        return f"{_plain(self.low)} to {_plain(self.high)}"


def bands_below(threshold: float) -> list[Band]:
    """Return the bands that end at a threshold, the lowest first.

    >>> [band.words for band in bands_below(0.8)]
    ['0.70 to 0.75', '0.75 to 0.78', '0.78 to 0.80']
    """
    edges = [round(threshold - width, _DIGITS) for width in reversed(WIDTHS)]
    return _between([max(edge, 0.0) for edge in edges] + [threshold])


def bands_above(threshold: float) -> list[Band]:
    """Return the bands from a threshold up to 1, the lowest first; pairs as alike as can be count too.

    >>> [band.words for band in bands_above(0.97)]
    ['0.97 to 0.99', '0.99 to 1.00']
    """
    edges = [round(threshold + width, _DIGITS) for width in WIDTHS]
    found = _between([threshold, *(min(edge, 1.0) for edge in edges), 1.0])
    return found or [Band(threshold, 1.0)]


def _between(edges: list[float]) -> list[Band]:
    return [Band(low, high) for low, high in pairwise(edges) if low < high]


def _plain(edge: float) -> str:
    return max(f"{edge:.2f}", f"{edge:.{_DIGITS}f}".rstrip("0"), key=len)
