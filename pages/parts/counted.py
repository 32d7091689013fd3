"""A number with its noun, in the singular where there is one."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return how many there are in words; `many` defaults to `one` with an s.

    >>> counted(1, "step"), counted(1200, "trajectory", "trajectories")
    ('1 step', '1,200 trajectories')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
