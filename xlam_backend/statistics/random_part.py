"""A part of many numbers, drawn by chance."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


def random_part(numbers: Integers, size: int, seed: int) -> Integers:
    """Return `size` of these numbers as the seed decides, ascending; all of them when there are no more.

    >>> random_part(np.array([5, 3, 8, 1]), 2, seed=0)
    array([1, 3])
    >>> random_part(np.array([5, 3]), 9, seed=0)
    array([3, 5])
    """
    if size >= len(numbers):
        return np.sort(numbers)
    drawn = random.Random(seed).sample(range(len(numbers)), size)  # noqa: S311 - no secret
    return np.sort(numbers[np.asarray(drawn, np.int64)])
