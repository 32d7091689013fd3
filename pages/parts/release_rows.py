"""The rows of a release, and where one of them comes from."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.names import format_title, style_title
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.store_cache import remember
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_page
from xlam_backend.domain.training_row import LineageStep, TrainingRow
from xlam_backend.errors import XlamError
from xlam_backend.releases.reading import Release, find_row, read_rows

PAGE_SIZE = 20
_KIND_TITLES = {
    "raw record": "Raw record",
    "fix": "Fix",
    "verdict": "Verdict",
    "augmentation": "Made of another",
}


def draw_rows(release: Release) -> None:
    """Draw one page of rows, and above it the row that is open."""
    if wanted := st.query_params.get("row", ""):
        _draw_row(release, wanted)
    page_count = max(1, -(-release.manifest.row_count // PAGE_SIZE))
    page = max(1, min(read_number("page", 1), page_count))
    # A release never changes: what was read of it once is kept.
    rows = remember(
        ("release rows", str(release.folder), page), lambda: _read(release.folder, (page - 1) * PAGE_SIZE)
    )
    st.html(
        table_html(
            ("Row", "Source", "Dataset", "Tokens", "Where it comes from"),
            [_row(release, row, page) for row in rows],
        )
    )
    if page_count > 1:
        url_page(page, page_count)


def _read(folder: Path, first: int) -> list[TrainingRow]:
    return list(islice(read_rows(folder, first=first), PAGE_SIZE))


def _row(release: Release, row: TrainingRow, page: int) -> LinkRow:
    kinds = [_KIND_TITLES[step.kind].lower() for step in row.lineage]
    query = {"release": release.release_id, "row": row.row_id, "page": str(page)}
    return LinkRow(
        one_line(row.trajectory.query, 110) or "(no query)",
        (
            one_line(row.source, 50),
            one_line(row.dataset, 50),
            f"{row.token_count:,}",
            " → ".join(dict.fromkeys(kinds)),
        ),
        f"releases?{urlencode(query)}",
    )


def _draw_row(release: Release, row_id: str) -> None:
    try:
        row = find_row(release, row_id)
    except XlamError as error:
        show_error(error)
        return
    with st.container(border=True, key="release_row"):
        st.html(
            f"<b>{text_html(row.trajectory.query, 600)}</b>"
            f'<p class="xs-note">row {text_html(row.row_id, 60)} · taken by {text_html(row.source, 80)} · '
            f"{text_html(row.category, 80) or 'no category'} · {text_html(_told(row), 120)} · "
            f"licence {text_html(row.licence, 80) or 'not stated'}</p>"
        )
        st.html('<h4 class="xs-part">Where it comes from</h4>')
        for step in row.lineage:
            st.html(_step_html(step))
        with st.container(horizontal=True):
            text = _link(row.trajectory_id, "Its text in the training lens", page="training_lens")
            st.html(f"{_link(row.trajectory_id, 'Open the trajectory')} &ensp; {text}")
            st.button("Close", key="close_row", type="tertiary", on_click=put_in_url, args=("row", ""))
        with st.expander("The record as it is in the release"):
            st.json(_record(row), expanded=1)


def _told(row: TrainingRow) -> str:
    if row.telling is None:
        return "told as its source has it"
    return f"told as {format_title(row.telling.format_name)}, {style_title(row.telling.style_name)}"


def _record(row: TrainingRow) -> object:
    return msgspec.to_builtins(row.trajectory)


def _step_html(step: LineageStep) -> str:
    facts = "".join(
        f"<li><span>{text_html(str(name), 80)}</span><span>{text_html(str(value), 300)}</span></li>"
        for name, value in step.facts.items()
        if value not in ("", 0)
    )
    parent = str(step.facts.get("parent", ""))
    link = f" {_link(parent, 'its parent')}" if step.kind == "augmentation" and parent else ""
    return (
        f'<div class="xs-finding"><b>{_KIND_TITLES[step.kind]}</b> {text_html(step.words, 300)}{link}'
        f'<ul class="xs-list">{facts}</ul></div>'
    )


def _link(trajectory_id: str, words: str, *, page: str = "trajectory") -> str:
    if not trajectory_id.isalnum():
        return ""
    return f'<a href="{page}?{urlencode({"id": trajectory_id})}">{words}</a>'


def draw_rows_note(release: Release) -> None:
    """Say in which order the rows stand."""
    draw_note(f"{release.manifest.row_count:,} rows in the order drawn by seed {release.manifest.seed}.")
