"""The way to the Train page with something filled in: weights to begin with, or the settings of a run."""

from __future__ import annotations

import streamlit as st

from pages.parts.routes import TRAIN


def draw_train_link(label: str, *, start_from: str = "", settings_of: str = "") -> None:
    """Draw a link to a new training run that begins with these weights, or with the settings of a run."""
    filled = {"start_from": start_from, "settings_of": settings_of}
    icon = ":material/fork_right:" if start_from else ":material/model_training:"
    st.page_link(
        TRAIN,
        label=label,
        icon=icon,
        query_params={name: value for name, value in filled.items() if value},
        help="Steps and learning rate begin anew. To go on with a run, resume it." if start_from else None,
    )
