"""What was decided about near-duplicates, and the way back from each act."""

from __future__ import annotations

import streamlit as st

from pages.parts.near_duplicate_acts import take_back
from pages.parts.near_duplicate_state import NearView
from pages.parts.near_duplicate_words import decision_words
from pages.parts.page_head import draw_empty
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_page
from xlam_backend.dedupe.decisions import list_decisions
from xlam_backend.domain.near_duplicate import Decision
from xlam_backend.domain.person import may

_PAGE_SIZE = 20


def draw_last_decision(view: NearView) -> None:
    """Say what was decided last, with the way back."""
    acts = read_cached("near_decisions", list_decisions, view.search.search_no)
    last = next((act for act in acts if act.choice != "undo" and not act.is_undone), None)
    if last is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="last_decision"):
            st.html(
                f'<span class="xs-chip xs-good">✔ decided last</span> {decision_words(last)} '
                f'<span class="xs-note">by {text_html(last.person, 60)}</span>'
            )
            _draw_undo(last, key="undo_last", shortcut="Z")


def draw_decisions(view: NearView) -> None:
    """Draw every act, the newest first."""
    acts = read_cached("near_decisions", list_decisions, view.search.search_no)
    if not acts:
        draw_empty("Nothing was decided yet.", "Open a cluster, or decide on all that match.")
        return
    first = (view.page - 1) * _PAGE_SIZE
    for act in acts[first : first + _PAGE_SIZE]:
        words, button = st.columns([6, 1], vertical_alignment="center")
        words.html(_act_html(act))
        with button:
            if act.choice != "undo" and not act.is_undone:
                _draw_undo(act, key=f"undo_{act.decision_no}")
    if len(acts) > _PAGE_SIZE:
        url_page(view.page, -(-len(acts) // _PAGE_SIZE))


def _act_html(act: Decision) -> str:
    said = "took a decision back" if act.choice == "undo" else decision_words(act)
    undone = ' <span class="xs-chip xs-plain">taken back</span>' if act.is_undone else ""
    when = act.decided_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return (
        f"{said}{undone}<p class='xs-note'>{text_html(act.person, 60)}, {when}, at similarity "
        f"{act.threshold:.2f}</p>"
    )


def _draw_undo(act: Decision, *, key: str, shortcut: str | None = None) -> None:
    if may(current_person(), "dedupe"):
        st.button(
            "Undo",
            key=f"{key}_{act.decision_no}",
            icon=":material/undo:",
            shortcut=shortcut,
            on_click=take_back,
            args=(act.decision_no,),
        )
