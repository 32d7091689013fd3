"""What a page says of the pairs: where they come from, what became of them, margins, reasons, alarms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from xlam_backend.domain.pair import PAIR_ORIGINS, PairOrigin
from xlam_backend.domain.preference_row import Standing
from xlam_backend.preference.counting import JudgedPair, Outcome, count_pairs
from xlam_backend.preference.selection import PairSelection
from xlam_backend.statistics.intervals import Rate
from xlam_backend.store.connection import Store
from xlam_backend.store.preference import has_pairs as has_pairs

BIN_WIDTH = 0.5

Alarm = Literal[
    "people prefer the rejected side",
    "the chosen side is rated lower",
    "the chosen side has more findings",
]
ALARMS: tuple[Alarm, ...] = get_args(Alarm)


# The pair is out whichever of its sides is the better one.
_BEYOND_ALARM: tuple[Outcome, ...] = (
    "both sides mean the same",
    "the trajectory was changed since",
    "the trajectory was dropped",
    "the trajectory resembles an evaluation set, or stands in one",
)


class OriginFigures(msgspec.Struct, frozen=True):
    """The pairs of one origin: how many there are, count, and what people say of them."""

    origin: PairOrigin
    total: int
    counting: int
    scripted: int
    standings: dict[Standing, int]


class MarginBin(msgspec.Struct, frozen=True):
    """How many pairs have a margin from `low` up to, not including, `high`; and how many of them count."""

    low: float
    high: float
    total: int
    counting: int


class KindRate(msgspec.Struct, frozen=True):
    """In how many of the settled pairs of a kind (origin and reason) people confirmed the chosen side."""

    origin: PairOrigin
    reason: str
    rate: Rate


class PreferenceFigures(msgspec.Struct, frozen=True):
    """All figures of a selection. `reasons` counts what is wrong with rejected sides of pairs that count."""

    total: int
    counting: int
    origins: tuple[OriginFigures, ...]
    outcomes: dict[Outcome, int]
    margins: tuple[MarginBin, ...]
    unrated: int
    reasons: dict[str, dict[PairOrigin, int]]
    kinds: dict[str, int]
    confirmed: tuple[KindRate, ...]
    alarms: dict[Alarm, int]


def read_figures(store: Store, selection: PairSelection) -> PreferenceFigures:
    """Return the figures of a selection."""
    counted = count_pairs(store, selection)
    counting = [pair for pair in counted.pairs if pair.outcome == "counts"]
    alarms = Counter(alarm for pair in counted.pairs for alarm in alarms_of(pair))
    kinds = Counter(pair.facts.kind for pair in counting if pair.facts.kind)
    return PreferenceFigures(
        total=len(counted.pairs),
        counting=len(counting),
        origins=tuple(_of_origin(origin, counted.pairs) for origin in PAIR_ORIGINS),
        outcomes=counted.count_outcomes(),
        margins=bin_margins(counted.pairs),
        unrated=sum(1 for pair in counted.pairs if pair.margin is None),
        reasons=_count_reasons(counting),
        kinds=dict(kinds.most_common()),
        confirmed=tuple(
            KindRate(origin, reason, known) for (origin, reason), known in counted.confirmed.items()
        ),
        alarms={alarm: alarms[alarm] for alarm in ALARMS if alarms[alarm]},
    )


def alarms_of(pair: JudgedPair) -> tuple[Alarm, ...]:
    """Return why the sides of a pair may stand the wrong way round; people's word ends the matter.

    Nor does a pair raise an alarm that cannot count, whatever the rule.
    """
    facts = pair.facts
    if pair.standing == "flipped":
        return ("people prefer the rejected side",)
    if facts.answered == "settled" or pair.outcome in _BEYOND_ALARM:
        return ()
    is_lower = facts.margin is not None and facts.margin < 0
    found: list[Alarm] = ["the chosen side is rated lower"] if is_lower else []
    if facts.own_finding_count > facts.finding_count:
        found.append("the chosen side has more findings")
    return tuple(found)


def bin_margins(pairs: Iterable[JudgedPair]) -> tuple[MarginBin, ...]:
    """Return how the margins are spread, in bins without gaps from the lowest to the highest."""
    total: Counter[int] = Counter()
    counting: Counter[int] = Counter()
    for pair in pairs:
        if pair.margin is not None and math.isfinite(pair.margin):
            place = math.floor(pair.margin / BIN_WIDTH)
            total[place] += 1
            counting[place] += pair.outcome == "counts"
    if not total:
        return ()
    return tuple(
        MarginBin(place * BIN_WIDTH, (place + 1) * BIN_WIDTH, total[place], counting[place])
        for place in range(min(total), max(total) + 1)
    )


def _of_origin(origin: PairOrigin, pairs: Iterable[JudgedPair]) -> OriginFigures:
    own = [pair for pair in pairs if pair.facts.origin == origin]
    return OriginFigures(
        origin,
        len(own),
        sum(1 for pair in own if pair.outcome == "counts"),
        sum(1 for pair in own if pair.facts.is_scripted),
        dict(Counter(pair.standing for pair in own)),
    )


def _count_reasons(pairs: Iterable[JudgedPair]) -> dict[str, dict[PairOrigin, int]]:
    found: dict[str, Counter[PairOrigin]] = {}
    for pair in pairs:
        reason = "other" if pair.standing == "flipped" else pair.facts.reason
        found.setdefault(reason, Counter())[pair.facts.origin] += 1
    ordered = sorted(found, key=lambda reason: (-found[reason].total(), reason))
    return {reason: dict(found[reason]) for reason in ordered}
