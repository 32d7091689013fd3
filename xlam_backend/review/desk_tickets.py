"""Tickets: what lets a desk in a browser talk to the server beside the page that drew it.

The page knows who has signed in; it hands its desk a ticket for one person and one queue (or item). Whoever
takes a ticket asks two more questions each time: is the visit it was given in still going on, and which
role does the person have now.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

import msgspec

from xlam_backend.access.people import SignedInBy

MOST_TICKETS = 10_000


class Ticket(msgspec.Struct, frozen=True):
    """Who may work on what. `visit` names the browser's visit, `item_no` is 0 for the queue as a whole."""

    person_name: str
    signed_in_by: SignedInBy
    visit: str
    queue_no: int
    item_no: int = 0


class Tickets:
    """The tickets that are out; the oldest are forgotten, and asked for anew by who still needs them."""

    def __init__(self, most: int = MOST_TICKETS) -> None:
        self._most = most
        self._by_secret: OrderedDict[str, Ticket] = OrderedDict()
        self._secrets: dict[Ticket, str] = {}
        self._lock = threading.Lock()

    def give(self, ticket: Ticket) -> str:
        """Return the secret of a ticket: the same each time, so that a page drawn again changes nothing."""
        with self._lock:
            secret = self._secrets.get(ticket)
            if secret is None:
                secret = self._secrets[ticket] = secrets.token_urlsafe(32)
                self._by_secret[secret] = ticket
            self._by_secret.move_to_end(secret)
            while len(self._by_secret) > self._most:
                _, forgotten = self._by_secret.popitem(last=False)
                del self._secrets[forgotten]
        return secret

    def find(self, secret: str) -> Ticket | None:
        """Return the ticket with this secret, None when there is none (any more)."""
        with self._lock:
            return self._by_secret.get(secret)


desk_tickets = Tickets()
