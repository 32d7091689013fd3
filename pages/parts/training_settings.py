"""The settings a training run was started with, in words."""

from __future__ import annotations

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line
from xlam_backend.owner import app_store
from xlam_backend.runs.folder import run_folder
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.reporting import tensorboard_folder
from xlam_backend.training.setting_words import setting_rows
from xlam_backend.training.watching import TrainingView


def plan_words(plan: TrainingPlan | None) -> str:
    """Say in a line what is trained, how, and of what."""
    if plan is None:
        return "settings of another version of xLAM Studio"
    method = f"{plan.method.upper()}, {_TUNINGS[plan.tuning]}"
    began = plan.start_from or plan.base_model
    data = f"release {plan.release[:12]}" if plan.method == "sft" else "preference pairs"
    recipe = f", recipe {plan.recipe}" if plan.recipe else ""
    return f"{method} of {one_line(began, 80)} on {data}{recipe}, seed {plan.seed}"


_TUNINGS = {"full": "all weights", "lora": "LoRA", "qlora": "QLoRA"}


def draw_settings(view: TrainingView) -> None:
    """Draw what differs from the defaults first, then the rest, then what ran it."""
    if view.plan is None:
        draw_note("This version of xLAM Studio cannot read these settings; here they are as they stand.")
        st.json(view.status.params)
        return
    st.html(settings_html(view.plan))
    with st.expander("Settings left as they are"):
        st.html(settings_html(view.plan, is_changed=False))
    if "tensorboard" in view.plan.report_to:
        draw_note("Its figures also stand in TensorBoard files:")
        place = tensorboard_folder(run_folder(app_store().folder, view.status.run_id))
        st.code(f'tensorboard --logdir "{place}"', language="shell")
    with st.expander("Versions and data"):
        st.json({"input sha256": view.details.input_sha256, "seeds": view.details.seeds})
        st.json(view.details.versions, expanded=False)


def settings_html(plan: TrainingPlan, *, is_changed: bool = True) -> str:
    """Return the settings that are not as usual, or those that are, as a table."""
    links = [
        LinkRow(row.name, (one_line(row.value, 200) or "(empty)",), words=one_line(row.words, 300))
        for row in setting_rows(plan)
        if row.is_changed is is_changed
    ]
    return table_html(("Setting", "Value"), links)
