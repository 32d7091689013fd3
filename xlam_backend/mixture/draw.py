"""Draws a mixture: which rows, how often, in which order, and why each other row is not in it.

Everything is decided by the recipe and what the rows say: neither the order in which they came into the
store nor their numbers there change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xlam_backend.mixture.chance import numbers_of
from xlam_backend.mixture.pool import Pool, estimate_tokens
from xlam_backend.mixture.recipe import RULES, Recipe, RuleName, Source
from xlam_backend.store.columns import Integers

NO_STEPS = "it has no step to learn from"
EXACT_DUPLICATE = "another row says exactly the same"
NOT_DRAWN = "its source has more rows than its share asks for"

RULE_REASONS: dict[RuleName, str] = {
    "dropped_by_reviewers": "people decided to drop it",
    "near_duplicates": "people decided that a near-duplicate stays for it",
    "rejected_by_checks": "a check rejects it",
    "flagged_by_judges": "a judge flagged a place of it",
    "contaminated": "it resembles an evaluation set, or stands in one",
    "not_compared": "it was never held against the evaluation sets",
    "licence_unknown": "nobody knows whether its licence allows commercial use",
    "licence_non_commercial": "its licence forbids commercial use",
    "too_long": "it is longer than the model's context",
}
# In the order in which they are told: the first that holds of a row is its reason. Place 0: none.
REASONS: tuple[str, ...] = ("", NO_STEPS, *RULE_REASONS.values(), EXACT_DUPLICATE, NOT_DRAWN)


class SourceDraw(NamedTuple):
    """What a source gave.

    matched    rows that match it and that no earlier source has taken
    distinct   of them: those that nothing is against
    available  how many it can give: distinct times epochs
    wanted     how many its share or count asks for
    taken      how many it gave
    """

    name: str
    matched: int
    distinct: int
    available: int
    wanted: int
    taken: int

    @property
    def missing(self) -> int:
        """How many rows it is short of."""
        return max(0, self.wanted - self.available)


class Drawn(NamedTuple):
    """Rows that match some source, as parallel columns.

    row      place in the pool's columns
    source   place of the source that has it
    reason   place in REASONS: why it is not in the mixture; 0 when it is
    copies   how often it is in the mixture
    against  for each rule, which of the rows it holds of
    """

    row: Integers
    source: Integers
    reason: Integers
    copies: Integers
    against: dict[RuleName, Integers]
    sources: tuple[SourceDraw, ...]

    @property
    def row_count(self) -> int:
        """How many rows the mixture has, copies counted."""
        return int(self.copies.sum())


def draw_mixture(recipe: Recipe, pool: Pool, matches: Sequence[Integers]) -> Drawn:
    """Draw a mixture; `matches` are, for each source, the places in the pool of the rows that match it."""
    row, source = _assigned(pool, matches)
    against = {rule: _holds(rule, recipe, pool, row) for rule in RULES}
    reason = np.zeros(len(row), np.int64)
    _tell(reason, pool.columns.step_count[row] == 0, NO_STEPS)
    for rule, holds in against.items():
        if recipe.rules.of(rule) == "leave out":
            _tell(reason, holds, RULE_REASONS[rule])
    _tell(reason, _is_repeated(pool, row, reason == 0), EXACT_DUPLICATE)
    places = [np.flatnonzero((source == at) & (reason == 0)) for at in range(len(recipe.sources))]
    offers = [len(found) * one.epochs for found, one in zip(places, recipe.sources)]
    wanted = wanted_rows(recipe, offers)
    copies = np.zeros(len(row), np.int64)
    for found, offer, count in zip(places, offers, wanted):
        copies[found] = _copies(recipe, pool, row[found], min(count, offer))
    _tell(reason, copies == 0, NOT_DRAWN)
    sources = tuple(
        SourceDraw(one.name, int((source == at).sum()), len(found), offer, count, min(count, offer))
        for at, (one, found, offer, count) in enumerate(zip(recipe.sources, places, offers, wanted))
    )
    return Drawn(row, source, reason, copies, against, sources)


def wanted_rows(recipe: Recipe, offers: Sequence[int]) -> list[int]:
    """Return how many rows each source is to give, where each can give this many.

    Without a size the mixture is as large as its fixed sources say, or as the shares allow; where a mixture
    may shrink, a source that has too few makes all others smaller.
    """
    fixed = [_fixed(source, offer) for source, offer in zip(recipe.sources, offers)]
    shares = [source.share or 0.0 for source in recipe.sources]
    if not any(shares):
        return fixed
    most = min(_most_rows(offer, share) for offer, share in zip(offers, shares) if share)
    if recipe.size is not None:
        total = min(recipe.size, most) if recipe.when_short == "shrink" else recipe.size
    elif any(fixed):
        total = int(sum(fixed) / (1 - sum(shares)) + 1e-6)
        if recipe.when_short == "shrink" and most < total:
            fixed = [int(count * most / total) for count in fixed]
            total = most
    else:
        total = most
    counts = split_by_share(total - sum(fixed), shares)
    return [given or shared for given, shared in zip(fixed, counts)]


def split_by_share(total: int, shares: Sequence[float]) -> list[int]:
    """Share out a number of rows so that the counts add up to it, largest remainder first.

    >>> split_by_share(10, [0.25, 0.5, 0.25])
    [3, 5, 2]
    """
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    counts = [int(each + 1e-9) for each in exact]
    order = sorted(range(len(shares)), key=lambda at: (-(exact[at] - counts[at]), at))
    for at in order[: max(0, total - sum(counts))]:
        counts[at] += 1
    return counts


def in_order(recipe: Recipe, pool: Pool, drawn: Drawn) -> tuple[Integers, Integers]:
    """Return the rows of the mixture in its order, as places in `drawn`, and which copy each is (from 1)."""
    taken = np.flatnonzero(drawn.copies)
    places = np.repeat(taken, drawn.copies[taken])
    starts = np.cumsum(drawn.copies[taken]) - drawn.copies[taken]
    copy = np.arange(len(places)) - np.repeat(starts, drawn.copies[taken]) + 1
    key = order_keys(recipe, pool, drawn.row[places], copy)
    high, low = pool.columns.content_high[drawn.row[places]], pool.columns.content_low[drawn.row[places]]
    order = np.lexsort((copy, low, high, key))
    return places[order], copy[order]


def order_keys(recipe: Recipe, pool: Pool, row: Integers, copy: Integers) -> Integers:
    """Return the numbers by which the rows of a mixture are ordered."""
    high = pool.columns.content_high[row].astype(np.uint64)
    low = pool.columns.content_low[row].astype(np.uint64) ^ copy.astype(np.uint64)
    return numbers_of(recipe.seed, "order", high, low)


def _assigned(pool: Pool, matches: Sequence[Integers]) -> tuple[Integers, Integers]:
    """Give every row to the first source that it matches: a trajectory, in one of its versions."""
    owner = np.full(pool.row_count, -1)
    is_taken = np.zeros(int(pool.columns.trajectory_no.max(initial=0)) + 1, bool)
    for at, found in enumerate(matches):
        numbers = pool.columns.trajectory_no[found]
        free = ~is_taken[numbers]
        owner[found[free]] = at
        is_taken[numbers] = True
    row = np.flatnonzero(owner >= 0)
    return row, owner[row]


def _holds(rule: RuleName, recipe: Recipe, pool: Pool, row: Integers) -> Integers:
    marks, columns = pool.marks, pool.columns
    version_no, trajectory_no = columns.version_no[row], columns.trajectory_no[row]
    if rule == "too_long":
        return estimate_tokens(columns)[row] > recipe.context
    if rule == "not_compared":
        highest = marks.compared_up_to
        return np.full(len(row), True) if highest is None else version_no > highest
    if rule in ("licence_unknown", "licence_non_commercial"):
        wanted = "unknown" if rule == "licence_unknown" else "no"
        is_such = np.array([licence.commercial == wanted for licence in pool.licences], bool)
        return is_such[pool.licence_place[row]] if len(is_such) else np.zeros(len(row), bool)
    by_version = {"rejected_by_checks": marks.rejected, "flagged_by_judges": marks.flagged}
    if rule in by_version:
        return _among(version_no, by_version[rule])
    by_trajectory = {
        "dropped_by_reviewers": marks.dropped,
        "near_duplicates": marks.near_duplicates,
        "contaminated": marks.contaminated,
    }
    return _among(trajectory_no, by_trajectory[rule])


def _among(numbers: Integers, wanted: Integers) -> Integers:
    if not len(wanted):
        return np.zeros(len(numbers), bool)
    places = np.minimum(np.searchsorted(wanted, numbers), len(wanted) - 1)
    is_wanted: Integers = wanted[places] == numbers
    return is_wanted


def _is_repeated(pool: Pool, row: Integers, counts: Integers) -> Integers:
    """Tell which of the rows that count say what another one says that comes before it by its permalink."""
    repeated = np.zeros(len(row), bool)
    candidates = np.flatnonzero(counts)
    high = pool.columns.content_high[row[candidates]]
    order = np.argsort(high, kind="stable")
    same = np.flatnonzero(high[order][1:] == high[order][:-1])
    if not len(same):
        return repeated
    alike = candidates[order[np.unique(np.concatenate((same, same + 1)))]]
    columns = pool.columns
    low, first = columns.content_low[row[alike]], columns.permalink_high[row[alike]]
    ordered = alike[np.lexsort((first, low, columns.content_high[row[alike]]))]
    halves = np.stack((columns.content_high[row[ordered]], columns.content_low[row[ordered]]))
    repeated[ordered[1:]] = (halves[:, 1:] == halves[:, :-1]).all(axis=0)
    return repeated


def _copies(recipe: Recipe, pool: Pool, row: Integers, count: int) -> Integers:
    """Return how often each of a source's rows is taken, so that they add up to `count`."""
    if not len(row):
        return np.zeros(0, np.int64)
    whole, rest = divmod(count, len(row))
    copies = np.full(len(row), whole)
    if rest:
        high, low = pool.columns.content_high[row], pool.columns.content_low[row]
        key = numbers_of(recipe.seed, "draw", high, low)
        nearest = np.argpartition(key, rest - 1)[:rest]
        limit = key[nearest].max()
        sure = np.flatnonzero(key < limit)
        last = np.flatnonzero(key == limit)
        last = last[np.lexsort((low[last], high[last]))][: rest - len(sure)]
        copies[sure] += 1
        copies[last] += 1
    return copies


def _tell(reason: Integers, holds: Integers, words: str) -> None:
    reason[(reason == 0) & holds] = REASONS.index(words)


def _fixed(source: Source, offer: int) -> int:
    if source.share is not None:
        return 0
    return offer if source.count is None else source.count


def _most_rows(offer: int, share: float) -> int:
    return int(offer / share + 1e-6)
