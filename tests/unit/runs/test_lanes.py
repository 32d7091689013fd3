"""Lanes: tickets are served in order, living ones only."""

import os

import pytest

from xlam_backend.runs.lanes import give_back, place_of, places_before, take_ticket


@pytest.fixture
def tickets(tmp_path):
    """Take tickets of a lane; what is still held at the end is let go."""
    held = []

    def take(name, lane="cpu"):
        ticket = take_ticket(tmp_path, lane, name)
        held.append(ticket.descriptor)
        return ticket

    yield take
    for descriptor in held:
        os.close(descriptor)


def test_whoever_came_first_goes_first(tickets):
    first, second, third = tickets("b"), tickets("a"), tickets("c")
    assert [places_before(each.path, "cpu") for each in (first, second, third)] == [0, 1, 2]


def test_a_lane_with_two_places_serves_two(tickets):
    asked = [tickets(name, "llm") for name in "abcd"]
    assert [places_before(each.path, "llm") for each in asked] == [0, 0, 1, 2]


def test_lanes_do_not_wait_for_each_other(tickets):
    tickets("a", "gpu")
    assert places_before(tickets("b", "cpu").path, "cpu") == 0


def test_a_ticket_nobody_holds_is_cleared_away(tmp_path, tickets):
    dead = take_ticket(tmp_path, "cpu", "dead")
    os.close(dead.descriptor)
    assert places_before(tickets("alive").path, "cpu") == 0
    assert not dead.path.exists()


def test_a_ticket_given_back_lets_the_next_one_on(tmp_path, tickets):
    first, second = tickets("a"), tickets("b")
    give_back(first.path)
    assert places_before(second.path, "cpu") == 0
    assert place_of(tmp_path, "cpu", "b") == 0
    assert place_of(tmp_path, "cpu", "nobody") == 0


def test_numbers_only_rise_while_somebody_waits(tickets):
    first, second = tickets("a"), tickets("b")
    give_back(first.path)
    third = tickets("c")
    assert places_before(third.path, "cpu") == 1
    assert third.path.name > second.path.name
