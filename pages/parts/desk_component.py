"""The desk as a component: what the page gives it; what is pressed goes another way (desk_route.py)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.desk_route import desk_address
from pages.parts.family_dialog import open_family_dialog
from pages.parts.guard import show_error
from xlam_backend.domain.person import Person, may
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.review.desk_tickets import Ticket, desk_tickets
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

_FAMILY_ASKED = "desk_family_asked"  # the number of the wish for a family that was granted


class FamilyWish(msgspec.Struct, frozen=True):
    """The wish to see the family of an item's finding; a wish that is made again has another number."""

    item_no: int
    number: int


def draw_desk(queue: QueueSummary, person: Person, *, item_no: int = 0, read_only: str = "") -> None:
    """Draw the desk of a queue, or one item alone (`item_no`); `read_only` says why it cannot be answered."""
    key = f"desk_{queue.queue_no}_{item_no}"
    data = {
        "desk_key": f"xlam-desk:{person.name}:{queue.queue_no}:{item_no}",
        "base": "desk",
        "name": queue.plan.name,
        "guideline": queue.plan.guideline,
        "reasons": list(PAIR_REASONS),
        "is_single": bool(item_no),
        "may_fix_family": may(person, "fix"),
        "read_only": read_only,
        "address": desk_address(),
        "ticket": desk_tickets.give(
            Ticket(person.name, person.signed_in_by, _visit(), queue.queue_no, item_no)
        ),
    }
    _desk(key=key, data=data, on_family_change=_take_note, on_visit_change=_take_note)
    _open_family(key, person)


def _visit() -> str:
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def _open_family(key: str, person: Person) -> None:
    """Open the dialog for a whole family once for each time it was asked for."""
    wish = _family_wish(key)
    if wish is None or st.session_state.get(_FAMILY_ASKED) == wish.number or not may(person, "fix"):
        return
    st.session_state[_FAMILY_ASKED] = wish.number
    try:
        view = view_item(app_store(), wish.item_no, person=person, now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    if view.family:
        open_family_dialog(view.family)


def _family_wish(key: str) -> FamilyWish | None:
    """Return the wish the browser sent; what is none, is none."""
    state = st.session_state.get(key)
    try:
        return msgspec.convert(getattr(state, "family", None), FamilyWish)
    except msgspec.ValidationError:
        return None


def _take_note() -> None:
    """Exist: a state needs a callback to be known. A new `visit` only brings a new ticket."""
