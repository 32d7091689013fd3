"""Models: what training runs have left: where each comes from, what it scored; merge, export, delete."""

from __future__ import annotations

import streamlit as st

from pages.parts.kind_runs import draw_kind_runs
from pages.parts.model_list import draw_deleted, draw_exports, draw_models
from pages.parts.model_view import draw_model
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.routes import TRAINING
from pages.parts.train_link import draw_train_link
from xlam_backend.activities import merge_run, model_export_run
from xlam_backend.owner import app_store
from xlam_backend.training.exporting import list_model_exports
from xlam_backend.training.models import list_models
from xlam_backend.training.removal import list_deleted


def draw_all() -> None:
    """Draw every model, what was exported, and what was deleted."""
    folder = app_store().folder
    models = list_models(folder)
    if models:
        draw_models(models)
    else:
        draw_empty("There is no model yet.", "A training run leaves one when it has come to its end.")
        draw_train_link("Train a model")
        st.page_link(TRAINING, label="Training runs", icon=":material/show_chart:")
    draw_exports(list_model_exports(folder))
    draw_deleted(list_deleted(folder))


draw_head(
    "Models",
    "What training runs have left. Each says what it learnt and what it began with; adapters can be merged "
    "into their base model, and each can be exported as a folder that is ready for the hub.",
)
draw_kind_runs(merge_run.KIND)
draw_kind_runs(model_export_run.KIND)
wanted = st.query_params.get("model", "")
if wanted:
    draw_model(wanted)
else:
    draw_all()
