"""The checkpoints of a training run: how large, whether whole, what can begin with them; deleting them."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.run_words import size_words
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.train_link import draw_train_link
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.runs.folder import run_folder
from xlam_backend.training.checkpoints import Checkpoint, list_checkpoints
from xlam_backend.training.removal import drop_checkpoints
from xlam_backend.training.watching import TrainingView


def draw_checkpoints(view: TrainingView) -> None:
    """Draw the checkpoints, the latest first."""
    run_id = view.status.run_id
    found = list_checkpoints(run_folder(app_store().folder, run_id))
    if not found:
        every = f" every {view.plan.save_steps:,} steps and" if view.plan else ""
        draw_note(f"There is no checkpoint. One is written{every} when the run is stopped.")
        return
    total = size_words(sum(one.byte_count for one in found))
    draw_note(f"{counted(len(found), 'checkpoint')}, {total}. A run that is resumed goes on from the latest.")
    heads = ("Checkpoint", "Size", "Written", "State")
    st.html(table_html(heads, [_row(one) for one in found]))
    if view.status.is_open or not may(current_person(), "train"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _draw_start([one for one in found if one.is_whole], run_id)
        _draw_delete(found, view)


def _row(one: Checkpoint) -> LinkRow:
    when = one.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    state = "whole" if one.is_whole else f"not whole: {one_line(one.faults[0], 160)}"
    return LinkRow(one.name, (size_words(one.byte_count), when, state))


def _draw_start(whole: list[Checkpoint], run_id: str) -> None:
    for one in whole[:1]:
        draw_train_link(f"New run from {one.name}", start_from=f"{run_id}/{one.name}")


def _draw_delete(found: list[Checkpoint], view: TrainingView) -> None:
    with st.popover("Delete …", icon=":material/delete:"):
        names = [one.name for one in found]
        chosen = st.multiselect("Which", names, default=names[1:], key="drop_which")
        size = size_words(sum(one.byte_count for one in found if one.name in chosen))
        draw_note(f"{size} are freed, for good. What the run kept as a model stays.")
        if view.status.state != "succeeded" and set(names) == set(chosen):
            draw_note("Without a checkpoint, resuming this run begins at step 0.")
        if st.button("Delete them", type="primary", key="drop_checkpoints", disabled=not chosen):
            try:
                drop_checkpoints(
                    app_store(), view.status.run_id, chosen, person=current_person(), now=datetime.now(UTC)
                )
            except XlamError as error:
                show_error(error)
            else:
                st.rerun()
