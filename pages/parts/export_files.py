"""The exports that lie in the data folder: each with its files to take along, until somebody removes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from xlam_backend.errors import XlamError
from xlam_backend.exports.folder import ExportFile, remove_export
from xlam_backend.owner import app_store

_MIB = 1024 * 1024
_READ_AT_ONCE = 4 * _MIB
_MOST_DOWNLOADED = 200 * _MIB  # a browser download passes through the app's memory
_MIMES = {".gz": "application/gzip", ".parquet": "application/vnd.apache.parquet"}
_MOST_SHOWN = 20


def draw_export_files(files: tuple[ExportFile, ...]) -> None:
    """Draw the newest exports."""
    st.html('<h4 class="xs-part">Finished exports</h4>')
    for export in files[:_MOST_SHOWN]:
        _draw_file(export)
    if len(files) > _MOST_SHOWN:
        draw_note(f"{len(files) - _MOST_SHOWN:,} older ones lie in the folder exports/ of the data folder.")


def _draw_file(export: ExportFile) -> None:
    with st.container(border=True, key=f"export_{export.name}"):
        words, buttons = st.columns([5, 6], vertical_alignment="center")
        words.html(
            f'<span class="xs-mono">{text_html(export.name, 200)}</span> '
            f'<span class="xs-note">{_size(export.byte_count)}</span>'
        )
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            _draw_data_button(export)
            if export.card.is_file():
                _download("Data card", export.card, "text/markdown")
            if export.refused.is_file():
                _download("Not written", export.refused, "application/jsonl")
            _draw_remove(export)


def _draw_remove(export: ExportFile) -> None:
    if st.button("Remove", key=f"remove_{export.name}", type="tertiary"):
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
    _download("Data", export.data, _MIMES.get(export.data.suffix, "application/jsonl"))


def _download(label: str, path: Path, mime: str) -> None:
    # A file read while the page is drawn is a plain link: no click is lost to a page that draws itself anew.
    read: Callable[[], bytes] = path.read_bytes
    data = read() if path.stat().st_size <= _READ_AT_ONCE else read
    st.download_button(
        label, data=data, file_name=path.name, mime=mime, icon=":material/download:", key=f"get_{path.name}"
    )
