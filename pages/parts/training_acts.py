"""What can be done with a training run: stop, go on, do it anew, begin another one with its weights."""

from __future__ import annotations

import streamlit as st

from pages.parts.routes import MODELS
from pages.parts.run_card import draw_repeat_button, draw_resume_button, draw_stop_button
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.train_link import draw_train_link
from xlam_backend.domain.person import may
from xlam_backend.owner import app_store
from xlam_backend.runs.folder import run_folder
from xlam_backend.training.checkpoints import list_checkpoints
from xlam_backend.training.model_shelf import model_of_run
from xlam_backend.training.watching import TrainingView


def draw_acts(view: TrainingView) -> None:
    """Draw what this person may do with the run as it stands."""
    status = view.status
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.is_open:
            draw_stop_button(status)
            _say("Stopping writes a checkpoint first; the run can go on from there.")
            return
        model = model_of_run(app_store().folder, status.run_id)
        if model is not None:
            st.page_link(
                MODELS,
                label=f"The model {model.name}",
                icon=":material/deployed_code:",
                query_params={"model": model.name},
            )
        if status.state != "succeeded":
            draw_resume_button(status, key="resume_training")
            if words := _resume_words(view):
                _say(words)
        if may(current_person(), "train"):
            _draw_anew(view, model.name if model else "")


def _say(words: str) -> None:
    st.html(f'<p class="xs-note">{text_html(words)}</p>', width="content")


def _resume_words(view: TrainingView) -> str:
    found = list_checkpoints(run_folder(app_store().folder, view.status.run_id))
    whole = next((one for one in found if one.is_whole), None)
    return f"Goes on after step {whole.step:,}." if whole else "There is no checkpoint: it begins at step 0."


def _draw_anew(view: TrainingView, model: str) -> None:
    run_id = view.status.run_id
    draw_repeat_button(run_id, key="repeat_training", label="Do it anew", what="The same settings")
    draw_train_link("Change the settings", settings_of=run_id)
    if model:
        draw_train_link("New run from these weights", start_from=model)
