"""What a trajectory was made from, and what was made from it: links both ways."""

from __future__ import annotations

import streamlit as st

from pages.parts.counted import counted
from pages.parts.names import format_title, style_title
from pages.parts.page_head import draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import TRAJECTORY
from pages.parts.safe_text import text_html
from pages.parts.url_view import View, view_params
from xlam_backend.explore.trajectory_page import Family, Relative


def draw_parent(family: Family, view: View) -> None:
    """Draw the way to what a trajectory was made from, where it was made."""
    parent = family.parent
    if parent is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="made_from"):
        st.html(f"{_way_html(parent)} from", width="content")
        if parent.trajectory_id:
            _link(parent.trajectory_id, view)
            note = f"its version {parent.version}"
            if not parent.is_current:
                note += ", which was changed since"
        else:
            note = "a trajectory that is not in the store any more"
        st.html(f'<p class="xs-note">{note} · run {text_html(parent.run_id, 60)}</p>', width="content")


def draw_children(family: Family, view: View) -> None:
    """Draw the ways to what was made from a trajectory."""
    if not family.children:
        draw_note("Nothing was made from it: see the Augmentation page.")
        return
    for child in family.children:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(
                f'{_way_html(child)} <span class="xs-note">in {text_html(child.dataset, 80)}</span>',
                width="content",
            )
            _link(child.trajectory_id, view)
    if family.child_count > len(family.children):
        more = family.child_count - len(family.children)
        draw_note(f"And {counted(more, 'further one')}.")


def _link(trajectory_id: str, view: View) -> None:
    st.page_link(
        TRAJECTORY,
        label=trajectory_id[:12],
        icon=":material/timeline:",
        query_params=view_params(view, id=trajectory_id),
    )


def _way_html(one: Relative) -> str:
    chips = [one.kind.capitalize()]
    if one.telling is not None and one.kind == "augmented":
        chips += [format_title(one.telling.format_name), style_title(one.telling.style_name)]
    if one.model:
        chips.append(f"by {one.model}")
    shown = " ".join(f'<span class="xs-chip xs-plain">{text_html(chip, 80)}</span>' for chip in chips)
    return f"{shown} {scripted_chip()}" if one.is_scripted else shown
