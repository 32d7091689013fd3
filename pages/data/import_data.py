"""Import: take a file, a folder or a public data set into the store, and check every call in it."""

from __future__ import annotations

import os
from pathlib import Path

from pages.parts.counted import counted
import streamlit as st

from pages.parts.dataset_list import draw_datasets
from pages.parts.guard import show_error
from pages.parts.names import source_title
from pages.parts.page_head import draw_head, draw_note
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.source_form import choose_companions, choose_source, empty_form
from pages.parts.store_cache import read_cached, remember
from pages.parts.work_list import draw_work
from xlam_backend.errors import XlamError
from xlam_backend.explore.datasets import list_datasets
from xlam_backend.flow import ImportOptions
from xlam_backend.importers import IMPORTERS
from xlam_backend.importers.hub import is_hub_name
from xlam_backend.importers.source_look import SourceLook, look_at_source
from xlam_backend.owner import app_store
from xlam_backend.owner.import_work import start_import

_MIB = 1024 * 1024


def draw_new_import() -> None:
    """Draw the form of a new import: the source, what it is taken for, and the start."""
    source = choose_source()
    if not source:
        return
    look = None if is_hub_name(source) else _try_look(source, st.session_state.get("format") or "")
    options = _draw_options(source, look)
    can_start = look is not None or is_hub_name(source)
    if st.button(
        "Import and check", type="primary", icon=":material/download:", key="start", disabled=not can_start
    ):
        start_import(source, options, person=current_person())
        empty_form()
        st.rerun()


def _try_look(source: str, importer: str) -> SourceLook | None:
    """Say what the source is taken for; when nothing knows it, a format can still be chosen by hand."""
    try:
        look = _look(source, importer)
    except XlamError as error:
        show_error(error)
        return None
    _draw_look(look)
    return look


def _look(source: str, importer: str) -> SourceLook:
    path = Path(source)
    state = path.stat()
    key = ("look", source, importer, state.st_mtime_ns, state.st_size)
    return remember(key, lambda: look_at_source(source, importer))


def _draw_look(look: SourceLook) -> None:
    files = (
        f"{counted(look.file_count, 'file')}, {look.byte_count / _MIB:,.1f} MB"
    )
    skipped = f", {len(look.skipped):,} files are skipped" if look.skipped else ""
    st.html(
        f'<div class="xs-card" role="status"><span class="xs-chip xs-good">✔ recognised</span> '
        f"<b>{text_html(look.title)}</b><br>{text_html(look.reason, 400)} "
        f'<span class="xs-note">{files}{skipped}</span></div>'
    )


def _draw_options(source: str, look: SourceLook | None) -> ImportOptions:
    left, right = st.columns(2)
    name = left.text_input(
        "Name of the dataset",
        value=_default_name(look),
        placeholder="taken from the source",
        key=f"name_{source}_{look.importer if look else ''}",
    ).strip()
    licence = right.text_input(
        "Licence", placeholder=look.licence if look else "not stated", key=f"licence_{source}"
    )
    with st.expander("Another format, or files that stand elsewhere", expanded=look is None):
        by_hand = st.selectbox(
            "Read it as",
            [importer.name for importer in IMPORTERS],
            index=None,
            placeholder="the format that is recognised",
            format_func=source_title,
            key="format",
        )
        companions = choose_companions()
    _draw_addition(name)
    return ImportOptions(
        dataset=name or None,
        importer=by_hand,
        licence=licence.strip() or None,
        companions=companions,
        processes=os.cpu_count() or 1,
    )


def _default_name(look: SourceLook | None) -> str:
    """Return the source's own name, unless a dataset of another format has it already."""
    if look is None:
        return ""
    taken = {dataset.name: dataset.importer for dataset in read_cached("datasets", list_datasets)}
    is_free = taken.get(look.dataset, look.importer) == look.importer
    return look.dataset if is_free else f"{look.dataset}_{look.importer}"


def _draw_addition(name: str) -> None:
    if any(dataset.name == name for dataset in read_cached("datasets", list_datasets)):
        draw_note("A dataset of this name exists: what is new is added to it, what it holds already stays.")


draw_head(
    "Import", "Take a file, a folder or a public data set into the store; every tool call in it is checked."
)
app_store()
draw_work()
if may_or_say("import"):
    with st.container(border=True):
        try:
            draw_new_import()
        except XlamError as error:
            show_error(error)
draw_datasets()
