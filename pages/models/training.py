"""Training: runs that train a model, live; several beside each other; what each writes and keeps."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.routes import RELEASES
from pages.parts.train_link import draw_train_link
from pages.parts.training_comparison import draw_comparison
from pages.parts.training_list import choose_compared, draw_ended, draw_moving, list_trainings
from pages.parts.training_view import draw_training
from xlam_backend.runs.state import RunStatus


def draw_all() -> None:
    """Draw every training run, and those chosen beside each other."""
    found = list_trainings()
    if not found:
        draw_empty(
            "No model has been trained yet.",
            "Choose a release and a recipe on the Train page; the tiny one needs two minutes and no GPU.",
        )
        draw_train_link("Train a model")
        st.page_link(RELEASES, label="Releases", icon=":material/inventory_2:")
        return
    _draw_numbers(found)
    draw_moving(found)
    compared = choose_compared(found)
    if len(compared) > 1:
        draw_comparison(compared)
    draw_ended(found)


def _draw_numbers(found: list[RunStatus]) -> None:
    counts = {
        state: sum(run.state == state for run in found)
        for state in ("queued", "succeeded", "failed", "lost", "stopped")
    }
    going = sum(run.state in ("running", "stopping") for run in found)
    trouble = counts["failed"] + counts["lost"]
    draw_facts(
        [
            Fact(f"{going:,}", "at work"),
            Fact(f"{counts['queued']:,}", "wait for a device"),
            Fact(f"{trouble:,}", "failed or lost", "can be resumed", "alarm" if trouble else "fine"),
            Fact(f"{counts['stopped']:,}", "stopped", "can be resumed"),
            Fact(f"{counts['succeeded']:,}", "done", f"of {len(found):,}"),
        ]
    )


draw_head(
    "Training",
    "Runs that train a model: how the loss falls, what the model writes on rows held out, and what it keeps. "
    "A run goes on when this page or the app is closed.",
)
wanted = st.query_params.get("run", "")
if wanted:
    draw_training(wanted)
else:
    draw_all()
