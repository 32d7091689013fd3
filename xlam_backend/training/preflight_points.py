"""What the check before a training says: points, each with a level, words and a way out."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

PointLevel = Literal["stops", "warns", "fine"]
POINT_LEVELS: tuple[PointLevel, ...] = get_args(PointLevel)
Topic = Literal["data", "model", "template", "length", "settings", "device", "memory", "disk"]


class Point(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    level  stops: it cannot work as it is; warns: it works, and somebody may not want it; fine
    """

    level: PointLevel
    topic: Topic
    words: str
    way_out: str = ""


def gigabytes(count: float) -> str:
    """Write bytes for people.

    >>> gigabytes(1.5e9), gigabytes(122.1e9), gigabytes(3e6), gigabytes(40_000)
    ('1.5 GB', '122 GB', '3 MB', '40 KB')
    """
    if count < 1e6:
        return f"{count / 1e3:,.0f} KB"
    if count < 1e8:
        return f"{count / 1e6:,.0f} MB"
    return f"{count / 1e9:,.1f} GB" if count < 1e10 else f"{count / 1e9:,.0f} GB"


def duration_words(seconds: float) -> str:
    """Write a duration for people, roughly.

    >>> duration_words(42), duration_words(300), duration_words(9000), duration_words(500_000)
    ('42 s', '5 min', '2.5 h', '5.8 days')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:,.1f} days"
