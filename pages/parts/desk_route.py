"""Where the desk in a browser sends what was pressed: one address beside the pages.

A run of a page and the drawing of all of it again would be nine tenths of the work of an answer. The desk
shows the ticket its page was given (xlam_backend/review/desk_tickets.py) instead of signing in once more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import runtime

if TYPE_CHECKING:  # loaded when somebody sits at a desk, not before the first page is served
    from xlam_backend.review.desk_exchange import Message, Reply
    from xlam_backend.review.desk_tickets import Ticket

TICKET_HEADER = "X-Desk-Ticket"
MOST_BYTES = 8_000_000
_NO_TICKET = "This desk was opened in a visit that has ended."


def desk_address() -> str:
    """Return the path of the address, below the path that the app is served under."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/desk-exchange" if base else "/desk-exchange"


def desk_route() -> Route:
    """Return the route to be served."""
    return Route(desk_address(), _take, methods=["POST"])


async def _take(request: Request) -> Response:
    from xlam_backend.review.desk_tickets import desk_tickets

    ticket = desk_tickets.find(request.headers.get(TICKET_HEADER, ""))
    if ticket is None or not _goes_on(ticket.visit):  # before anything else that was sent is looked at
        return _response(401, _words(_NO_TICKET))
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return _response(413, _words(f"The screen sent more than {MOST_BYTES:,} bytes at once."))
    return _response(*await run_in_threadpool(_answer, ticket, bytes(body)))


def _answer(ticket: Ticket, body: bytes) -> tuple[int, bytes]:
    """Return the status and the JSON text of the answer to a message."""
    from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, XlamError
    from xlam_backend.review.desk_exchange import read_message

    try:
        return 200, msgspec.json.encode(_reply(ticket, read_message(body)))
    except XlamError as error:
        statuses = ((AccessDeniedError, 403), (NotFoundError, 404), (InputError, 400))
        status = next((number for kind, number in statuses if isinstance(error, kind)), 503)
        return status, _words(str(error))


def _goes_on(visit: str) -> bool:
    """Tell whether the visit a ticket was given in has not ended: its page is still connected."""
    return runtime.exists() and runtime.get_instance().is_active_session(visit)


def _reply(ticket: Ticket, message: Message) -> Reply:
    from xlam_backend.access import person_of
    from xlam_backend.owner import app_store
    from xlam_backend.review.desk_exchange import exchange, exchange_on_item

    store, now = app_store(), datetime.now(UTC)
    person = person_of(store, ticket.person_name, ticket.signed_in_by)
    if ticket.item_no:
        return exchange_on_item(store, ticket.item_no, message, person=person, now=now)
    return exchange(store, ticket.queue_no, message, person=person, now=now)


def _words(problem: str) -> bytes:
    return msgspec.json.encode({"problem": problem})


def _response(status: int, answer: bytes) -> Response:
    return Response(answer, status, {"Cache-Control": "no-store"}, "application/json")
