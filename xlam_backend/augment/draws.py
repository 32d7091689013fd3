"""Chance that depends on nothing but a seed, a trajectory's id, and what is being decided.

Each decision draws from numbers of its own, so that switching one of them off changes none of the
others, and the order in which trajectories come changes nothing. The numbers are SplitMix64's, which
has a short exact definition: the same seed gives the same bytes with every version of Python.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_MASK = (1 << 64) - 1
# Up to so many items have few enough orders (12! is below 2**32) for one number to choose among them all.
_BY_ONE_NUMBER = 12

# These fill one hash, whose bytes depend on its length: a ninth decision needs a hash of its own.
DECISIONS = ("format", "style", "tools", "tool keys", "parameters", "arguments", "call keys", "sections")
_PLACES = {decision: place for place, decision in enumerate(DECISIONS)}
_NUMBERS = struct.Struct(f">{len(DECISIONS)}Q")


class Decisions:
    """Everything that is decided by chance about one variant of one trajectory, each by its own numbers."""

    __slots__ = ("_states",)

    def __init__(self, seed: int, trajectory_id: str, variant: int = 0) -> None:
        which = f"{seed}\n{trajectory_id}\n{variant}" if variant else f"{seed}\n{trajectory_id}"
        text = which.encode("utf-8", "surrogatepass")
        self._states = _NUMBERS.unpack(hashlib.blake2b(text, digest_size=_NUMBERS.size).digest())

    def draws(self, decision: str) -> Draws:
        """Return the numbers of one of the DECISIONS."""
        return Draws(self._states[_PLACES[decision]])


def drawn_number(seed: int, trajectory_id: str, variant: int = 0) -> int:
    """Return a number below 2**31 for one variant of one trajectory, for others to draw from."""
    return Decisions(seed, trajectory_id, variant).draws("format").below(1 << 31)


class Draws:
    """The numbers of one decision about one trajectory."""

    __slots__ = ("_state",)

    def __init__(self, state: int) -> None:
        self._state = state

    def below(self, bound: int) -> int:
        """Return a number from 0 to below `bound`; `bound` is small beside 2**64."""
        return self._number() % bound

    def one_of(self, items: Sequence[Item]) -> Item:
        """Return one of the items, each with the same chance."""
        return items[self.below(len(items))]

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        """Return the items in an order drawn by chance, every order with the same chance.

        >>> sorted(Draws(7).shuffled("abc"))
        ['a', 'b', 'c']
        """
        order = list(items)
        if len(order) > _BY_ONE_NUMBER:
            for last in range(len(order) - 1, 0, -1):
                at = self._number() % (last + 1)
                order[last], order[at] = order[at], order[last]
        elif len(order) > 1:
            number = self._number()
            for last in range(len(order) - 1, 0, -1):
                number, at = number // (last + 1), number % (last + 1)
                order[last], order[at] = order[at], order[last]
        return order

    def _number(self) -> int:
        """Return the next of SplitMix64's numbers."""
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)
