"""Licences: what records and datasets stand under, what that allows, and corrections."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.curation.licences import (
    COMMERCIAL,
    LicenceCount,
    count_licences,
    list_source_licences,
    list_table,
    say_of_licence,
    set_source_licence,
)
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store

_MARKS = {"yes": "✔ yes", "no": "✖ no", "unknown": "▲ unknown"}


def draw_licences() -> None:
    """Draw the licences there are, those of the datasets, and the forms that correct them."""
    st.subheader("Licences", anchor=False)
    found = read_cached("licence_counts", count_licences)
    st.html(
        table_html(
            ("Licence", "Commercial use", "Records", "General instruction", "Stated by the record"),
            [_count_row(each) for each in found],
        )
    )
    draw_note("What the table says is a help for sorting and no legal advice. You can correct it.")
    with st.expander("Correct", icon=":material/edit:", key="correct_licences"):
        if may_or_say("curate"):
            left, right = st.columns(2, gap="large")
            with left:
                _draw_term_form(found)
            with right:
                _draw_source_form()
    with st.expander("Datasets and their licences"):
        _draw_sources()
    with st.expander("All licences that are known"):
        table = read_cached("licence_table", list_table)
        st.dataframe(
            {
                "licence": [each.title for each in table],
                "read as": [each.key for each in table],
                "commercial use": [each.commercial for each in table],
                "note": [each.note for each in table],
            },
            hide_index=True,
        )


def _count_row(each: LicenceCount) -> LinkRow:
    written = ", ".join(one_line(text, 60) for text in each.written[:4] if text)
    corrected = "a person said so" if each.is_corrected else ""
    words = " · ".join(part for part in (f"written as: {written}" if written else "", corrected) if part)
    cells = (
        _MARKS[each.licence.commercial],
        f"{each.count:,}",
        f"{each.general_count:,}",
        f"{each.own_count:,}",
    )
    return LinkRow(each.licence.title, cells, words=words)


def _draw_sources() -> None:
    rows = [
        LinkRow(
            each.dataset,
            (each.written or "not stated", _MARKS[each.licence.commercial], f"{each.count:,}"),
            words="corrected by a person" if each.is_corrected else "",
        )
        for each in read_cached("source_licences", list_source_licences)
    ]
    st.html(table_html(("Dataset", "Licence", "Commercial use", "Records"), rows))


def _draw_term_form(found: list[LicenceCount]) -> None:
    st.html('<h4 class="xs-part">What a licence allows</h4>')
    licence = st.selectbox(
        "Licence",
        [each.licence.key for each in found if each.licence.key],
        index=None,
        format_func=lambda key: one_line(key, 80),
        accept_new_options=True,
        key="term_licence",
    )
    commercial = st.radio("Commercial use", COMMERCIAL, horizontal=True, key="term_commercial")
    note = st.text_input("Note", key="term_note", placeholder="why, or where that is written")
    if st.button("Save", key="save_term", type="primary", disabled=not licence) and licence:
        try:
            new = say_of_licence(
                app_store(), licence, commercial, note, person=current_person(), now=datetime.now(UTC)
            )
        except XlamError as error:
            show_error(error)
            return
        _say_saved(new)


def _draw_source_form() -> None:
    st.html('<h4 class="xs-part">Which licence a dataset stands under</h4>')
    sources = {each.dataset: each for each in read_cached("source_licences", list_source_licences)}
    dataset = st.selectbox(
        "Dataset",
        list(sources),
        index=None,
        format_func=lambda name: one_line(name, 80),
        key="source_dataset",
    )
    licence = st.text_input("Licence", key="source_licence", placeholder="CC BY 4.0, say")
    draw_note("A record that states its own licence keeps it.")
    if st.button("Save", key="save_source", type="primary", disabled=not dataset) and dataset:
        try:
            new = set_source_licence(
                app_store(), dataset, licence, person=current_person(), now=datetime.now(UTC)
            )
        except XlamError as error:
            show_error(error)
            return
        _say_saved(new)


def _say_saved(new: int) -> None:
    st.session_state["licence_saved"] = f"Saved. {counted(new, 'record')} newly flagged."
    st.rerun()


def draw_saved() -> None:
    """Say once what the last correction did."""
    if said := st.session_state.pop("licence_saved", ""):
        draw_note(str(said))
