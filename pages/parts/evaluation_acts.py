"""What can be done with an evaluation: ask again what is missing, look at its failures, download, remove."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.routes import EVALUATE, FAILURES, MODELS, RUNS
from pages.parts.signed_in import current_person
from xlam_backend.activities.evaluate_run import ask_missing
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.evaluation.overview import EvaluationView
from xlam_backend.evaluation.removing import put_back_evaluation, remove_evaluation
from xlam_backend.evaluation.writing_out import official_archive
from xlam_backend.owner import app_store
from xlam_backend.training.models import list_models


def draw_acts(view: EvaluationView) -> None:
    """Draw the ways on from here, and what may be done."""
    one = view.evaluation
    number = one.evaluation_no
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(EVALUATE, label="All evaluations", icon=":material/arrow_back:")
        st.page_link(
            FAILURES,
            label="Failures",
            icon=":material/troubleshoot:",
            query_params={"evaluation": str(number)},
        )
        if one.kept_model and any(model.name == one.kept_model for model in list_models(app_store().folder)):
            st.page_link(
                MODELS,
                label="The model",
                icon=":material/deployed_code:",
                query_params={"model": one.kept_model},
            )
        if one.run_id:
            st.page_link(
                RUNS, label="Its run", icon=":material/hourglass_top:", query_params={"run": one.run_id}
            )
        if may(current_person(), "export"):
            _draw_download(number)
        if may(current_person(), "evaluate"):
            _draw_changes(view)


def _draw_download(number: int) -> None:
    with st.popover("Official files", icon=":material/download:"):
        st.html(
            "<p>Results and scores, as the official tool writes them. The same by command: "
            f"<code>evaluate write {number} FOLDER</code></p>"
            "<p>The official tool judges such a folder with <code>bfcl official compare FOLDER "
            "--questions SET</code>, once it was put beside this program (about 6 GB): "
            "<code>bfcl official install</code></p>"
        )
        if st.button("Make them ready", key="official_ready"):
            try:
                archive = official_archive(
                    app_store(), number, person=current_person(), now=datetime.now(UTC)
                )
            except XlamError as error:
                show_error(error)
            else:
                st.download_button("Download", archive, f"evaluation_{number}.zip", "application/zip")


def _draw_changes(view: EvaluationView) -> None:
    number = view.evaluation.evaluation_no
    can_ask = view.not_answered and view.evaluation.source == "own"
    if can_ask and st.button(f"Ask the {view.not_answered:,} missing again", icon=":material/replay:"):
        _ask_again(number)
    if view.is_removed:
        st.button("Put back", icon=":material/undo:", on_click=_put_back, args=(number,))
    else:
        st.button("Remove", icon=":material/delete:", on_click=_remove, args=(number,))


def _ask_again(number: int) -> None:
    try:
        ask_missing(app_store(), number, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.switch_page(EVALUATE)


def _remove(number: int) -> None:
    remove_evaluation(app_store(), number, person=current_person(), now=datetime.now(UTC))


def _put_back(number: int) -> None:
    put_back_evaluation(app_store(), number, person=current_person(), now=datetime.now(UTC))
