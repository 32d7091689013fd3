"""Tickets: one per person, visit and queue; nothing but the secret finds one; old ones are forgotten."""

from __future__ import annotations

from xlam_backend.review.desk_tickets import Ticket, Tickets


def test_a_ticket_is_found_by_its_secret_alone():
    tickets, ticket = Tickets(), Ticket("ann", "local", "visit 1", 3)
    secret = tickets.give(ticket)
    assert tickets.find(secret) == ticket
    assert len(secret) >= 43  # 32 random bytes
    assert [tickets.find(guess) for guess in ("", "ann", secret[:-1], secret.swapcase())] == [None] * 4


def test_a_page_drawn_again_gives_the_same_ticket():
    tickets, ticket = Tickets(), Ticket("ann", "local", "visit 1", 3)
    assert tickets.give(ticket) == tickets.give(Ticket("ann", "local", "visit 1", 3))
    others = (
        Ticket("bob", "local", "visit 1", 3),
        Ticket("ann", "oidc", "visit 1", 3),
        Ticket("ann", "local", "visit 2", 3),
        Ticket("ann", "local", "visit 1", 4),
        Ticket("ann", "local", "visit 1", 3, 7),
    )
    assert len({tickets.give(ticket), *map(tickets.give, others)}) == 6


def test_the_one_unused_for_longest_is_forgotten():
    tickets = Tickets(most=2)
    first, second, third = (Ticket("ann", "local", f"visit {number}", 3) for number in range(3))
    secrets = [tickets.give(first), tickets.give(second)]
    tickets.give(first)
    secrets.append(tickets.give(third))
    assert [tickets.find(secret) for secret in secrets] == [first, None, third]
    assert tickets.give(second) != secrets[1]
