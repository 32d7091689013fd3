"""Published tables of the leaderboard: reading one in, what was read in, taking one off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.bfcl.categories import VERSIONS, version_by_name
from xlam_backend.bfcl.columns import columns_of
from xlam_backend.domain.person import may
from xlam_backend.domain.published import PublishedTable
from xlam_backend.errors import XlamError
from xlam_backend.leaderboard.published import (
    ReadIn,
    list_published,
    put_back_published,
    read_in_published,
    remove_published,
)
from xlam_backend.leaderboard.published_layouts import PART_WORDS
from xlam_backend.owner import app_store

_SAID = "leaderboard_read_in"
_MOST_FAULTS = 30
_BY_ITSELF = "by its columns or name"


def draw_published() -> None:
    """Draw the form, and the tables that were read in."""
    _draw_form()
    tables = read_cached("published_tables", list_published)
    if not tables:
        draw_empty(
            "No published table was read in yet.",
            "The leaderboard's site and its repository offer data_overall.csv and its siblings.",
        )
    for table in tables:
        _draw_table(table)
    removed = read_cached("published_removed", list_published, removed=True)
    if removed:
        with st.expander(f"Taken off ({len(removed)})"):
            for table in removed:
                _draw_table(table, is_removed=True)


def _draw_form() -> None:
    if not may_or_say("evaluate"):
        return
    with st.form("read_published", border=True):
        draw_note(
            "Read a published CSV in: overall, non-live, live, multi-turn or agentic. Parts of the same "
            "source and day become one row for each model."
        )
        files = st.file_uploader("CSV files", type="csv", accept_multiple_files=True, key="published_files")
        source, day, version = st.columns([4, 2, 2])
        whose = source.text_input(
            "Source", placeholder="who published it, and where", key="published_source", max_chars=300
        )
        date = day.text_input("Date", placeholder="2024-08-29, or from the name", key="published_date")
        edition = version.selectbox("Version", [_BY_ITSELF, *VERSIONS], key="published_version")
        if st.form_submit_button("Read in", type="primary", icon=":material/upload:"):
            _read_in(files or [], whose, date, edition)
    for said in st.session_state.pop(_SAID, []):
        st.html(said)


def _read_in(files: list[Any], source: str, date: str, edition: str) -> None:
    said = []
    version = next((one for one in VERSIONS if one == edition), None)
    if not files:
        draw_note("Choose a file first.")
        return
    for file in files:
        try:
            found = read_in_published(
                app_store(),
                file.getvalue(),
                file.name,
                source=source,
                source_date=date.strip(),
                version=version,
                person=current_person(),
                now=datetime.now(UTC),
            )
        except XlamError as error:
            show_error(error)
            return
        said.append(_said_html(found))
    st.session_state[_SAID] = said
    st.rerun()


def _said_html(found: ReadIn) -> str:
    table = found.table
    words = "was there already" if found.is_known else "read in"
    lines = [f"line {fault.line}: {text_html(fault.words, 300)}" for fault in table.faults]
    lines += [
        f"line {one.line}: {text_html(columns_of(version_by_name(table.version))[one.column].title)} of "
        f"{text_html(one.model, 80)} is {one.published:.2f}, its parts come to {one.computed:.2f}"
        for one in found.sum_faults
    ]
    if found.ignored_heads:
        lines.append("not read: " + ", ".join(text_html(head, 60) for head in found.ignored_heads))
    items = "".join(f"<li><span>{line}</span></li>" for line in lines[:_MOST_FAULTS])
    return (
        f'<p><span class="xs-chip xs-good">✔ {table.row_count:,} rows {words}</span> '
        f"{text_html(table.file_name, 120)}</p>" + (f'<ul class="xs-list">{items}</ul>' if items else "")
    )


def _draw_table(table: PublishedTable, *, is_removed: bool = False) -> None:
    with st.container(border=True):
        words, act = st.columns([6, 1], vertical_alignment="center")
        part = next((known for name, known in PART_WORDS.items() if name == table.part), table.part)
        faults = f" · {counted(len(table.faults), 'fault')}" if table.faults else ""
        words.html(
            f"<b>{table.version} {part}</b> · {text_html(table.source, 200)}, "
            f"{text_html(table.source_date, 20)}"
            f'<p class="xs-note">{table.row_count:,} rows{faults} · {text_html(table.file_name, 120)} · '
            f"read in {table.read_at:%Y-%m-%d %H:%M} UTC by {text_html(table.person, 80)} · "
            f"SHA-256 <code>{text_html(table.file_hash[:16])}</code></p>"
        )
        if may(current_person(), "evaluate"):
            act.button(
                "Put back" if is_removed else "Take off",
                key=f"published_{table.table_no}",
                help=one_line(f"table {table.table_no}"),
                on_click=_change,
                args=(table.table_no,),
                kwargs={"is_removed": is_removed},
            )
        if table.faults:
            with st.expander("What could not be read"):
                items = "".join(
                    f"<li><span>line {fault.line}</span><span>{text_html(fault.words, 300)}</span></li>"
                    for fault in table.faults[:_MOST_FAULTS]
                )
                st.html(f'<ul class="xs-list">{items}</ul>')


def _change(table_no: int, *, is_removed: bool) -> None:
    change = put_back_published if is_removed else remove_published
    change(app_store(), table_no, person=current_person(), now=datetime.now(UTC))
