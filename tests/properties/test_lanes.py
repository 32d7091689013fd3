"""Runs come, end and die in any order: none shares a device, is held up by a later one, or waits for ever."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from xlam_backend.runs.base import Places
from xlam_backend.runs.lanes import take_places, take_ticket

DEVICES = ("0", "1", "2", "3", "processor")
wanted_places = st.lists(st.sampled_from(DEVICES), min_size=1, unique=True).flatmap(
    lambda among: st.builds(Places, st.integers(1, len(among)), st.just(tuple(among)))
)


class Lane(RuleBasedStateMachine):
    """One lane. Waiting runs look whether they may begin in any order; each holds real locks."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.waiting = []  # (ticket, wanted), in the order in which they came
        self.running = []  # (held, ticket)
        self.count = 0

    @rule(wanted=wanted_places)
    def come(self, wanted):
        self.count += 1
        ticket = take_ticket(Path(self.folder.name), "gpu", f"run-{self.count}", wanted)
        self.waiting.append((ticket, wanted))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def look(self, data):
        self.try_to_begin(data.draw(st.sampled_from(self.waiting)))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def end(self, data):
        held, ticket = data.draw(st.sampled_from(self.running))
        self.running.remove((held, ticket))
        self.let_go(*held.descriptors, ticket.descriptor)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def die_while_waiting(self, data):
        one = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(one)
        self.let_go(one[0].descriptor)

    @invariant()
    def nobody_shares_a_device(self):
        used = [place for held, _ in self.running for place in held.places]
        assert len(used) == len(set(used))

    @invariant()
    def a_lane_with_free_devices_is_at_work(self):
        """The first that waits may begin as soon as there are enough of its devices."""
        if self.waiting:
            ticket, wanted = self.waiting[0]
            used = {place for held, _ in self.running for place in held.places}
            if len(set(wanted.among) - used) >= wanted.count:
                self.try_to_begin((ticket, wanted))
                assert self.waiting[:1] != [(ticket, wanted)]

    def try_to_begin(self, one):
        ticket, wanted = one
        before = self.lacking(ticket)
        held = take_places(ticket.path)
        if held is None:
            return
        assert len(held.places) == wanted.count
        assert set(held.places) <= set(wanted.among)
        self.waiting.remove(one)
        self.running.append((held, ticket))
        assert self.lacking(ticket) == before

    def lacking(self, ticket):
        """How many devices each lacks that came before: whoever comes later may not make it more."""
        used = {place for held, _ in self.running for place in held.places}
        return [
            max(0, wanted.count - len(set(wanted.among) - used))
            for earlier, wanted in self.waiting
            if earlier.path < ticket.path
        ]

    def let_go(self, *descriptors):
        for descriptor in descriptors:
            os.close(descriptor)

    def teardown(self):
        """All that still wait get their turn, once those before them have ended."""
        while self.waiting:
            left = len(self.waiting)
            while self.running:
                held, ticket = self.running.pop()
                self.let_go(*held.descriptors, ticket.descriptor)
            for one in list(self.waiting):
                self.try_to_begin(one)
            assert len(self.waiting) < left
        for held, ticket in self.running:
            self.let_go(*held.descriptors, ticket.descriptor)
        self.folder.cleanup()


TestLane = Lane.TestCase
TestLane.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
