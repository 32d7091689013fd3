"""The way from a list of trajectories to mending a whole family of findings among them."""

from __future__ import annotations

import streamlit as st

from pages.parts.family_dialog import open_family_dialog
from pages.parts.names import check_title
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.person import may
from xlam_backend.explore.families import FamilyCount, find_families


def draw_families(filters: Filters) -> None:
    """Draw the families that can be mended together, when the view asks for particular findings."""
    if not may(current_person(), "fix"):
        return
    families = read_cached("families", find_families, filters)
    if not families:
        return
    word = "family" if len(families) == 1 else "families"
    with st.expander(
        f"Mend together: {len(families)} {word} of findings with a safe fix", icon=":material/healing:"
    ):
        for family in families:
            _draw_family(family)


def _draw_family(family: FamilyCount) -> None:
    words, button = st.columns([5, 1.4], vertical_alignment="center")
    place = f" · {text_html(show_pointer(family.pointer), 100)}" if family.pointer else ""
    words.html(
        f"<b>{text_html(check_title(family.check))}</b> · "
        f"<code>{text_html(family.tool, 120)}</code>{place} · "
        f'{family.trajectory_count:,} trajectories<p class="xs-note">for example: '
        f"{text_html(family.summary or '', 200)}</p>"
    )
    if button.button("Look and mend …", key=f"family_{family.family}"):
        open_family_dialog(family.family)
