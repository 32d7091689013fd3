"""Lanes: tickets are served in order, living ones only, each with all the places it asks for or none."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.processes import environment
from xlam_backend.errors import RunError
from xlam_backend.runs.base import Places
from xlam_backend.runs.devices import PROCESSOR
from xlam_backend.runs.lanes import Turn, give_back, look_at, take_places, take_ticket, turn_of

FOUR = ("0", "1", "2", "3")


class Queue:
    """Runs in the lanes of a folder, all of them in this process: it holds their locks."""

    def __init__(self, folder):
        self.folder = folder
        self.held = {}

    def ask(self, name, count=1, among=FOUR, lane="gpu"):
        return self._ask(name, lane, Places(count, tuple(among)))

    def ask_as_usual(self, name, lane="cpu"):
        return self._ask(name, lane, None)

    def _ask(self, name, lane, wanted):
        ticket = take_ticket(self.folder, lane, name, wanted)
        self.held[ticket.path] = [ticket.descriptor]
        return ticket.path

    def take(self, ticket):
        """Return the places that a ticket gets; none while it waits."""
        got = take_places(ticket)
        if got is None:
            return ()
        self.held[ticket] += got.descriptors
        return got.places

    def end(self, ticket):
        """Let go of all that a run holds, as its death would."""
        for descriptor in self.held.pop(ticket):
            os.close(descriptor)


@pytest.fixture
def queue(tmp_path):
    made = Queue(tmp_path)
    yield made
    for ticket in list(made.held):
        made.end(ticket)


def numbers(*tickets):
    return [look_at(ticket).number for ticket in tickets]


def test_whoever_came_first_goes_first(queue):
    first, second, third = (queue.ask_as_usual(name) for name in "bac")
    assert numbers(first, second, third) == [0, 1, 2]
    assert queue.take(third) == queue.take(second) == ()
    assert queue.take(first) == ("1",)
    assert numbers(second, third) == [1, 2]


def test_a_lane_with_two_places_serves_two(queue):
    asked = [queue.ask_as_usual(name, "llm") for name in "abcd"]
    assert numbers(*asked) == [0, 0, 1, 2]
    assert [queue.take(ticket) for ticket in asked] == [("1",), ("2",), (), ()]
    queue.end(asked[0])
    assert [queue.take(ticket) for ticket in asked[2:]] == [("1",), ()]


def test_lanes_do_not_wait_for_each_other(queue):
    queue.take(queue.ask_as_usual("a", "llm"))
    assert queue.take(queue.ask_as_usual("b", "cpu")) == ("1",)


def test_runs_on_different_devices_do_not_wait_for_each_other(queue):
    assert queue.take(queue.ask("one", 1)) == ("0",)
    assert queue.take(queue.ask("two", 2)) == ("1", "2")
    assert queue.take(queue.ask("named", 1, ["3"])) == ("3",)
    assert queue.take(queue.ask_as_usual("on the processor", "gpu")) == (PROCESSOR,)
    assert numbers(queue.ask("late"), queue.ask_as_usual("late too", "gpu")) == [1, 1]


def test_a_run_gets_all_its_devices_or_none(queue):
    holder = queue.ask("holder", 3)
    queue.take(holder)
    large = queue.ask("large", 2)
    assert queue.take(large) == ()
    assert look_at(large) == Turn(Places(2, FOUR), (), 1, ("3",))
    queue.end(holder)
    assert queue.take(large) == ("0", "1")


def test_a_large_run_is_not_overtaken_for_ever(queue):
    holders = [queue.ask(name) for name in "abcd"]
    for holder in holders:
        queue.take(holder)
    large, small = queue.ask("large", 3), queue.ask("small", 1)
    for holder in holders[:2]:
        queue.end(holder)
        assert queue.take(small) == ()  # what is free is kept for the one before it
    assert numbers(large, small) == [1, 2]
    queue.end(holders[2])
    assert queue.take(large) == ("0", "1", "2")
    assert queue.take(small) == ()
    queue.end(holders[3])
    assert queue.take(small) == ("3",)


def test_a_run_passes_those_who_want_nothing_that_it_could_use(queue):
    queue.take(queue.ask("holder", 1, ["0"]))
    waiting = queue.ask("waits for one of its own", 1, ["0"])
    assert queue.take(queue.ask("passes", 3)) == ("1", "2", "3")
    assert numbers(waiting, queue.ask("next", 1, ["0"]), queue.ask("other", 1, ["1"])) == [1, 2, 1]


def test_a_ticket_nobody_holds_is_passed_and_then_cleared_away(queue):
    dead, alive = queue.ask("dead", 4), queue.ask("alive")
    queue.end(dead)
    assert queue.take(alive) == ("0",)
    assert dead.exists()
    queue.ask("another")
    assert not dead.exists()


def test_a_ticket_given_back_lets_the_next_one_on(queue):
    first, second = queue.ask_as_usual("a"), queue.ask_as_usual("b")
    assert turn_of(queue.folder, "cpu", "b").number == 1
    give_back(first)
    assert turn_of(queue.folder, "cpu", "b").number == 0
    assert turn_of(queue.folder, "cpu", "nobody") is None
    assert queue.take(second) == ("1",)
    assert turn_of(queue.folder, "cpu", "b") is None


def test_numbers_only_rise_while_somebody_waits(queue):
    first, second = queue.ask_as_usual("a"), queue.ask_as_usual("b")
    give_back(first)
    third = queue.ask_as_usual("c")
    assert numbers(third) == [1]
    assert third.name > second.name


def test_whoever_has_lost_its_ticket_is_told_and_does_not_wait(queue):
    ticket = queue.ask("a")
    ticket.unlink()
    with pytest.raises(RunError, match="was removed"):
        take_places(ticket)


@pytest.mark.parametrize(("count", "among"), [(0, ("0",)), (2, ("0",)), (2, ("0", "0")), (1, ())])
def test_nobody_waits_for_what_cannot_be_had(count, among):
    with pytest.raises(ValueError, match="of the places"):
        Places(count, among)


def test_names_of_any_kind_make_a_place(queue):
    assert queue.take(queue.ask("a", 1, ["MIG-GPU-1/7/0"])) == ("MIG-GPU-1/7/0",)


# Asks for devices at random, a few times, and holds a file for each: two on one device would both make it.
BUSY = """
import os, random, sys, time
from pathlib import Path
from xlam_backend.runs.base import Places
from xlam_backend.runs.lanes import take_places, take_ticket
folder, me = Path(sys.argv[1]), sys.argv[2]
draw = random.Random(me)
for turn in range(12):
    among = tuple(sorted(draw.sample("0123", draw.randint(1, 4))))
    ticket = take_ticket(folder, "gpu", f"{me}-{turn}", Places(draw.randint(1, len(among)), among))
    while (held := take_places(ticket.path)) is None:
        time.sleep(0.002)
    assert len(set(held.places)) == len(held.descriptors)
    proofs = [os.open(folder / name, os.O_CREAT | os.O_EXCL) for name in held.places]
    time.sleep(draw.random() / 200)
    for name in held.places:
        (folder / name).unlink()
    for descriptor in (*proofs, *held.descriptors, ticket.descriptor):
        os.close(descriptor)
