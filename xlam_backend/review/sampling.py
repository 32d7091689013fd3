"""Draws by chance with a known probability: strata, how many of each, which ones, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from xlam_backend.store.columns import Integers

THE_REST = "the small strata together"


class Stratum(msgspec.Struct, frozen=True):
    """A part of what is drawn from: its name, its size, and how many of it are drawn."""

    name: str
    population: int
    drawn: int
    is_flagged: bool

    @property
    def probability(self) -> float:
        """Return the chance of each of its members to be drawn."""
        return self.drawn / self.population


class Draw(NamedTuple):
    """The indexes that were drawn, and for each the index of its stratum."""

    indexes: Integers
    strata: Integers


class Shown(NamedTuple):
    """The order of work: for each place the index of a drawn item, and which place it repeats (-1: none)."""

    indexes: Integers
    repeats: Integers


def count_strata(
    codes: Integers, stratum_names: Sequence[str], size: int, *, is_flagged: bool, evenly: bool = False
) -> list[Stratum]:
    """Return the strata with how many of each are drawn, in the order of `stratum_names`.

    `codes` names the stratum of each member by its index. `size` 0 draws all. Where there are more
    strata than are to be drawn, the smallest are thrown together (`pool_small`) before this. `evenly`:
    the same number of each instead of in proportion.
    """
    populations = np.bincount(codes, minlength=len(stratum_names))
    share_out = allocate_evenly if evenly else allocate
    drawn = share_out(populations.tolist(), size or len(codes))
    return [
        Stratum(name, int(population), count, is_flagged)
        for name, population, count in zip(stratum_names, populations, drawn)
    ]


def allocate(populations: Sequence[int], size: int) -> list[int]:
    """Share out a sample in proportion to the strata: at least one of each that is not empty.

    No stratum gives more than it has. Rounding goes to the largest remainders.

    >>> allocate([900, 90, 10, 0], 20)
    [18, 1, 1, 0]
    >>> allocate([3, 3], 100)
    [3, 3]
    """
    total = sum(populations)
    if size >= total:
        return list(populations)
    wished = [size * population / total for population in populations]
    drawn = [min(population, max(int(wish), 1)) for population, wish in zip(populations, wished)]
    missing = size - sum(drawn)
    order = sorted(range(len(wished)), key=lambda index: (drawn[index] - wished[index], index))
    while missing > 0:
        for index in order:
            if missing > 0 and drawn[index] < populations[index]:
                drawn[index] += 1
                missing -= 1
    while missing < 0:  # strata of their own right took more than their share: the largest give way
        index = max(range(len(drawn)), key=lambda index: (drawn[index], -index))
        if drawn[index] <= 1:
            break
        drawn[index] -= 1
        missing += 1
    return drawn


def allocate_evenly(populations: Sequence[int], size: int) -> list[int]:
    """Share out a sample so that every stratum gives the same number, as far as it has them.

    >>> allocate_evenly([900, 90, 4, 0], 20)
    [8, 8, 4, 0]
    """
    drawn = [0] * len(populations)
    order = sorted(range(len(populations)), key=lambda index: (populations[index], -index))
    missing = size
    for place, index in enumerate(order):
        drawn[index] = min(populations[index], missing // (len(order) - place))
        missing -= drawn[index]
    return drawn


class Pooled(NamedTuple):
    """Strata of which there are no more than can be drawn from."""

    codes: Integers
    names: list[str]
    pooled_count: int


def pool_small(codes: Integers, stratum_names: Sequence[str], size: int) -> Pooled:
    """Throw the smallest strata together when there are more of them than are to be drawn.

    Otherwise some would have no chance at all, and no estimate could speak for them.

    >>> pool_small(np.array([0, 0, 0, 1, 2, 2]), ["a", "b", "c"], 2).names
    ['a', 'the small strata together']
    """
    count = len(stratum_names)
    if size == 0 or count <= size:
        return Pooled(codes, list(stratum_names), 0)
    populations = np.bincount(codes, minlength=count)
    order = np.argsort(-populations, kind="stable")
    kept = np.sort(order[: size - 1])
    new_code = np.full(count, len(kept), np.int64)
    new_code[kept] = np.arange(len(kept))
    return Pooled(new_code[codes], [*(stratum_names[index] for index in kept), THE_REST], count - len(kept))


def draw(codes: Integers, strata: Sequence[Stratum], *, seed: int) -> Draw:
    """Draw from each stratum as many as it says, without replacement; the same seed draws the same."""
    generator = np.random.default_rng(seed)
    by_stratum = np.argsort(codes, kind="stable")
    ends = np.cumsum([stratum.population for stratum in strata], dtype=np.int64)
    chosen: list[Integers] = []
    for stratum, end in zip(strata, ends.tolist()):
        members = by_stratum[end - stratum.population : end]
        chosen.append(np.sort(generator.choice(members, stratum.drawn, replace=False)))
    counts = [stratum.drawn for stratum in strata]
    indexes = np.concatenate(chosen) if chosen else np.zeros(0, np.int64)
    return Draw(indexes, np.repeat(np.arange(len(strata)), counts))


def put_in_order(item_count: int, repeatable: Integers, *, repeat_count: int, gap: int, seed: int) -> Shown:
    """Shuffle drawn items, and show some of them (of `repeatable`) a second time later on.

    Between an item and its repeat lie at least `gap` others; what is repeated is chosen by chance
    among those that stand early enough.
    """
    generator = np.random.default_rng([seed, 1])
    order = generator.permutation(item_count)
    early = np.flatnonzero(np.isin(order, repeatable))
    early = early[early + gap < item_count]
    first_places = np.sort(generator.choice(early, min(repeat_count, len(early)), replace=False))
    # A repeat is put behind a later item: `after` is that item's place before repeats are put in.
    after = np.array(
        [generator.integers(place + gap, item_count) for place in first_places.tolist()], np.int64
    )
    keys = np.concatenate([np.arange(item_count), after + 0.5])
    by_key = np.argsort(keys, kind="stable")
    place_of_item = np.empty(item_count, np.int64)
    is_repeat = by_key >= item_count
    place_of_item[by_key[~is_repeat]] = np.flatnonzero(~is_repeat)
    sources = np.concatenate([np.arange(item_count), first_places])[by_key]
    repeats = np.where(is_repeat, place_of_item[sources.astype(np.int64)], -1)
    return Shown(order[sources.astype(np.int64)], repeats)
