"""Export of a view: written in the background, then offered as a file with its data card until removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.work_list import draw_work
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.explore.export import EXPORT_FORMS, ExportForm
from xlam_backend.explore.exports import ExportFile, exports_folder, list_exports, remove_export
from xlam_backend.owner import app_store
from xlam_backend.owner.background import background
from xlam_backend.owner.export_work import start_export

_FORM_WORDS: dict[ExportForm, str] = {
    "unified_1": "Unified 1.0 (xLAM: query, tools, steps)",
    "unified_2": "Unified 2.0 (ActionStudio: tools, conversation)",
}
_MIB = 1024 * 1024
_READ_AT_ONCE = 4 * _MIB
_MOST_DOWNLOADED = 200 * _MIB  # a browser download passes through the app's memory


def draw_export(filters: Filters, total: int) -> None:
    """Draw the way to a file of the `total` trajectories that match, and the files there are."""
    if not may(current_person(), "export"):
        return
    folder = exports_folder(app_store().folder)
    for status in background().statuses():
        if status.kind == "export" and status.state == "done":
            background().forget(status.work_id, person=current_person())  # its file says so
    is_open = bool(st.session_state.get("export_begun"))
    with st.expander("Export this view", icon=":material/ios_share:", expanded=is_open, key="export"):
        _draw_form(filters, total)
        draw_work("export")
        for export in list_exports(folder):
            _draw_file(export)


def _draw_form(filters: Filters, total: int) -> None:
    left, middle, right = st.columns([4, 2, 2], vertical_alignment="bottom")
    form = left.selectbox("Form", list(EXPORT_FORMS), format_func=_FORM_WORDS.__getitem__, key="export_form")
    packed = middle.checkbox("Pack with gzip", value=True, key="export_packed")
    if right.button(
        f"Write {counted(total, 'trajectory', 'trajectories')}",
        type="primary",
        disabled=not total,
        key="export_start",
    ):
        start_export(filters, form=form, packed=packed, person=current_person())
        st.session_state["export_begun"] = True
        st.rerun()
    draw_note(
        "One trajectory a line, current versions, with a data card that names sources, licences and findings."
    )


def _draw_file(export: ExportFile) -> None:
    with st.container(border=True, key=f"export_{export.name}"):
        words, data, card, away = st.columns([5, 2, 2, 1.6], vertical_alignment="center")
        words.html(
            f'<span class="xs-mono">{text_html(export.name, 200)}</span> '
            f'<span class="xs-note">{_size(export.byte_count)}</span>'
        )
        with data:
            _draw_data_button(export)
        if export.card.is_file():
            _download(card, "Data card", export.card, "text/markdown")
        if away.button("Remove", key=f"remove_{export.name}", type="tertiary"):
            try:
                remove_export(app_store(), export.name, person=current_person(), now=datetime.now(UTC))
            except XlamError as error:
                show_error(error)
            else:
                st.rerun()


def _size(byte_count: int) -> str:
    return f"{byte_count / _MIB:,.1f} MB" if byte_count >= _MIB else f"{byte_count / 1024:,.1f} KB"


def _draw_data_button(export: ExportFile) -> None:
    if export.byte_count > _MOST_DOWNLOADED:
        draw_note("Too large for the browser: take it from the folder exports/ of the data folder.")
        return
    _download(
        st, "Data", export.data, "application/gzip" if export.name.endswith(".gz") else "application/jsonl"
    )


def _download(place: object, label: str, path: Path, mime: str) -> None:
    # A file read while the page is drawn is a plain link: no click is lost to a page that draws itself anew.
    read: Callable[[], bytes] = path.read_bytes
    data = read() if path.stat().st_size <= _READ_AT_ONCE else read
    place.download_button(  # type: ignore[attr-defined] # a column, or the page itself
        label, data=data, file_name=path.name, mime=mime, icon=":material/download:", key=f"get_{path.name}"
    )
