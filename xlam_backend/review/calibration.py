"""How far checks and judges can be trusted: what they flag held against what people settled on.

Truth is the last word on an item, else what the majority of its reviewers agrees on; an item without
either is open and counts nowhere. Shares of all there is weight each item by how it was drawn, and by how
many of its kind (flagged or not) are settled; they are taken from queues that also hold unflagged items,
because others cannot show what was missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from xlam_backend.review.settled import CLOSE, SettledItem, settle, with_response
from xlam_backend.statistics.bootstrap import INTERVAL_SEED
from xlam_backend.statistics.cohen import cohen_kappa
from xlam_backend.statistics.confusion import ConfusionMatrix, confusion_matrix
from xlam_backend.statistics.estimate import Estimate, undefined
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.statistics.label_budget import labels_for_kappa, labels_for_share, labels_for_width
from xlam_backend.statistics.length_bias import LengthBias, length_bias
from xlam_backend.statistics.precision_recall import (
    NOTHING_UNFLAGGED,
    Labelled,
    PrecisionRecall,
    precision_recall,
)
from xlam_backend.statistics.score_histogram import ScoreBin, score_histogram
from xlam_backend.statistics.threshold import (
    Goal,
    Line,
    Scored,
    Suggestion,
    suggest_threshold,
    threshold_lines,
)
from xlam_backend.store.connection import Store
from xlam_backend.store.review_labels import read_drawn_counts, read_item_answers

MOST_POINTS = 3000
LEAST_PRECISION = 0.9
LENGTHS = {"steps": "steps", "query": "characters of the request", "rationale": "characters of the rationale"}
RATINGS = ("1", "2", "3", "4", "5")


class Voice(msgspec.Struct, frozen=True, order=True):
    """Who is held against people: a check, or a judge as one model answers one version of its prompt.

    The name "" stands for all checks together: a call that several checks left unmarked belongs to no
    single one of them.
    """

    name: str
    model: str = ""
    prompt_version: int = 0


class Budget(msgspec.Struct, frozen=True):
    """How many labels in all would tell each number to within +-0.10; None where that cannot be said yet."""

    precision: int | None
    recall: int | None
    kappa: int | None


class Calibration(msgspec.Struct, frozen=True):
    """One voice with its quality.

    `answered_count` items have an answer, `settled_count` of them are settled. `quality.precision` counts
    them all; its other numbers come from the `weighed_count` settled items of queues that also hold
    unflagged items.
    """

    voice: Voice
    kind: str
    prompt_name: str
    is_scripted: bool
    answered_count: int
    settled_count: int
    weighed_count: int
    quality: PrecisionRecall
    budget: Budget


class ScoreRate(msgspec.Struct, frozen=True):
    """Of the items with a score, how many people call bad."""

    low: float
    high: float
    bad: Rate


class LengthPoint(msgspec.Struct, frozen=True):
    """One item in the plot of length against judge minus people."""

    item_no: int
    length: int
    error: float


class LengthView(msgspec.Struct, frozen=True):
    """Whether length sways the voice, in one measure of length; the points are at most 3,000 of the items."""

    measure: str
    bias: LengthBias
    points: tuple[LengthPoint, ...]


class CalibrationDetail(msgspec.Struct, frozen=True):
    """Everything about one voice.

    `flags` sets the flag (rows) against people (columns), `ratings` scores against human ratings where
    there are both. `rating_kappa` weights by the square of the distance. `suggestions` serve F1, and a
    precision of 90 %.
    """

    calibration: Calibration
    flags: ConfusionMatrix
    ratings: ConfusionMatrix | None
    rating_kappa: Estimate
    within_one: Rate
    histogram: tuple[ScoreBin, ...]
    by_score: tuple[ScoreRate, ...]
    length: LengthView
    lines: tuple[Line, ...]
    suggestions: tuple[Suggestion, ...]


def read_settled_items(store: Store, queue_no: int = 0) -> list[SettledItem]:
    """Return the answered items of a queue, or (0) of all, with what people say of each."""
    answers = read_item_answers(store, queue_no)
    items = [settle(given) for given in answers if given.kind != "duplicate"]  # no check and no judge spoke
    return with_response(items, read_drawn_counts(store, queue_no))


def read_calibration(
    store: Store, queue_no: int = 0, *, seed: int = INTERVAL_SEED
) -> tuple[Calibration, ...]:
    """Return every check and judge that people answered items of, with its quality."""
    by_voice = group_by_voice(read_settled_items(store, queue_no))
    return tuple(_calibrate(voice, items, seed=seed) for voice, items in sorted(by_voice.items()))


def read_calibration_detail(
    store: Store, voice: Voice, queue_no: int = 0, *, length: str = "steps", seed: int = INTERVAL_SEED
) -> CalibrationDetail | None:
    """Return everything about one voice, None when no item of it was answered."""
    items = group_by_voice(read_settled_items(store, queue_no)).get(voice)
    return None if not items else detail_of(voice, items, length=length, seed=seed)


def group_by_voice(items: Iterable[SettledItem]) -> dict[Voice, list[SettledItem]]:
    """Return the items of each voice; all checks together where some items belong to no single one."""
    found: dict[Voice, list[SettledItem]] = defaultdict(list)
    of_checks: dict[int, list[SettledItem]] = defaultdict(list)
    for item in items:
        if item.kind == "finding":
            of_checks[item.queue_no].append(item)
        if item.name:
            found[Voice(item.name, item.model, item.prompt_version)].append(item)
    together = [
        item for group in of_checks.values() if any(not each.name for each in group) for item in group
    ]
    if together:
        found[Voice("")] = together
    return dict(found)


def detail_of(voice: Voice, items: Sequence[SettledItem], *, length: str, seed: int) -> CalibrationDetail:
    """Return everything about a voice from its items."""
    known = [item for item in items if item.is_bad is not None]
    rated = [
        (item, item.score, item.human_rating)
        for item in known
        if item.score is not None and item.human_rating is not None
    ]
    scored = [
        Scored(item.score, bool(item.is_bad), item.stratum, 1 / item.weight)
        for item in _from_whole_queues(items)
        if item.score is not None
    ]
    pairs = [(str(round(score)), str(round(human))) for _, score, human in rated]
    return CalibrationDetail(
        _calibrate(voice, items, seed=seed),
        confusion_matrix(
            ((_word(item.is_flagged), _word(bool(item.is_bad)), item.weight) for item in known),
            ("bad", "fine"),
        ),
        confusion_matrix(((*pair, item.weight) for pair, (item, _, _) in zip(pairs, rated)), RATINGS)
        if rated
        else None,
        cohen_kappa(pairs, RATINGS, weights="quadratic", seed=seed)
        if rated
        else undefined("no item has both a score and a human rating"),
        rate(sum(abs(score - human) <= CLOSE for _, score, human in rated), len(rated)),
        _histogram(items),
        _by_score(known),
        _length(known, length),
        threshold_lines(scored) if scored else (),
        _suggest(scored, seed=seed) if any(item.score is not None for item in known) else (),
    )


def _suggest(scored: Sequence[Scored], *, seed: int) -> tuple[Suggestion, ...]:
    """Return the lines that serve a goal; none is found among flagged items alone."""
    goals: tuple[tuple[Goal, float], ...] = (("f1", LEAST_PRECISION), ("precision", LEAST_PRECISION))
    if not scored:
        return tuple(Suggestion(goal, least, None, None, 0, NOTHING_UNFLAGGED) for goal, least in goals)
    return tuple(
        suggest_threshold(scored, goal=goal, least_precision=least, seed=seed) for goal, least in goals
    )


def _from_whole_queues(items: Sequence[SettledItem]) -> list[SettledItem]:
    """Return the settled items of queues that hold unflagged items too: they speak for all there is."""
    whole = {item.queue_no for item in items if not item.is_flagged}
    return [item for item in items if item.is_bad is not None and item.queue_no in whole]


def _calibrate(voice: Voice, items: Sequence[SettledItem], *, seed: int) -> Calibration:
    first = items[0]
    known = [item for item in items if item.is_bad is not None]
    weighed = _from_whole_queues(items) or known
    found = precision_recall(map(_labelled, weighed), seed=seed)
    flagged = [item for item in known if item.is_flagged]
    quality = msgspec.structs.replace(
        found, precision=rate(sum(bool(item.is_bad) for item in flagged), len(flagged))
    )
    return Calibration(
        voice,
        first.kind,
        first.prompt_name,
        any(item.is_scripted for item in items),
        len(items),
        len(known),
        len(weighed),
        quality,
        _budget(quality, known),
    )


def _labelled(item: SettledItem) -> Labelled:
    return Labelled(item.is_flagged, bool(item.is_bad), item.stratum, 1 / item.weight)


def _budget(quality: PrecisionRecall, known: Sequence[SettledItem]) -> Budget:
    """Return the labels that +-0.10 takes: by formula, for recall by how its interval shrinks."""
    precision, recall, kappa = quality.precision, quality.recall, quality.kappa
    wanted_kappa = None
    if kappa.value is not None and known:
        prevalence = sum(bool(item.is_bad) for item in known) / len(known)
        wanted_kappa = labels_for_kappa(kappa.value, prevalence)
    wanted_recall = None
    if recall.low is not None and recall.high is not None:
        wanted_recall = labels_for_width(recall.n, recall.low, recall.high)
    # Two more of each kind (Agresti and Coull 1998): a share of 1 after one label is not known to be 1.
    likely = (precision.hits + 2) / (precision.total + 4)
    return Budget(labels_for_share(likely) if precision.total else None, wanted_recall, wanted_kappa)


def _word(is_bad: bool) -> str:
    return "bad" if is_bad else "fine"


def _histogram(items: Iterable[SettledItem]) -> tuple[ScoreBin, ...]:
    scored = [(item.score, item.is_bad) for item in items if item.score is not None]
    if not scored:
        return ()
    return score_histogram([score for score, _ in scored], [bad for _, bad in scored], scale=(1.0, 5.0))


def _by_score(known: Iterable[SettledItem]) -> tuple[ScoreRate, ...]:
    return tuple(
        ScoreRate(each.low, each.high, rate(each.bad, each.good + each.bad)) for each in _histogram(known)
    )


def _length(known: Sequence[SettledItem], measure: str) -> LengthView:
    chosen = measure if measure in LENGTHS else "steps"
    points = [LengthPoint(item.item_no, _length_of(item, chosen), error_of(item)) for item in known]
    every = max(1, -(-len(points) // MOST_POINTS))
    return LengthView(
        chosen,
        length_bias([point.length for point in points], [point.error for point in points]),
        tuple(points[::every]),
    )


def _length_of(item: SettledItem, measure: str) -> int:
    if measure == "query":
        return item.query_length
    return item.rationale_length if measure == "rationale" else item.step_count


def error_of(item: SettledItem) -> float:
    """Return judge minus people: above 0 where the judge is kinder.

    In points where both gave a rating; else 1 for a bad place left unmarked, -1 for a fine one flagged.
    """
    if item.score is not None and item.human_rating is not None:
        return item.score - item.human_rating
    return float(bool(item.is_bad)) - float(item.is_flagged)
