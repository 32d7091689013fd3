"""The rows that a recipe leaves out, each with its reason; as a list and as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from pages.parts.counted import counted
from pages.parts.link_table import LinkRow, table_html
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_page, url_select
from xlam_backend.domain.person import may
from xlam_backend.mixture.left_out import PAGE_SIZE, list_left_out, render_left_out
from xlam_backend.mixture.preview import Preview
from xlam_backend.mixture.recipe import Recipe
from xlam_backend.owner import app_store


def draw_left_out(recipe: Recipe, found: Preview) -> None:
    """Draw how many rows are left out for each reason, and the rows themselves."""
    if not found.left_out:
        return
    st.subheader("Left out", anchor=False)
    reasons = {count.name: count.row_count for count in found.left_out}
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    with left:
        reason = url_select(
            "Reason",
            "reason",
            list(reasons),
            show=lambda name: f"{name} ({reasons.get(name, 0):,})",
            placeholder=f"any ({sum(reasons.values()):,})",
            only_these=True,
        )
    with right:
        _draw_download(recipe, reason)
    page = max(1, read_number("page", 1))
    shown = list_left_out(app_store(), recipe, reason=reason, first=(page - 1) * PAGE_SIZE)
    st.html(
        table_html(
            ("Query", "Source", "Dataset", "Why it is left out"),
            [
                LinkRow(
                    one_line(row.query, 100) or "(no query)",
                    (one_line(row.source, 60), one_line(row.dataset, 60), row.reason),
                    f"trajectory?id={row.trajectory_id}",
                )
                for row in shown.rows
            ],
        )
    )
    page_count = -(-shown.total // PAGE_SIZE)
    st.html(f'<p class="xs-note">{counted(shown.total, "row")}</p>')
    if page_count > 1:
        url_page(min(page, page_count), page_count)


def _draw_download(recipe: Recipe, reason: str) -> None:
    person = current_person()
    if not may(person, "export"):
        return
    st.download_button(
        "Download as CSV",
        partial(render_left_out, app_store(), recipe, person=person, now=datetime.now(UTC), reason=reason),
        file_name="left_out.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download_left_out",
    )
