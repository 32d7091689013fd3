"""All training runs: those at work, the queue, and those that have ended, some of them beside each other."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import TRAINING
from pages.parts.run_card import POLL_SECONDS, draw_run_card
from pages.parts.run_words import STATES, duration_words
from pages.parts.safe_text import one_line
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_page
from xlam_backend.activities.manager import list_runs
from xlam_backend.activities.train_run import KIND
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus
from xlam_backend.training.comparing import MOST_COMPARED, run_labels
from xlam_backend.training.watching import plan_of

_ROWS = 25
_COLUMNS = (
    Column("Training run", "34%"),
    Column("State", "14%"),
    Column("How", "12%"),
    Column("Loss", "10%", "number"),
    Column("When", "16%"),
    Column("Took", "14%", "number"),
)
_COMPARE_KEY = "compare_runs"


def list_trainings() -> list[RunStatus]:
    """Return every training run, the newest first."""
    return [status for status in list_runs(app_store().folder) if status.kind == KIND]


def draw_moving(found: list[RunStatus]) -> None:
    """Draw what is at work or waits for a device as cards that move."""
    if moving := ",".join(status.run_id for status in found if status.is_moving):
        _draw_live(moving)


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(known: str) -> None:
    moving = [status for status in list_trainings() if status.is_moving]
    if ",".join(status.run_id for status in moving) != known:
        st.rerun()
    for status in reversed(moving):
        card = draw_run_card(status)
        with card:
            st.page_link(
                TRAINING,
                label="Watch its curves",
                icon=":material/show_chart:",
                query_params={"run": status.run_id},
            )


def choose_compared(found: list[RunStatus]) -> list[str]:
    """Draw the choice of runs that stand beside each other; returns their ids."""
    if len(found) < 2:
        return []
    by_id = {status.run_id: label for status, label in zip(found, run_labels(found))}
    chosen = [run_id for run_id in st.query_params.get("compare", "").split(",") if run_id in by_id]
    chosen = list(dict.fromkeys(chosen))[:MOST_COMPARED]
    st.session_state[_COMPARE_KEY] = chosen
    st.multiselect(
        f"Compare two to {MOST_COMPARED} runs",
        list(by_id),
        key=_COMPARE_KEY,
        format_func=lambda run_id: one_line(by_id[run_id], 80),
        max_selections=MOST_COMPARED,
        placeholder="Choose runs to see their curves and settings beside each other",
        on_change=lambda: put_in_url("compare", ",".join(st.session_state[_COMPARE_KEY])),
    )
    if len(chosen) == 1:
        draw_note("Choose one more.")
    return chosen


def draw_ended(found: list[RunStatus]) -> None:
    """Draw the runs that have ended as a table that leads to each."""
    ended = [status for status in found if not status.is_moving]
    pages = -(-len(ended) // _ROWS)
    page = max(1, min(read_number("page", 1), pages))
    shown = ended[(page - 1) * _ROWS : page * _ROWS]
    if not shown:
        return
    opened = draw_table(_COLUMNS, [_row(status) for status in shown], key="ended_trainings")
    if opened:
        put_in_url("run", opened)
        st.rerun()
    if pages > 1:
        url_page(page, pages)


def _row(status: RunStatus) -> Row:
    plan = plan_of(status)
    words = STATES[status.state][1]
    if status.failure_class and status.state == "failed":
        words = f"{words}: {status.failure_class}"
    loss = (status.progress.numbers.get("loss") if status.progress else None) or status.outcome.get("loss")
    return Row(
        id=status.run_id,
        href=f"training?run={status.run_id}",
        cells=(
            one_line(status.title, 120),
            words,
            f"{plan.method.upper()}, {plan.tuning}" if plan else "",
            f"{loss:.4g}" if isinstance(loss, int | float) else "",
            status.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
            duration_words(status.seconds) if status.started_at else "",
        ),
    )
