"""Trajectory: one record in full, what is wrong, where its values come from, and how it can be mended."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import streamlit as st

from pages.parts.counted import counted
from pages.parts.finding_list import draw_findings
from pages.parts.fix_panel import draw_last_act
from pages.parts.levels import level_chip
from pages.parts.names import source_title
from pages.parts.near_duplicate_link import draw_near_link
from pages.parts.page_head import draw_empty, draw_head, draw_note
from pages.parts.rating_list import draw_ratings
from pages.parts.routes import EXPLORE, TRAINING_LENS, TRAJECTORY
from pages.parts.safe_text import LONGEST_TEXT, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.trained_on import draw_trained_on
from pages.parts.trajectory_family import draw_parent
from pages.parts.trajectory_history import draw_about
from pages.parts.trajectory_view import is_cut, trajectory_html
from pages.parts.url_view import View, read_view, view_params
from xlam_backend.domain.finding import LEVELS
from xlam_backend.explore.search import find_around
from xlam_backend.explore.trajectory_page import TrajectoryPage, open_trajectory_page
from xlam_backend.owner import app_store
from xlam_backend.review.verdicts import hidden_ratings

# Past this no text is cut: the browser takes a megabyte of text in about a second.
_EVERYTHING = 50_000_000


def draw_trajectory(page: TrajectoryPage, view: View) -> None:
    """Draw the page of one trajectory."""
    page, hidden_count = _without_hidden_ratings(page)
    _draw_way(page, view)
    _draw_chips(page)
    draw_parent(page.family, view)
    if not page.is_current:
        st.html('<p class="xs-error">This is an older version; fixes apply to the current one.</p>')
    draw_near_link(page.trajectory_no)
    draw_last_act(page)
    st.subheader("What is wrong", anchor=False)
    draw_findings(page)
    draw_ratings(page)
    if hidden_count:
        draw_note(
            f"What judges say of {counted(hidden_count, 'place')} is shown once you have answered "
            "them at the desk."
        )
    st.subheader("The record", anchor=False)
    longest = LONGEST_TEXT
    if is_cut(page.trajectory) and st.toggle("Show long texts whole", key=f"whole_{page.version_no}"):
        longest = _EVERYTHING
    st.html(trajectory_html(page, longest=longest))
    draw_trained_on(page.trajectory_id)
    draw_about(page, view)


def _without_hidden_ratings(page: TrajectoryPage) -> tuple[TrajectoryPage, int]:
    """Return the page without the ratings that the person is still asked about, and how many they are."""
    hidden = hidden_ratings(app_store(), page.version_no, person=current_person(), now=datetime.now(UTC))
    shown = tuple(one for one in page.ratings if one.rating_no not in hidden)
    return msgspec.structs.replace(page, ratings=shown), len(page.ratings) - len(shown)


def _draw_way(page: TrajectoryPage, view: View) -> None:
    around = read_cached("around", find_around, view.filters, page.trajectory_no, sort=view.sort)
    with st.container(horizontal=True, vertical_alignment="center", key="way"):
        _link("Previous", ":material/arrow_back:", around.previous, view)
        _link("Next", ":material/arrow_forward:", around.following, view)
        if around.place:
            st.html(
                f'<p class="xs-note">{around.place:,} of {around.total:,} in this view</p>', width="content"
            )
        else:
            st.html('<p class="xs-note">no longer in this view</p>', width="content")
        st.page_link(
            EXPLORE, label="Back to the list", icon=":material/list:", query_params=view_params(view)
        )
        st.page_link(
            TRAINING_LENS,
            label="Training lens",
            icon=":material/center_focus_strong:",
            query_params={"id": page.trajectory_id},
        )


def _link(label: str, icon: str, trajectory_id: str, view: View) -> None:
    params = view_params(view, id=trajectory_id)
    st.page_link(TRAJECTORY, label=label, icon=icon, query_params=params, disabled=not trajectory_id)


def _draw_chips(page: TrajectoryPage) -> None:
    levels = [one.finding.level for one in page.findings.findings]
    trajectory = page.trajectory
    calls = sum(len(step.tool_calls) for step in trajectory.steps)
    chips = [level_chip(level, f"{levels.count(level)} {level}") for level in LEVELS if level in levels]
    chips += [
        f'<span class="xs-chip xs-plain">{text}</span>'
        for text in (
            text_html(page.dataset.name, 80),
            text_html(source_title(page.dataset.importer)),
            f"{counted(len(trajectory.steps), 'step')}, {counted(calls, 'call')}",
            "as imported" if page.version == 0 else f"version {page.version}",
        )
    ]
    st.html(f"<div>{' '.join(chips)}</div>")


draw_head(
    "Trajectory", "One record in full: what was asked, what was called, what is wrong, how it can be mended."
)
current = read_view()
wanted = st.query_params.get("id", "")
version = st.query_params.get("version", "")
if wanted:
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
    draw_trajectory(read_cached("trajectory", open_trajectory_page, wanted, version=number), current)
else:
    draw_empty("No trajectory is chosen.", "Choose one in Explore: a click on a row opens it.")
    st.page_link(EXPLORE, label="Explore", icon=":material/search:")
