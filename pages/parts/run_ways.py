"""Where to look after a run: what it made, and what is commonly done with that."""

from __future__ import annotations

import streamlit as st

from pages.parts.routes import (
    ERRORS,
    JUDGES,
    MODELS,
    NEAR_DUPLICATES,
    OVERVIEW,
    PREFERENCES,
    PROMPTS,
    QUEUES,
    RELEASES,
    RESPONSES,
    TRAINING,
    link_to_explore,
)
from xlam_backend.runs.state import RunStatus

# By the kind of run: page, label, icon and query.
_WAYS: dict[str, tuple[tuple[str, str, str, dict[str, str]], ...]] = {
    "import": ((OVERVIEW, "Overview", ":material/space_dashboard:", {}),),
    "check": ((ERRORS, "See the errors", ":material/bar_chart:", {}),),
    "judge": (
        (JUDGES, "See what the judges said", ":material/balance:", {}),
        (QUEUES, "Send ratings to a review queue", ":material/inbox:", {"new": "rating"}),
    ),
    "respond": (
        (RESPONSES, "See answers and pairs", ":material/compare_arrows:", {}),
        (QUEUES, "Send pairs to a review queue", ":material/inbox:", {"new": "pair"}),
    ),
    "corrupt": (
        (PREFERENCES, "See the pairs", ":material/thumbs_up_down:", {}),
        (
            QUEUES,
            "Send a sample to a review queue",
            ":material/inbox:",
            {"new": "pair", "origin": "corruption"},
        ),
    ),
    "freeze": ((RELEASES, "See the releases", ":material/inventory_2:", {}),),
    "train": (
        (MODELS, "See the models", ":material/deployed_code:", {}),
        (TRAINING, "See the training runs", ":material/show_chart:", {}),
    ),
    "merge": ((MODELS, "See the models", ":material/deployed_code:", {}),),
    "dedupe": ((NEAR_DUPLICATES, "See what is alike", ":material/content_copy:", {}),),
    "rehearse": ((PROMPTS, "Compare the wordings", ":material/edit_note:", {}),),
}


def draw_ways_on(status: RunStatus) -> None:
    """Draw links to what a run that ended brought into the store; nothing where it brought nothing."""
    if not status.intake.row_count:
        return
    with st.container(horizontal=True):
        dataset = status.params.get("dataset")
        if status.kind == "import" and isinstance(dataset, str) and dataset:
            link_to_explore("Look at them in Explore", ":material/search:", dataset=dataset)
        for page, label, icon, query in _WAYS.get(status.kind, ()):
            st.page_link(page, label=label, icon=icon, query_params=query)
