"""Intervals for a mean over runs and questions, where every run answered the same questions.

Both vary by chance: another seed gives another model, other questions another test. So runs and questions are
drawn anew independently of each other (the "pigeonhole" bootstrap: Owen 2007, Annals of Applied Statistics
1:386-411). It is cautious: with few runs the interval is rather too wide than too narrow, save that two or
three seeds cannot show all that chance may do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xlam_backend.statistics.bootstrap import COVERAGE, INTERVAL_SEED, LEAST_ITEMS, RESAMPLES
from xlam_backend.statistics.estimate import Estimate, undefined
from xlam_backend.statistics.intervals import rate

Floats = npt.NDArray[np.float64]


def crossed_mean(
    values: Floats, *, lowest: float = -1.0, seed: int = INTERVAL_SEED, resamples: int = RESAMPLES
) -> Estimate:
    """Return the mean of values (runs x questions) with its interval; `n` counts the questions.

    No value is below `lowest` (0 for right and wrong, -1 for their differences) or above 1.

    Where no value differs from another, resampling shows no spread: the interval is then as wide as that of
    a share of as many questions which nobody, or everybody, got right (Wilson).

    >>> round(crossed_mean(np.array([[1.0, 0.0, 1.0, 1.0, 0.0, 1.0]] * 3)).value, 3)
    0.667
    """
    runs, questions = values.shape
    if not runs or not questions:
        return undefined("nothing was answered by all")
    value = float(values.mean())
    if np.ptp(values) == 0:
        half = rate(0, questions).high or 1.0
        return Estimate(value, max(lowest, value - half), min(1.0, value + half), questions)
    if questions < LEAST_ITEMS:
        return Estimate(value, None, None, questions)
    generator = np.random.default_rng(seed)
    by_run = generator.multinomial(runs, np.full(runs, 1 / runs), size=resamples)
    by_question = generator.multinomial(questions, np.full(questions, 1 / questions), size=resamples)
    drawn = np.sum((by_run @ values) * by_question, axis=1) / (runs * questions)
    low, high = np.quantile(drawn, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    return Estimate(value, min(float(low), value), max(float(high), value), questions)
