"""The order in which examples are learnt: sources divided among processes, shuffled and interleaved.

Each process has a part of every source, and a seed of its own (the run's seed plus its number) by which it
shuffles its part anew in every epoch. Nothing else decides the order, so a run that goes on from a
checkpoint learns what it would have learnt without the break.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_STRETCH = 20  # batches


class LearningOrder:
    """The order of one epoch after the other; `epoch` says of which, and is set by the trainer.

    With several processes the batches stand by turns: one of the first process, one of the second, and so
    on, which is how accelerate deals them out. Then each part is filled up, with its own first examples, to
    whole batches of one number.

    Where `lengths` are given, examples of like length stand in one batch, so that little is filled up.
    """

    def __init__(
        self,
        sources: Sequence[int],
        *,
        process_count: int,
        batch_size: int,
        seed: int,
        lengths: NDArray[np.int64] | None = None,
    ) -> None:
        self.epoch = 0
        self._seed = seed
        self._batch_size = batch_size
        self._process_count = process_count
        self._lengths = lengths
        self._divide_anew(sources)

    def order_packed(self, row_count: int) -> None:
        """Order so many rows into which the examples were packed; a row may hold several sources."""
        self._lengths = None
        self._divide_anew([0] * row_count)

    def _divide_anew(self, sources: Sequence[int]) -> None:
        self._sources = np.asarray(sources, dtype=np.int64)
        self._parts = _divide(self._sources, self._process_count, self._seed)
        longest = max((len(part) for part in self._parts), default=0)
        batch = self._batch_size
        self._length = longest if self._process_count == 1 else -(-longest // batch) * batch

    def __len__(self) -> int:
        """How many examples are seen in an epoch, those that fill up included."""
        return self._length * len(self._parts)

    @property
    def repeated_count(self) -> int:
        """How many examples are seen twice in an epoch, so that every process has whole batches."""
        return len(self) - len(self._sources)

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers of the examples of this epoch."""
        told = [self._told(rank) for rank in range(len(self._parts))]
        for first in range(0, self._length, self._batch_size):
            for numbers in told:
                yield from numbers[first : first + self._batch_size].tolist()

    def _told(self, rank: int) -> NDArray[np.int64]:
        part = self._parts[rank]
        chance = np.random.default_rng([self._seed + rank, self.epoch])
        told = np.resize(part[_interleaved(self._sources[part], chance)], self._length)
        return told if self._lengths is None else _by_length(told, self._lengths, self._batch_size, chance)


def _divide(sources: NDArray[np.int64], process_count: int, seed: int) -> list[NDArray[np.int64]]:
    """Deal the examples out, source by source: every process has its share of each, and as many as others."""
    chance = np.random.default_rng([seed])
    shuffled = chance.permutation(len(sources))
    by_source = shuffled[np.argsort(sources[shuffled], kind="stable")]
    parts = [by_source[rank::process_count] for rank in range(process_count)]
    return [part if len(part) else by_source[:1] for part in parts]  # nobody waits for one without work


def _interleaved(sources: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
    """Return an order in which each source is shuffled and spread evenly over the whole."""
    places = np.empty(len(sources))
    for source in np.unique(sources):
        own = np.flatnonzero(sources == source)
        places[chance.permutation(own)] = (np.arange(len(own)) + chance.random(len(own))) / len(own)
    return np.argsort(places, kind="stable")


def _by_length(
    numbers: NDArray[np.int64], lengths: NDArray[np.int64], batch_size: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Sort each stretch of the order by length, and shuffle its batches; what fills no batch comes last."""
    made: list[NDArray[np.int64]] = []
    for first in range(0, len(numbers), _STRETCH * batch_size):
        stretch = numbers[first : first + _STRETCH * batch_size]
        stretch = stretch[np.argsort(lengths[stretch], kind="stable")]
        whole = len(stretch) // batch_size * batch_size
        made += [*chance.permutation(stretch[:whole].reshape(-1, batch_size)), stretch[whole:]]
    return np.concatenate(made) if made else numbers
