"""How many pairs above a threshold are truly duplicates: what people say of sampled pairs comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from xlam_backend.dedupe.clusters import threshold_curve
from xlam_backend.domain.near_duplicate import CurvePoint
from xlam_backend.domain.similarity_band import Band, bands_above, bands_below
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.statistics.precision_recall import Labelled, precision_recall
from xlam_backend.store.connection import Store
from xlam_backend.store.duplicate_items import DuplicateAnswers, read_duplicate_answers
from xlam_backend.store.review_queues import read_plan

PrecisionSource = Literal["", "sampled pairs", "decided clusters"]
INTERVAL_SEED = 0
_RESAMPLES = 1_000


class SampledPair(msgspec.Struct, frozen=True):
    """A pair that was drawn: `is_same` is None while people have not settled it.

    `inclusion_probability` is that of being drawn and settled; `covered_from` is the similarity from which
    its queue was drawn: below it, it says nothing.
    """

    similarity: float
    is_same: bool | None
    stratum: str
    inclusion_probability: float
    band: Band
    covered_from: float


class PrecisionAt(msgspec.Struct, frozen=True):
    """The share of the pairs from a threshold up that are the same sample, and where this is known from.

    From sampled pairs, each weighs what it stands for; then `share.hits` of `share.total` are what people
    answered, and share and interval are those of all pairs that are kept to look at.
    """

    threshold: float
    share: Rate
    source: PrecisionSource


class BandPrecision(msgspec.Struct, frozen=True):
    """What people say of the sampled pairs of one band; `drawn_count` counts the unanswered, too."""

    band: Band
    drawn_count: int
    share: Rate


class DuplicatePrecision(msgspec.Struct, frozen=True):
    """What is known of a search: precision at every threshold of its curve, and in each sampled band."""

    points: tuple[PrecisionAt, ...]
    bands: tuple[BandPrecision, ...]

    def at(self, threshold: float) -> PrecisionAt:
        """Return what is known at the nearest threshold of the curve."""
        return min(self.points, key=lambda point: abs(point.threshold - threshold))


def read_precision(store: Store, search_no: int) -> DuplicatePrecision:
    """Return what reviewed pairs and decided clusters say about the thresholds of a search."""
    pairs = _sampled_pairs(store, search_no)
    points = tuple(_precision(pairs, point) for point in threshold_curve(store, search_no))
    return DuplicatePrecision(points, _by_band(pairs))


def precision_of_sample(pairs: Sequence[SampledPair], threshold: float, *, seed: int) -> Rate:
    """Return the weighted share of the same among the pairs from a threshold up; no share when unknown."""
    labelled = [
        Labelled(True, pair.is_same, pair.stratum, pair.inclusion_probability)
        for pair in pairs
        if pair.is_same is not None
        and _reaches(pair.similarity, threshold)
        and pair.covered_from <= threshold
    ]
    if not labelled:
        return rate(0, 0)
    found = precision_recall(labelled, seed=seed, resamples=_RESAMPLES)
    weighted = found.weighted_precision
    if weighted.low is None or weighted.high is None:
        return found.precision
    return msgspec.structs.replace(
        found.precision, share=weighted.value, low=weighted.low, high=weighted.high
    )


def _precision(pairs: Sequence[SampledPair], point: CurvePoint) -> PrecisionAt:
    sampled = precision_of_sample(pairs, point.threshold, seed=INTERVAL_SEED)
    if sampled.total:
        return PrecisionAt(point.threshold, sampled, "sampled pairs")
    source: PrecisionSource = "decided clusters" if point.judged_count else ""
    return PrecisionAt(point.threshold, rate(point.right_count, point.judged_count), source)


def _by_band(pairs: Sequence[SampledPair]) -> tuple[BandPrecision, ...]:
    found = []
    for band in sorted({pair.band for pair in pairs}):
        own = [pair for pair in pairs if pair.band == band]
        same = sum(pair.is_same is True for pair in own)
        settled = sum(pair.is_same is not None for pair in own)
        found.append(BandPrecision(band, len(own), rate(same, settled)))
    return tuple(found)


def _sampled_pairs(store: Store, search_no: int) -> list[SampledPair]:
    answers = read_duplicate_answers(store, search_no)
    drawn = Counter(map(_stratum, answers))
    settled = Counter(_stratum(each) for each in answers if _is_same(each) is not None)
    with_lower = {each.queue_no for each in answers if not each.is_flagged}
    thresholds = {
        number: read_plan(store, number).threshold for number in {each.queue_no for each in answers}
    }
    pairs = []
    for each in answers:
        stratum, threshold = _stratum(each), thresholds[each.queue_no]
        lower = bands_below(threshold) if each.queue_no in with_lower else []
        bands = [*lower, *bands_above(threshold)]
        pairs.append(
            SampledPair(
                each.similarity,
                _is_same(each),
                stratum,
                each.inclusion_probability * settled[stratum] / drawn[stratum],
                next(band for band in reversed(bands) if _reaches(each.similarity, band.low)),
                bands[0].low,
            )
        )
    return pairs


def _stratum(answers: DuplicateAnswers) -> str:
    return f"{answers.queue_no} {answers.stratum}"


def _is_same(answers: DuplicateAnswers) -> bool | None:
    return {"agree": True, "disagree": False}.get(answers.word)


def _reaches(similarity: float, threshold: float) -> bool:
    """Compare as the store does: similarities are kept in single precision."""
    return bool(np.float32(similarity) >= np.float32(threshold))
