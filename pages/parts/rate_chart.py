"""Rates as marks of a chart, and as cells of the table under it."""

from __future__ import annotations

from xlam_backend.charts.bars import IntervalMark
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.domain.finding import Level
from xlam_backend.statistics.intervals import Rate, show_interval, show_rate, show_share


def rate_mark(
    key: str,
    label: str,
    rate: Rate,
    *,
    value: str = "",
    level: Level | None = None,
    note: str = "",
    colour: str = "",
) -> IntervalMark:
    """Return a rate as a mark; of a level it has that level's shape and colour.

    A rate that is no error has a `colour` of its own. `value` stands behind the interval, `note` is shown
    when pointed at; both tell the rate if left out.
    """
    look = LEVEL_LOOKS[level or "reject"]
    return IntervalMark(
        key,
        label,
        rate.share or 0.0,
        rate.low or 0.0,
        rate.high or 0.0,
        note or show_rate(rate),
        colour or look.fill,
        look.symbol if level else "circle",
        value or f"{rate.hits:,}  ({show_share(rate)})",
    )


def rate_cells(rate: Rate) -> tuple[str, str, str, str]:
    """Return hits, total, share and interval."""
    return (f"{rate.hits:,}", f"{rate.total:,}", show_share(rate), show_interval(rate))