"""

# Holds two devices until it is killed, or waits for them.
HOLDER = """
import sys, time
from pathlib import Path
from xlam_backend.runs.base import Places
from xlam_backend.runs.lanes import take_places, take_ticket
ticket = take_ticket(Path(sys.argv[1]), "gpu", sys.argv[2], Places(2, ("0", "1")))
print("asked", flush=True)
while (held := take_places(ticket.path)) is None:
    time.sleep(0.002)
print("holds", flush=True)
time.sleep(600)
"""


@pytest.fixture
def start(tmp_path):
    """Start programs of their own in the lanes of the test's folder; they end with the test."""
    started = []

    def start_one(code, name):
        command = [sys.executable, "-c", code, str(tmp_path), name]
        process = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_of_many_processes_at_once_no_two_hold_one_device_and_all_get_theirs(start):
    processes = [start(BUSY, f"run-{number}") for number in range(8)]
    assert [process.wait(60) for process in processes] == [0] * 8


def test_kill_leaves_no_device_held_and_no_place_in_the_queue(start, queue):
    holder, waiter = start(HOLDER, "holder"), start(HOLDER, "waiter")
    for process in (holder, waiter):
        assert process.stdout.readline() == "asked\n"
    first = holder if turn_of(queue.folder, "gpu", "holder") is None else waiter
    second = waiter if first is holder else holder
    assert first.stdout.readline() == "holds\n"
    mine = queue.ask("mine", 1, ["1"])
    assert numbers(mine) == [2]
    for process in (second, first):
        process.send_signal(signal.SIGKILL)
        process.wait()
    give_up_at = time.monotonic() + 10
    while not (got := queue.take(mine)):
        assert time.monotonic() < give_up_at
    assert got == ("1",)
