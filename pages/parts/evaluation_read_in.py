"""Result files of the official tool, read in as evaluations; every fault in them is named."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import streamlit as st

from pages.parts.evaluation_list import evaluation_address
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person, may_or_say
from xlam_backend.bfcl.decoding import DECODERS
from xlam_backend.bfcl.question_files import list_question_sets
from xlam_backend.errors import XlamError
from xlam_backend.evaluation.reading_in import HowToRead, ReadIn, read_in
from xlam_backend.owner import app_store
from xlam_backend.settings import named_path

_KEY = "read_in_"
_DONE = "read_in_done"
_MOST_FAULTS = 50
_TITLES: dict[str, str] = {
    "auto": "as most of its answers can be read",
    **{str(one.name): one.title for one in DECODERS},
}


def draw_read_in() -> None:
    """Draw the form that reads result files in, and what came of the last ones."""
    box = st.expander(
        "Read in result files", icon=":material/folder_open:", key="read_in_box", on_change="rerun"
    )
    if not box.open and _DONE not in st.session_state:
        return
    with box:
        if not may_or_say("evaluate"):
            return
        draw_note(
            "A folder as the official tool leaves it: result/MODEL/live/BFCL_v4_live_simple_result.json "
            "and so on; files of earlier versions are read too. Each model becomes an evaluation."
        )
        folder = st.text_input("Folder on this machine", key=f"{_KEY}folder")
        left, right = st.columns(2)
        names = [one.name for one in list_question_sets(app_store().folder)]
        chosen = left.selectbox("The questions they answer", names, key=f"{_KEY}set")
        decoder = right.selectbox(
            "Answers are read", list(_TITLES), format_func=_TITLES.__getitem__, key=f"{_KEY}decoder"
        )
        if st.button("Read in", icon=":material/download:", disabled=not (folder.strip() and chosen)):
            with st.spinner("Reading and scoring …", show_time=True):
                _read(folder.strip(), chosen, decoder)
        for record in st.session_state.get(_DONE, []):
            _draw_done(msgspec.convert(record, ReadIn))


def _read(folder: str, question_set: str, decoder: str) -> None:
    try:
        found = read_in(
            app_store(),
            named_path(folder),
            question_set,
            HowToRead(decoder=decoder),
            person=current_person(),
            now=datetime.now(UTC),
        )
    except XlamError as error:
        show_error(error)
        return
    st.session_state[_DONE] = msgspec.to_builtins(found)
    st.rerun()


def _draw_done(one: ReadIn) -> None:
    if one.refused:
        st.html(f"<p><b>{text_html(one.model, 120)}</b>: not read in. {text_html(one.refused, 300)}</p>")
    else:
        words = (
            f"{one.item_count:,} questions, read {_TITLES.get(one.decoder, one.decoder)}; "
            f"{one.not_answered_count:,} not answered"
        )
        rows = [LinkRow(one.model, (words,), evaluation_address(one.evaluation_no))]
        st.html(table_html(("Read in", ""), rows))
    if one.fault_counts:
        counts = ", ".join(f"{count:,} × {kind}" for kind, count in one.fault_counts.items())
        draw_note(f"Faults in the files: {counts}.")
        shown = [
            LinkRow(
                fault.item_id or "(the file)",
                (f"{one_line(fault.file, 80)}:{fault.line}", fault.kind, one_line(fault.words, 200)),
            )
            for fault in one.faults[:_MOST_FAULTS]
        ]
        st.html(table_html(("Question", "Where", "Fault", "In words"), shown))
