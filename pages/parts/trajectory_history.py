"""The versions of a trajectory, where it came from, and how to take it along."""

from __future__ import annotations

import msgspec
import streamlit as st

from pages.parts.diff_view import diff_html
from pages.parts.finding_words import finding_html
from pages.parts.names import source_title
from pages.parts.routes import TRAJECTORY
from pages.parts.safe_text import text_html
from pages.parts.trajectory_family import draw_children
from pages.parts.url_view import View, view_params
from xlam_backend.explore.trajectory_page import HistoryEntry, TrajectoryPage
from xlam_backend.formats import unified_1, unified_2

_FORMATS = {"Unified format 1.0": unified_1.render, "Unified format 2.0": unified_2.render}


def draw_about(page: TrajectoryPage, view: View) -> None:
    """Draw what stands below a trajectory."""
    made_count = page.family.child_count
    versions, origin, made, download = st.tabs(
        [
            f"Versions ({len(page.versions)})",
            "Where it came from",
            f"Made from it ({made_count:,})",
            "Download",
        ]
    )
    with versions:
        _draw_versions(page, view)
    with origin:
        _draw_origin(page)
    with made:
        draw_children(page.family, view)
    with download:
        _draw_download(page)


def _draw_versions(page: TrajectoryPage, view: View) -> None:
    with st.container(horizontal=True):
        for version in page.versions:
            words = "as imported" if version.version == 0 else f"version {version.version}"
            current = " (current)" if version.is_current else ""
            st.page_link(
                TRAJECTORY,
                label=f"{words}{current}",
                icon=":material/visibility:" if version.version == page.version else None,
                query_params=view_params(view, id=page.trajectory_id, version=str(version.version)),
            )
    if not page.history:
        st.html('<p class="xs-note">Nothing was changed since the import.</p>')
    for entry in reversed(page.history):
        _draw_act(entry)


def _draw_act(entry: HistoryEntry) -> None:
    act = entry.act
    with st.container(border=True):
        st.html(
            f"<b>{text_html(act.summary, 400)}</b>"
            f'<p class="xs-note">version {entry.from_version} → {entry.to_version}'
            f" · {act.acted_at:%Y-%m-%d %H:%M} UTC"
            f" · {text_html(act.actor, 100)}</p>{diff_html(entry.differences)}"
        )
        for title, findings in (("Cleared", entry.change.cleared), ("Introduced", entry.change.introduced)):
            if findings:
                st.html(f"<p class='xs-note'>{title}:</p>{''.join(finding_html(one) for one in findings)}")


def _draw_origin(page: TrajectoryPage) -> None:
    dataset = page.dataset
    rows = [
        (
            "Format it was read as",
            f"{source_title(dataset.importer)}, importer version {dataset.importer_version}",
        ),
        ("Given as", dataset.source),
        ("Licence", dataset.licence),
        ("Trajectory id", page.trajectory_id),
    ]
    for place in page.places:
        key = f", {place.record_key}" if place.record_key else ""
        line = f", line {place.line:,}" if place.line else ""
        name = f" (its own id: {place.source_id})" if place.source_id else ""
        rows.append((f"In {place.dataset}", f"{place.file}{line}{key}{name}"))
    items = "".join(
        f"<li><span>{text_html(label, 200)}</span><span>{text_html(value, 400)}</span></li>"
        for label, value in rows
    )
    st.html(f'<ul class="xs-list">{items}</ul>')


def _draw_download(page: TrajectoryPage) -> None:
    st.html(f'<p class="xs-note">Version {page.version} of this trajectory, as one JSON document.</p>')
    with st.container(horizontal=True):
        for title, render in _FORMATS.items():
            record = msgspec.json.format(
                msgspec.json.encode(render(page.trajectory, page.trajectory_id)), indent=2
            )
            st.download_button(
                title,
                record,
                file_name=f"{page.trajectory_id}.{title[-3:]}.json",
                mime="application/json",
                icon=":material/download:",
                on_click="ignore",
            )
