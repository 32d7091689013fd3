"""Says of each pair whether it counts, and if not, why: the first reason that holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, get_args
from weakref import WeakKeyDictionary

import msgspec

from xlam_backend.domain.pair import PairOrigin
from xlam_backend.domain.preference_row import Standing
from xlam_backend.preference.meaning import find_equal
from xlam_backend.preference.selection import PairSelection
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.connection import Store
from xlam_backend.store.preference import PairFacts, read_facts

Outcome = Literal[
    "counts",
    "another origin",
    "by the scripted model",
    "both sides mean the same",
    "the trajectory was changed since",
    "the trajectory was dropped",
    "the trajectory resembles an evaluation set, or stands in one",
    "people dropped it",
    "people see no better side",
    "people disagree",
    "a rule flags the chosen side",
    "nothing shows that one side is worse",
    "the margin is too small",
    "nobody has confirmed it",
    "its kind is not confirmed often enough",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

Kin = tuple[PairOrigin, str]  # pairs of one kind: origin and reason


class JudgedPair(msgspec.Struct, frozen=True):
    """A pair with what became of it under a selection."""

    facts: PairFacts
    outcome: Outcome
    standing: Standing

    @property
    def margin(self) -> float | None:
        """The margin as the pair stands after people turned it round, or did not."""
        margin = self.facts.margin
        return margin if margin is None or self.standing != "flipped" else -margin


class Counted(msgspec.Struct, frozen=True):
    """Every pair with what became of it, and how often people confirmed each kind."""

    pairs: tuple[JudgedPair, ...]
    confirmed: dict[Kin, Rate]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the pairs that count."""
        return [pair.facts.pair_no for pair in self.pairs if pair.outcome == "counts"]

    def count_outcomes(self) -> dict[Outcome, int]:
        """Return how many pairs there are of each outcome that occurs."""
        found = Counter(pair.outcome for pair in self.pairs)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}


# The newest counts of each store: a page asks for the same one several times.
_KEPT: WeakKeyDictionary[Store, dict[tuple[int, PairSelection], Counted]] = WeakKeyDictionary()
_MOST_KEPT = 3


def count_pairs(store: Store, selection: PairSelection) -> Counted:
    """Return every pair whose trajectory matches the selection's filters, with what becomes of it."""
    key = (store.revision, selection)
    kept = _KEPT.get(store, {})
    if key not in kept:
        newest = dict(list(kept.items())[1 - _MOST_KEPT :]) | {key: _count(store, selection)}
        _KEPT[store] = newest  # put in place whole: other threads may be reading the old one
        return newest[key]
    return kept[key]


def _count(store: Store, selection: PairSelection) -> Counted:
    facts = read_facts(store, selection.filters)
    # How far a kind can be trusted does not depend on which trajectories are wanted.
    about_all = facts if selection.filters.is_empty else read_facts(store)
    confirmed = count_confirmed(about_all)
    equal = find_equal(store, facts)
    pairs = (
        JudgedPair(each, _outcome(each, selection, confirmed, equal), standing_of(each)) for each in facts
    )
    return Counted(tuple(pairs), confirmed)


def count_confirmed(facts: Iterable[PairFacts]) -> dict[Kin, Rate]:
    """Return in how many of the settled pairs of each kind people confirmed the chosen side."""
    settled: Counter[Kin] = Counter()
    confirmed: Counter[Kin] = Counter()
    for each in facts:
        if each.answered == "settled":
            settled[kin_of(each)] += 1
            confirmed[kin_of(each)] += standing_of(each) == "confirmed"
    return {kin: rate(confirmed[kin], total) for kin, total in sorted(settled.items())}


def kin_of(facts: PairFacts) -> Kin:
    """Return the kind of a pair: what it is vouched for with."""
    return facts.origin, facts.reason


def standing_of(facts: PairFacts) -> Standing:
    """Return what people say of a pair, as far as they have settled on a better side."""
    if facts.answered != "settled" or facts.is_dropped:
        return "not reviewed"
    if facts.preference == "chosen":
        return "confirmed"
    return "flipped" if facts.preference == "rejected" else "not reviewed"


def _outcome(
    facts: PairFacts, selection: PairSelection, confirmed: Mapping[Kin, Rate], equal: Collection[int]
) -> Outcome:
    if not selection.wants(facts.origin):
        return "another origin"
    if facts.is_scripted and not selection.has_scripted:
        return "by the scripted model"
    against = _against_the_data(facts, equal) or _against_by_people(facts)
    if against:
        return against
    if standing_of(facts) != "not reviewed":
        return "counts"
    if facts.own_finding_count:
        return "a rule flags the chosen side"
    return _by_rule(facts, selection, confirmed)


def _against_the_data(facts: PairFacts, equal: Collection[int]) -> Outcome | None:
    if facts.is_equal or facts.pair_no in equal:
        return "both sides mean the same"
    if not facts.is_current:
        return "the trajectory was changed since"
    if facts.is_trajectory_dropped:
        return "the trajectory was dropped"
    return "the trajectory resembles an evaluation set, or stands in one" if facts.is_contaminated else None


def _against_by_people(facts: PairFacts) -> Outcome | None:
    if facts.answered == "some":
        return "people disagree"
    if facts.answered == "nobody":
        return None
    if facts.preference in ("equal", "both_bad"):
        return "people see no better side"
    return "people dropped it" if facts.is_dropped else None


def _by_rule(facts: PairFacts, selection: PairSelection, confirmed: Mapping[Kin, Rate]) -> Outcome:
    if selection.rule == "confirmed":
        return "nobody has confirmed it"
    if selection.rule == "sampled":
        known = confirmed.get(kin_of(facts))
        is_vouched = (
            known is not None
            and known.total >= selection.least_settled
            and known.hits >= selection.least_share * known.total
        )
        return "counts" if is_vouched else "its kind is not confirmed often enough"
    return _by_margin(facts, selection)


def _by_margin(facts: PairFacts, selection: PairSelection) -> Outcome:
    """Let a rule decide where one does and the ratings do not contradict it; else the margin."""
    is_shown = bool(facts.shown_by) or facts.origin == "corruption"
    if facts.margin is None:
        return "counts" if is_shown else "nothing shows that one side is worse"
    needed = min(0.0, selection.least_margin) if is_shown else selection.least_margin
    return "counts" if facts.margin >= needed else "the margin is too small"


def numbers_of(pairs: Sequence[JudgedPair], outcome: Outcome) -> list[int]:
    """Return the numbers of the pairs with this outcome."""
    return [pair.facts.pair_no for pair in pairs if pair.outcome == outcome]
