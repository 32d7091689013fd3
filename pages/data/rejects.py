"""Rejects: the records that gave no trajectory, each with its place, its bytes and the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from pages.parts.counted import counted
import streamlit as st

from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.raw_bytes import bytes_html
from pages.parts.routes import IMPORT
from pages.parts.safe_text import show_hidden, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_page, url_select
from xlam_backend.domain.person import may
from xlam_backend.explore.datasets import list_datasets
from xlam_backend.explore.rejects import (
    PAGE_SIZE,
    RejectForm,
    RejectGroup,
    RejectRow,
    count_rejects,
    find_rejects,
    render_rejects,
)
from xlam_backend.owner import app_store

_DOWNLOADS: tuple[tuple[RejectForm, str, str, str], ...] = (
    ("lines", "Raw lines, to correct and import again", "rejects.jsonl", "application/x-ndjson"),
    ("jsonl", "With place and reason (JSON Lines)", "rejects_with_reasons.jsonl", "application/x-ndjson"),
    ("csv", "Places and reasons (CSV)", "rejects.csv", "text/csv"),
)


def draw_rejects(groups: list[RejectGroup]) -> None:
    """Draw the rejects of the chosen dataset and kind of reason."""
    dataset, reason = st.query_params.get("dataset", ""), st.query_params.get("reason", "")
    matching = [group for group in groups if dataset in ("", group.dataset)]
    draw_facts(
        [
            Fact(f"{sum(group.record_count for group in matching):,}", "rejected records"),
            Fact(f"{len({group.reason for group in matching}):,}", "kinds of reasons"),
            Fact(f"{len({group.dataset for group in matching}):,}", "datasets with rejects"),
        ]
    )
    left, right = st.columns(2)
    with left:
        url_select("Dataset", "dataset", sorted({group.dataset for group in groups}))
    with right:
        url_select("Reason", "reason", list(dict.fromkeys(group.reason for group in matching)))
    count = sum(group.record_count for group in matching if reason in ("", group.reason))
    _draw_groups(matching)
    _draw_downloads(dataset, reason)
    _draw_rows(dataset, reason, count)


def _draw_groups(groups: list[RejectGroup]) -> None:
    with st.expander("Reasons and how often each occurs", expanded=len(groups) > 1):
        st.dataframe(
            {
                "reason": [show_hidden(group.example) for group in groups],
                "records": [group.record_count for group in groups],
                "dataset": [show_hidden(group.dataset) for group in groups],
            },
            hide_index=True,
            column_config={
                "reason": st.column_config.TextColumn("reason (one example of each kind)", width="large")
            },
        )


def _draw_downloads(dataset: str, reason: str) -> None:
    person = current_person()
    if not may(person, "export"):
        return
    now = datetime.now(UTC)
    with st.container(horizontal=True):
        for form, label, name, mime in _DOWNLOADS:
            st.download_button(
                label,
                partial(
                    render_rejects, app_store(), form, person=person, now=now, dataset=dataset, reason=reason
                ),
                file_name=name,
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{form}",
            )


def _draw_rows(dataset: str, reason: str, count: int) -> None:
    if not count:
        draw_note("No record was rejected there for this reason.")
        return
    page_count = -(-count // PAGE_SIZE)
    page = max(1, min(read_number("page", 1), page_count))
    found = read_cached("rejects", find_rejects, dataset, reason=reason, page=page)
    draw_note(f"{counted(count, 'record')}, in the order of their places.")
    st.html("".join(_row_html(row) for row in found.rows))
    if page_count > 1:
        url_page(page, page_count)


def _row_html(row: RejectRow) -> str:
    place = f"{row.file}:{row.line}" if row.line else row.file
    key = "".join(f" · {part}" for part in (row.record_key, row.part) if part)
    return (
        f'<div class="xs-reject-row"><b>{text_html(place, 300)}</b>{text_html(key, 200)}'
        f' <span class="xs-chip xs-plain">{text_html(row.dataset, 80)}</span>'
        f'<p class="xs-why">{text_html(row.reason, 1000)}</p>{bytes_html(row.raw, row.byte_count)}</div>'
    )


draw_head("Rejects", "Records that gave no trajectory: read = kept + rejected, and nothing disappears.")
found_groups = read_cached("reject_groups", count_rejects)
if found_groups:
    draw_rejects(found_groups)
else:
    draw_empty(
        "Nothing was rejected.",
        "Every record that was read became a trajectory."
        if read_cached("datasets", list_datasets)
        else "Nothing has been imported yet: what cannot be read will stand here, with its line and reason.",
    )
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
