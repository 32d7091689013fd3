"""How often two answers to the same item are the same: of two people, or of one asked again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import msgspec

from xlam_backend.statistics.cohen import Weights, cohen_kappa
from xlam_backend.statistics.estimate import Estimate
from xlam_backend.statistics.intervals import Rate, rate


class SelfAgreement(msgspec.Struct, frozen=True):
    """Share of repeated items that got the same answer both times, and kappa of first with second answer."""

    same: Rate
    kappa: Estimate


def self_agreement(
    pairs: Sequence[tuple[Hashable, Hashable]],
    domain: Sequence[Hashable],
    *,
    weights: Weights = "none",
    seed: int,
) -> SelfAgreement:
    """Return how one person's second answers agree with the first."""
    return SelfAgreement(share_equal(pairs), cohen_kappa(pairs, domain, weights=weights, seed=seed))


def share_equal(pairs: Iterable[tuple[Hashable, Hashable]]) -> Rate:
    """Return the share of pairs whose two sides are equal."""
    equal = [first == second for first, second in pairs]
    return rate(sum(equal), len(equal))
