"""Fleiss' kappa: agreement of any people, as many on each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import msgspec
import numpy as np

from xlam_backend.statistics.bootstrap import RESAMPLES, Floats, Method, bootstrap_interval
from xlam_backend.statistics.estimate import NEARLY_ONE, Estimate, flawless, undefined
from xlam_backend.statistics.krippendorff import ALL_THE_SAME, NOBODY_TWICE
from xlam_backend.statistics.patterns import count_patterns


class FleissKappa(msgspec.Struct, frozen=True):
    """Kappa over the items with `rater_count` answers; `left_out` items have another number of them."""

    kappa: Estimate
    rater_count: int
    left_out: int


def fleiss_kappa(
    items: Iterable[Sequence[Hashable]],
    domain: Sequence[Hashable],
    *,
    seed: int,
    method: Method = "bca",
    resamples: int = RESAMPLES,
) -> FleissKappa:
    """Return kappa (Fleiss 1971, Psych. Bull. 76:378-382) with a bootstrap interval over items.

    It asks for as many answers on every item: the most frequent number above one is taken (of equally
    frequent ones the larger), and items with another are left out and counted.
    """
    answered = [answers for answers in items if len(answers) > 1]
    sizes = Counter(len(answers) for answers in answered)
    if not sizes:
        return FleissKappa(undefined(NOBODY_TWICE), 0, 0)
    raters = max(sizes, key=lambda size: (sizes[size], size))
    found = count_patterns((answers for answers in answered if len(answers) == raters), domain)
    n = int(found.counts.sum())
    left_out = len(answered) - n
    if np.count_nonzero(found.answers.sum(axis=0)) < 2:
        return FleissKappa(undefined(ALL_THE_SAME, n), raters, left_out)

    def kappa_of(draws: Floats) -> Floats:
        return _kappa_of(draws, found.answers, raters)

    value = float(kappa_of(found.counts[np.newaxis].astype(np.float64))[0])
    if value > NEARLY_ONE:
        shares = found.counts @ found.answers / (n * raters)
        return FleissKappa(flawless(n, float(1 - shares @ shares)), raters, left_out)
    interval = bootstrap_interval(kappa_of, found.counts, seed=seed, method=method, resamples=resamples)
    return FleissKappa(Estimate(value, interval.low, interval.high, n), raters, left_out)


def _kappa_of(draws: Floats, answers: Floats, raters: int) -> Floats:
    item_agreement = ((answers**2).sum(axis=1) - raters) / (raters * (raters - 1))
    sizes = draws.sum(axis=1)
    observed = draws @ item_agreement / sizes
    shares = draws @ answers / (sizes * raters)[:, np.newaxis]
    expected = (shares**2).sum(axis=1)
    # All answers equal leaves 1 - expected at a rounding error above 0, or at 0.
    kappas: Floats = np.where(1 - expected > 1e-12, (observed - expected) / (1 - expected), np.nan)
    return kappas
