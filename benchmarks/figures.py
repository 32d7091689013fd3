"""What a benchmark measured: each figure with what was asked of it, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """One figure: what was asked at most (None: it is only told), what was reached."""

    name: str
    asked: float | None
    reached: float
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether it is at most what was asked."""
        return self.asked is None or self.reached <= self.asked


def show(figures: Sequence[Figure]) -> str:
    """Return the table of some figures.

    >>> print(show([Figure("places lost", 0, 0), Figure("next item, p95", 50, 61.5, "ms")]))
    figure                                                                      asked      reached
    places lost                                                                  <= 0            0   met
    next item, p95                                                           <= 50 ms      61.5 ms   MISSED
    """
    lines = [f"{'figure':<70}{'asked':>11}{'reached':>13}"]
    for figure in figures:
        asked = "" if figure.asked is None else f"<= {figure.asked:g} {figure.unit}".strip()
        said = "" if figure.asked is None else ("   met" if figure.is_met else "   MISSED")
        is_count = float(figure.reached).is_integer()
        reached = f"{figure.reached:,.{0 if is_count else 2 if figure.reached < 10 else 1}f} {figure.unit}"
        lines.append(f"{figure.name:<70}{asked:>11}{reached.strip():>13}{said}")
    return "\n".join(lines)


def exit_status(figures: Sequence[Figure]) -> int:
    """Return 0 when every figure is met, 1 when one is missed."""
    return 0 if all(figure.is_met for figure in figures) else 1
