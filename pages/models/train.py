"""Train: choose what is learnt and how, see beforehand what will happen, start it."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_head, draw_note
from pages.parts.routes import TRAINING
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import remember
from pages.parts.train_choice import Begun, draw_begin
from pages.parts.train_preflight import draw_behind, draw_figures, draw_points, draw_verdict
from pages.parts.train_recipes import draw_recipe_text, draw_save_changes
from pages.parts.train_settings import draw_settings, read_own_changes
from xlam_backend.activities.manager import list_runs
from xlam_backend.activities.train_run import KIND, start_training
from xlam_backend.errors import SettingError, XlamError
from xlam_backend.owner import app_store
from xlam_backend.training.command_line import command_of
from xlam_backend.training.draft import changed_plan
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.preflight import Preflight, preflight
from xlam_backend.training.preflight_model import forget_looks

_LOOK = "train_look"


def draw_new() -> None:
    """Draw the choices on the left, and what would come of them on the right."""
    choices, result = st.columns([5, 6], gap="large")
    with choices:
        begun = draw_begin()
        if begun is None:
            return
        changes = read_own_changes(begun)
        draw_settings(begun, changes)
        if begun.shelf:
            draw_save_changes(begun, changes)
            draw_recipe_text(begun.shelf)
    with result:
        try:
            plan = changed_plan(begun.usual, changes, **begun.chosen)
        except SettingError as error:
            show_error(error)
            draw_note("The check comes back when the settings fit together.")
            return
        draw_result(begun, plan)


def draw_result(begun: Begun, plan: TrainingPlan) -> None:
    """Draw the check, the button that starts, and the command that does the same."""
    with st.spinner("Looking at data, model and machine …", show_time=True):
        found = check(plan)
    draw_verdict(found)
    draw_start(found)
    draw_figures(found)
    draw_points(found)
    draw_behind(found)
    with st.expander("The same from the command line", icon=":material/terminal:"):
        of_recipe = begun.usual if begun.shelf else None
        st.code(command_of(plan, of_recipe=of_recipe), language="bash", wrap_lines=True)
        draw_note("Written with --detach the command does not wait; `train preflight` checks only.")


def check(plan: TrainingPlan) -> Preflight:
    """Return the check of a plan, from memory while neither the store nor the plan has changed."""
    store = app_store()
    key = ("preflight", str(store.folder), store.revision, plan, int(st.session_state.get(_LOOK, 0)))
    return remember(key, lambda: preflight(store, plan))


def draw_start(found: Preflight) -> None:
    """Draw the buttons: start, and look once more."""
    waiting = sum(run.kind == KIND and run.is_open for run in list_runs(app_store().folder))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            key="train_start",
            disabled=not found.may_start,
            help=None if found.may_start else "See below what stops it.",
        ):
            _start(found.plan)
        st.button("Check again", icon=":material/refresh:", key="train_again", on_click=_look_again)
        st.page_link(TRAINING, label="Training runs", icon=":material/show_chart:")
    if waiting:
        draw_note(f"{counted(waiting, 'training run')} not yet done: this one takes its turn behind.")


def _start(plan: TrainingPlan) -> None:
    try:
        run_id = start_training(app_store(), plan, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    st.switch_page(TRAINING, query_params={"run": run_id})


def _look_again() -> None:
    forget_looks()
    st.session_state[_LOOK] = int(st.session_state.get(_LOOK, 0)) + 1


draw_head(
    "Train",
    "Choose what is learnt and a recipe. Before anything starts you see what fits, what is left out, how "
    "much memory it takes and how long; then one click starts it.",
)
if may_or_say("train"):
    draw_new()
