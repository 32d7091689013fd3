"""Items counted by the answers they got: the form in which agreement is computed and resampled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import msgspec
import numpy as np

from xlam_backend.statistics.bootstrap import Floats, Integers


class AnswerPatterns(msgspec.Struct, frozen=True):
    """The distinct ways in which items were answered.

    `answers[p, v]` is how often value v of the domain was given to an item of pattern p, `counts[p]` how
    many items show that pattern.
    """

    answers: Floats
    counts: Integers


def count_patterns(items: Iterable[Sequence[Hashable]], domain: Sequence[Hashable]) -> AnswerPatterns:
    """Count items by their answers, in whatever order given; those with fewer than two are left out.

    >>> found = count_patterns([("a", "b"), ("b", "a"), ("a",)], ["a", "b"])
    >>> found.answers.tolist(), found.counts.tolist()
    ([[1.0, 1.0]], [2])
    """
    place = {value: index for index, value in enumerate(domain)}
    same_order = Counter(tuple(answers) for answers in items if len(answers) > 1)
    seen: Counter[tuple[int, ...]] = Counter()
    for answers, count in same_order.items():
        tally = [0] * len(domain)
        for answer in answers:
            tally[place[answer]] += 1
        seen[tuple(tally)] += count
    # In one order, whatever the order of the items: equal data gives equal draws.
    ordered = sorted(seen.items())
    return AnswerPatterns(
        np.array([tally for tally, _ in ordered], np.float64).reshape(len(ordered), len(domain)),
        np.array([count for _, count in ordered], np.int64),
    )
