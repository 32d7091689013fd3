"""The datasets that were made from others: what each holds, what could not be made, and how to remove one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.kind_runs import runs_of
from pages.parts.link_table import LinkRow, table_html
from pages.parts.names import format_title, style_title
from pages.parts.page_head import draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import QUEUES, REJECTS, TRAJECTORY, link_to_explore
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import filter_params
from pages.parts.word_diff import marked_words_html
from xlam_backend.activities import augment_run
from xlam_backend.augment.made_sets import (
    MadeSet,
    preview_made_removal,
    read_instructions,
    remove_made_set,
)
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store

_MOST_SHOWN = 20
_MOST_INSTRUCTIONS = 8


def draw_made_sets(made: Sequence[MadeSet]) -> None:
    """Draw a card for each, the newest first."""
    if not made:
        return
    st.subheader("Made so far", anchor=False)
    outcomes = {status.run_id: status.outcome for status in runs_of(augment_run.KIND)}
    for one in made[:_MOST_SHOWN]:
        last = [outcomes[run_id] for run_id in reversed(one.dataset.run_ids) if outcomes.get(run_id)]
        with st.container(border=True, key=f"made_{one.dataset.dataset_no}"):
            _draw_set(one)
            if one.dataset.kind == "rephrased":
                _draw_instructions(one)
            elif last:
                _draw_ways(last[0])
    if len(made) > _MOST_SHOWN:
        draw_note(f"And {len(made) - _MOST_SHOWN:,} older ones: python -m xlam_backend augment list")


def _draw_set(one: MadeSet) -> None:
    made = one.dataset
    head, buttons = st.columns([4, 5], vertical_alignment="center")
    words = f"{counted(made.trajectory_count, 'trajectory', 'trajectories')}, {made.kind} from "
    words += f"{made.parent_count:,} · {made.made_at:%Y-%m-%d %H:%M} UTC"
    lost = ""
    if made.lost_parent_count:
        lost = f"<br>{made.lost_parent_count:,} of what they were made from is not in the store any more"
    chip = f" {scripted_chip()}" if made.is_scripted else ""
    head.html(f'<b>{text_html(made.name, 200)}</b>{chip}<p class="xs-note">{words}{lost}</p>')
    with buttons, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        link_to_explore("Explore", ":material/search:", dataset=made.name)
        if made.kind == "rephrased" and made.trajectory_count:
            st.page_link(
                QUEUES,
                label="Send to a queue",
                icon=":material/rate_review:",
                query_params=filter_params(dataset=made.name) | {"new": "finding"},
            )
        if one.not_made:
            st.page_link(
                REJECTS,
                label=f"{one.not_made_count:,} not made",
                icon=":material/block:",
                query_params={"dataset": made.name},
            )
        if may(current_person(), "remove data") and st.button(
            "Remove …", icon=":material/delete:", key=f"remove_made_{made.dataset_no}"
        ):
            _open_removal(made.name)
    if one.not_made:
        with st.expander("Why they could not be made"):
            rows = [LinkRow(group.example, (f"{group.record_count:,}",)) for group in one.not_made]
            st.html(table_html(("Reason", "Trajectories"), rows))


def _draw_instructions(one: MadeSet) -> None:
    """Draw some instructions beside those they were made from; folded away they are not read."""
    box = st.expander(
        "Instructions before and after", key=f"told_{one.dataset.dataset_no}", on_change="rerun"
    )
    if not box.open or not one.dataset.trajectory_count:
        return
    with box:
        for told in read_cached(
            "instructions", read_instructions, one.dataset.name, count=_MOST_INSTRUCTIONS
        ):
            left, right = st.columns(2)
            left.html(f'<div class="xs-trace xs-text">{marked_words_html(told.before, told.after)}</div>')
            right.html(f'<div class="xs-trace xs-text">{marked_words_html(told.after, told.before)}</div>')
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f'<p class="xs-note">by {text_html(told.model, 80)}</p>', width="content")
                st.page_link(
                    TRAJECTORY,
                    label="Trajectory",
                    icon=":material/timeline:",
                    query_params={"id": told.trajectory_id},
                )


def _draw_ways(outcome: dict[str, dict[str, int]]) -> None:
    """Draw how often each format and style came in the last run."""
    if not outcome.get("formats"):
        return
    with st.expander("Formats and styles of the last run"):
        left, right = st.columns(2)
        for column, head, name, title in (
            (left, "Output format", "formats", format_title),
            (right, "Section style", "styles", style_title),
        ):
            counts = sorted(outcome.get(name, {}).items(), key=lambda item: -item[1])
            rows = [LinkRow(title(key), (f"{count:,}",)) for key, count in counts]
            column.html(table_html((head, "Trajectories"), rows))


@st.dialog("Remove what was made")
def _open_removal(name: str) -> None:
    """Show what would go before it goes."""
    try:
        removal = preview_made_removal(app_store(), name)
        lines = (
            counted(removal.trajectory_count, "trajectory", "trajectories"),
            counted(removal.finding_count, "finding"),
            f"{removal.rating_count:,} ratings and {removal.pair_count:,} pairs",
            f"{removal.review_item_count:,} items of review queues (what people answered stays on record)",
        )
        items = "".join(f"<li><span>{line}</span></li>" for line in lines)
        st.html(
            f"<p>Removing <b>{text_html(removal.name, 200)}</b> takes out of the store:</p>"
            f'<ul class="xs-list">{items}</ul><p class="xs-note">What they were made from is not touched. '
            "The same plan and seed make the same again.</p>"
        )
        if st.button("Remove it", type="primary", key="made_removal_confirmed", icon=":material/delete:"):
            remove_made_set(app_store(), name, person=current_person(), now=datetime.now(UTC))
            st.rerun()
    except XlamError as error:
        show_error(error)
