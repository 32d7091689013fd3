"""Estimates as marks of a chart, and as cells of the table under it; undefined ones say why."""

from __future__ import annotations

from xlam_backend.charts.bars import ACCENT, IntervalMark
from xlam_backend.statistics.estimate import Estimate, show_bounds, show_estimate, show_value


def estimate_mark(
    key: str, label: str, shown: Estimate, *, colour: str = ACCENT, is_share: bool = False
) -> IntervalMark:
    """Return a defined estimate as a mark, shares in percent; without an interval it is a point alone."""
    value = shown.value or 0.0
    return IntervalMark(
        key,
        label,
        value,
        value if shown.low is None else min(shown.low, value),
        value if shown.high is None else max(shown.high, value),
        show_estimate(shown),
        colour,
        "circle" if shown.low is not None else "circle-open",
        f"{share_words(shown)[0] if is_share else show_value(shown)}  on {shown.n:,}",
    )


def estimate_cells(shown: Estimate) -> tuple[str, str, str]:
    """Return value, interval and number of items; an undefined one says why in place of its interval."""
    return (show_value(shown), show_bounds(shown) or shown.undefined_because, f"{shown.n:,}")


def share_words(shown: Estimate) -> tuple[str, str]:
    """Return value and interval of a share in percent; an undefined one says why in place of its interval."""
    if shown.value is None:
        return show_value(shown), shown.undefined_because
    value = f"{shown.value * 100:.1f} %"
    if shown.low is None or shown.high is None:
        return value, ""
    return value, f"{shown.low * 100:.1f} to {shown.high * 100:.1f} %"


def axis_start(marks: list[IntervalMark]) -> float:
    """Return where the axis of an agreement begins: at 0, or below where an interval reaches there."""
    return min(0.0, *(max(-1.0, mark.low) for mark in marks)) if marks else 0.0
