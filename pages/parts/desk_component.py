"""The desk as a component: what goes to the browser, and what comes from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import streamlit as st

from pages.parts.family_dialog import open_family_dialog
from pages.parts.guard import show_error
from xlam_backend.domain.person import Person, may
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.review.desk_exchange import (
    Message,
    Reply,
    exchange,
    exchange_on_item,
    read_message,
)
from xlam_backend.review.item_view import view_item
from xlam_backend.review.queues import QueueSummary

_HERE = Path(__file__).parent
_SCRIPT = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("desk_drawing.js", "desk.js"))
PAGE_STYLE = _HERE / "desk_page.css"
_STYLE = (_HERE / "desk.css").read_text(encoding="utf-8")

_desk = st.components.v2.component(
    "xlam_review_desk",
    html='<div class="xd-root"></div>',
    css=_STYLE,
    js=_SCRIPT,
    isolate_styles=False,
)

_FAMILY_ASKED = "desk_family_asked"  # the number of the message whose wish for a family was granted


def draw_desk(queue: QueueSummary, person: Person, *, item_no: int = 0, read_only: str = "") -> None:
    """Draw the desk of a queue, or one item alone (`item_no`); `read_only` says why it cannot be answered."""
    key = f"desk_{queue.queue_no}_{item_no}"
    try:
        message = _message(key)
        reply = _reply(queue, person, message, item_no)
    except XlamError as error:
        show_error(error)
        return
    data = {
        "desk_key": f"xlam-desk:{person.name}:{queue.queue_no}:{item_no}",
        "base": "desk",
        "name": queue.plan.name,
        "guideline": queue.plan.guideline,
        "reasons": list(PAIR_REASONS),
        "is_single": bool(item_no),
        "may_fix_family": may(person, "fix"),
        "read_only": read_only,
        "reply": msgspec.to_builtins(reply),
    }
    _desk(key=key, data=data, on_message_change=_take_note)
    _open_family(_raw(key), person)


def _message(key: str) -> Message:
    raw = _raw(key)
    wanted = {name: value for name, value in raw.items() if name != "family"}
    return read_message(wanted) if wanted else Message(0)


def _raw(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    message = getattr(state, "message", None) if state is not None else None
    return message if isinstance(message, Mapping) else {}


def _reply(queue: QueueSummary, person: Person, message: Message, item_no: int) -> Reply:
    store, now = app_store(), datetime.now(UTC)
    if item_no:
        return exchange_on_item(store, item_no, message, person=person, now=now)
    return exchange(store, queue.queue_no, message, person=person, now=now)


def _open_family(message: Mapping[str, Any], person: Person) -> None:
    """Open the dialog for a whole family once for each time it was asked for."""
    wanted, number = message.get("family"), message.get("number")
    if not wanted or st.session_state.get(_FAMILY_ASKED) == number or not may(person, "fix"):
        return
    st.session_state[_FAMILY_ASKED] = number
    view = view_item(app_store(), int(wanted), person=person, now=datetime.now(UTC))
    if view.family:
        open_family_dialog(view.family)


def _take_note() -> None:
    """Exist: a state needs a callback to be known; the desk itself reads what was sent."""
