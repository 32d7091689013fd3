"""Taking verdicts, pairs and the log out as files."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from pages.parts.counted import counted
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.access import person_of
from xlam_backend.domain.person import Person, may
from xlam_backend.owner import app_store
from xlam_backend.review.export import (
    COLUMNS,
    NEEDED_ACTION,
    REVIEW_FORMS,
    REVIEW_TABLES,
    ReviewForm,
    ReviewTable,
    count_review_rows,
    export_review,
)
from xlam_backend.review.queues import list_queues

MOST_DOWNLOADED_ROWS = 300_000  # a browser download passes through the app's memory

_TABLE_WORDS: dict[ReviewTable, str] = {
    "verdicts": "Verdicts, with what was reviewed",
    "pairs": "Chosen/rejected pairs, with what people decided",
    "audit": "Log of what was done",
}
_FORM_WORDS: dict[ReviewForm, str] = {"jsonl": "JSON Lines", "parquet": "Parquet", "csv": "CSV"}
_MIMES: dict[ReviewForm, str] = {
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
}


def draw_review_export() -> None:
    """Draw the downloads, for those who may export; the log only for those who manage people."""
    person = current_person()
    tables = [table for table in REVIEW_TABLES if may(person, NEEDED_ACTION[table])]
    if not tables:
        return
    with st.expander("Export verdicts, pairs and the log", icon=":material/ios_share:"):
        left, middle, right = st.columns([3, 3, 2])
        table = left.selectbox("What", tables, format_func=_TABLE_WORDS.__getitem__, key="review_table")
        with middle:
            queue_no = 0 if table == "audit" else _choose_queue(person)
        form = right.selectbox("Form", REVIEW_FORMS, format_func=_FORM_WORDS.__getitem__, key="review_form")
        _draw_download(table, form, queue_no, person)


def _choose_queue(person: Person) -> int:
    names = {queue.queue_no: queue.plan.name for queue in list_queues(app_store(), person=person, now=_now())}
    return st.selectbox(
        "Queue",
        [0, *names],
        format_func=lambda number: one_line(names[number]) if number else "all",
        key="review_queue",
    )


def _draw_download(table: ReviewTable, form: ReviewForm, queue_no: int, person: Person) -> None:
    count = read_cached("review_rows", count_review_rows, table)
    with st.container(horizontal=True, vertical_alignment="center"):
        if count <= MOST_DOWNLOADED_ROWS:
            st.download_button(
                f"Download {table}.{form}",
                partial(_render, table, form, queue_no, person),
                file_name=f"{table}.{form}",
                mime=_MIMES[form],
                icon=":material/download:",
                on_click="ignore",
                disabled=not count,
                key=f"review_download_{table}_{form}_{queue_no}",
            )
        with st.popover("What the columns mean", type="tertiary"):
            st.dataframe(
                {
                    "column": [column.name for column in COLUMNS[table]],
                    "meaning": [column.meaning for column in COLUMNS[table]],
                },
                hide_index=True,
            )
    if count > MOST_DOWNLOADED_ROWS:
        draw_note(f"Too large for the browser: `python -m xlam_backend review-export {table} FILE`.")
    draw_note(
        f"{counted(count, 'row')} in all. Every row is kept as it was written; who exports stands in the log."
    )


def _render(table: ReviewTable, form: ReviewForm, queue_no: int, person: Person) -> bytes:
    """Write the file when it is asked for, in the role the person has by then."""
    store = app_store()
    now_person = person_of(store, person.name, person.signed_in_by)
    with tempfile.TemporaryDirectory(dir=store.folder) as folder:
        target = Path(folder) / f"{table}.{form}"
        export_review(store, table, target, queue_no=queue_no, person=now_person, now=_now())
        return target.read_bytes()


def _now() -> datetime:
    return datetime.now(UTC)
