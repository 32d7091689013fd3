"""Who holds, has answered and may take which item of one queue: pure, in memory, without a clock.

Items are known by their place, 0 to n - 1. `desk.py` keeps the tables and this in step: it writes first
and changes the state after the commit, all under one lock. Moments are whatever the caller compares
leases by, as long as they can be ordered.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

_NEVER = 255  # in `_used`: a place that is not given out in turn (a repeat, or removed)


class Lease(NamedTuple):
    """The right to answer an item until a moment; `token` tells this lease from earlier ones."""

    token: str
    expires_at: datetime


class Counts(NamedTuple):
    """How far a queue is: items and answers of the sample itself; gold items and repeats stand beside it."""

    item_count: int
    done_count: int
    verdict_count: int
    gold_count: int
    repeat_count: int
    lease_count: int


class _Reviewer:
    """What one person has done and holds; dictionaries keep the order in which it happened."""

    def __init__(self) -> None:
        self.next_place = 0  # everything before it is answered, held, skipped, full, or in `_freed`
        self.held: dict[int, Lease] = {}
        self.answered: dict[int, int] = {}  # place -> verdict_no
        self.skipped: dict[int, None] = {}
        # Place of a repeat -> how many answers there were when its original was answered.
        self.repeats: dict[int, int] = {}


class DeskState:
    """The state of one queue.

    An item of the sample takes `overlap` people, a gold item everybody. A repeat goes to whoever
    answered its original, after `gap` other answers, or earlier when nothing else is left for them.
    """

    def __init__(
        self,
        size: int,
        *,
        overlap: int,
        gold: AbstractSet[int] = frozenset(),
        repeats: Mapping[int, int] | None = None,
        removed: AbstractSet[int] = frozenset(),
        gap: int = 20,
    ) -> None:
        self.overlap = overlap
        self.gap = gap
        self._size = size
        self._gold = gold - removed
        self._removed = removed
        self._original_of = dict(repeats or {})
        self._repeat_of = {original: place for place, original in self._original_of.items()}
        self._used = bytearray(size)  # answers + leases of each place of the sample
        for place in (*removed, *self._original_of):
            self._used[place] = _NEVER
        self._voters: dict[int, dict[str, int]] = {}
        self._leases: dict[int, dict[str, Lease]] = {}
        self._people: dict[str, _Reviewer] = {}
        self._freed: set[int] = set()  # places with room again, that some pointers have passed
        self._expiries: list[tuple[datetime, int, str]] = []
        self._plain_count = size - len(self._gold) - len(removed | self._original_of.keys())
        self._open_count = self._plain_count
        self._done_count = self._plain_verdicts = 0

    # What is asked

    def expire(self, now: datetime) -> None:
        """Take back every lease that has run out."""
        while self._expiries and self._expiries[0][0] <= now:
            _, place, person = heapq.heappop(self._expiries)
            lease = self.lease_of(person, place)
            if lease is not None and lease.expires_at <= now:  # it may have been renewed since
                self.end_lease(person, place)

    def held_by(self, person: str) -> dict[int, Lease]:
        """Return the places a person holds, in the order they were given."""
        return dict(self._person(person).held)

    def lease_of(self, person: str, place: int) -> Lease | None:
        """Return the lease a person holds on a place."""
        return self._leases.get(place, {}).get(person)

    def verdict_of(self, person: str, place: int) -> int:
        """Return the number of the answer a person has given to a place, 0 when there is none."""
        return self._voters.get(place, {}).get(person, 0)

    def is_removed(self, place: int) -> bool:
        """Whether the record behind a place has left the store."""
        return place in self._removed

    def has_room(self, person: str, place: int) -> bool:
        """Whether this person may still answer a place without going beyond its overlap."""
        if place in self._removed or self.verdict_of(person, place):
            return False
        if self.lease_of(person, place):
            return True
        if place in self._original_of:
            return bool(self.verdict_of(person, self._original_of[place]))
        return place in self._gold or self._used[place] < self.overlap

    def choose(self, person: str, count: int) -> list[int]:
        """Return up to `count` places to give this person next; nothing is given yet."""
        reviewer = self._person(person)
        waiting = self._waiting_repeats(reviewer)
        given = len(reviewer.answered)
        chosen = [place for place in waiting if given - reviewer.repeats[place] >= self.gap][:count]
        for places in (self._freed_for(reviewer), self._in_turn(reviewer)):
            for place in places:
                if len(chosen) >= count:
                    return chosen
                chosen.append(place)
        put_off = [place for place in reviewer.skipped if self.has_room(person, place)]
        chosen += put_off[: count - len(chosen)]
        return chosen if chosen or reviewer.held else waiting[:count]

    def due_count(self, person: str) -> int:
        """Return how many items are left for this person, those they hold included."""
        reviewer = self._person(person)
        mine = [*reviewer.answered, *reviewer.held]
        taken = sum(1 for place in mine if place not in self._gold and self._used[place] < self.overlap)
        gold = len(self._gold) - sum(1 for place in mine if place in self._gold)
        repeats = sum(1 for place in reviewer.repeats if self._is_mine_to_repeat(reviewer, place))
        return self._open_count - taken + gold + repeats + len(reviewer.held)

    def skipped_count(self, person: str) -> int:
        """Return how many items a person has put off and not answered since."""
        return len(self._person(person).skipped)

    def answered_by(self, person: str) -> dict[int, int]:
        """Return the places a person has answered with the number of the answer, the latest last."""
        return dict(self._person(person).answered)

    def people(self) -> list[str]:
        """Return everybody who has answered something."""
        return [name for name, reviewer in self._people.items() if reviewer.answered]

    def counts(self) -> Counts:
        """Return how far the queue is."""
        return Counts(
            self._plain_count,
            self._done_count,
            self._plain_verdicts,
            len(self._gold),
            len(self._original_of.keys() - self._removed),
            sum(len(reviewer.held) for reviewer in self._people.values()),
        )

    # What changes

    def take(self, person: str, place: int, lease: Lease) -> None:
        """Give a place to a person, or renew the lease they have on it."""
        reviewer = self._person(person)
        if place not in reviewer.held:
            self._use(place, 1)
        reviewer.held[place] = lease
        reviewer.skipped.pop(place, None)
        self._leases.setdefault(place, {})[person] = lease
        heapq.heappush(self._expiries, (lease.expires_at, place, person))

    def end_lease(self, person: str, place: int) -> None:
        """Let a person's lease go; the place is free for others again, and for them."""
        if self._drop_lease(person, place):
            self._use(place, -1)

    def skip(self, person: str, place: int) -> None:
        """Put a place off: it goes to others, and comes back to this person when nothing else is left."""
        self.end_lease(person, place)
        reviewer = self._person(person)
        reviewer.skipped.pop(place, None)  # so that the latest stands last
        reviewer.skipped[place] = None

    def record(self, person: str, place: int, verdict_no: int) -> None:
        """Count a person's answer; a later one to the same place replaces it."""
        reviewer = self._person(person)
        is_change = place in reviewer.answered
        if not self._drop_lease(person, place) and not is_change:
            self._use(place, 1)
        voters = self._voters.setdefault(place, {})
        voters[person] = verdict_no
        reviewer.answered.pop(place, None)  # so that the latest stands last
        reviewer.answered[place] = verdict_no
        reviewer.skipped.pop(place, None)
        if is_change:
            return
        self._count_verdict(place, 1)
        if place in self._repeat_of:
            reviewer.repeats[self._repeat_of[place]] = len(reviewer.answered)

    def withdraw(self, person: str, place: int) -> None:
        """Take a person's answer back; the place is free for everybody again."""
        reviewer = self._person(person)
        self._count_verdict(place, -1)
        del self._voters[place][person]
        del reviewer.answered[place]
        reviewer.repeats.pop(self._repeat_of.get(place, -1), None)
        self._use(place, -1)

    # How it is kept

    def _person(self, name: str) -> _Reviewer:
        return self._people.setdefault(name, _Reviewer())

    def _is_free(self, reviewer: _Reviewer, place: int) -> bool:
        return (
            self._used[place] < self.overlap and place not in reviewer.answered and place not in reviewer.held
        )

    def _waiting_repeats(self, reviewer: _Reviewer) -> list[int]:
        return [
            place
            for place in reviewer.repeats
            if self._is_mine_to_repeat(reviewer, place) and place not in reviewer.skipped
        ]

    def _is_mine_to_repeat(self, reviewer: _Reviewer, place: int) -> bool:
        return not (place in reviewer.answered or place in reviewer.held or place in self._removed)

    def _freed_for(self, reviewer: _Reviewer) -> Iterator[int]:
        for place in sorted(self._freed):
            if self._used[place] >= self.overlap and len(self._voters.get(place, ())) >= self.overlap:
                self._freed.discard(place)
            elif (
                place < reviewer.next_place
                and place not in reviewer.skipped
                and self._is_free(reviewer, place)
            ):
                yield place

    def _in_turn(self, reviewer: _Reviewer) -> Iterator[int]:
        """Yield the free places from the person's own pointer on; the pointer passes what is not free."""
        at_front = True
        for place in range(reviewer.next_place, self._size):
            is_free = self._used[place] < self.overlap and self._is_free(reviewer, place)
            if is_free and place not in reviewer.skipped:
                at_front = False
                yield place
            elif at_front:
                reviewer.next_place = place + 1

    def _drop_lease(self, person: str, place: int) -> bool:
        lease = self._leases.get(place, {}).pop(person, None)
        self._person(person).held.pop(place, None)
        return lease is not None

    def _use(self, place: int, change: int) -> None:
        if self._used[place] == _NEVER or place in self._gold:
            self._freed_again(place, change)
            return
        was_open = self._used[place] < self.overlap
        self._used[place] += change
        is_open = self._used[place] < self.overlap
        self._open_count += is_open - was_open
        self._freed_again(place, change)

    def _freed_again(self, place: int, change: int) -> None:
        if change < 0 and self._used[place] != _NEVER:
            self._freed.add(place)

    def _count_verdict(self, place: int, change: int) -> None:
        """Keep the totals of the sample; the voters of the place include the answer that comes or goes."""
        if place in self._removed or place in self._gold or place in self._original_of:
            return
        self._plain_verdicts += change
        if len(self._voters[place]) == self.overlap:
            self._done_count += change
