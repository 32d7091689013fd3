"""Runs: background work, live: how far it is, what failed and why, what can be done about it."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import IMPORT
from pages.parts.run_card import POLL_SECONDS, draw_run_card
from pages.parts.run_view import draw_run
from pages.parts.run_words import STATES, duration_words
from pages.parts.safe_text import one_line
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_page
from xlam_backend.activities.manager import list_runs
from xlam_backend.owner import app_store
from xlam_backend.runs.state import RunStatus

_ROWS = 25
_COLUMNS = (
    Column("Run", "38%"),
    Column("State", "20%"),
    Column("Who", "12%"),
    Column("When", "16%"),
    Column("Took", "14%", "number"),
)


def draw_list() -> None:
    """Draw what is open as cards that move, and what has ended as a table."""
    found = list_runs(app_store().folder)
    if not found:
        draw_empty(
            "Nothing has run yet.",
            "Large imports and checks, judges and responses of models run here; start one on its own page.",
        )
        st.page_link(IMPORT, label="Import something", icon=":material/upload:")
        return
    ended = [run for run in found if not run.is_moving]
    _draw_numbers(found)
    if len(ended) < len(found):
        _draw_live(",".join(sorted(run.run_id for run in found if run.is_moving)))
    if ended:
        _draw_ended(ended)


def _draw_numbers(found: list[RunStatus]) -> None:
    counts = {state: sum(run.state == state for run in found) for state in STATES}
    trouble = counts["failed"] + counts["lost"]
    draw_facts(
        [
            Fact(f"{counts['running'] + counts['stopping']:,}", "at work"),
            Fact(f"{counts['queued']:,}", "waiting for their turn"),
            Fact(f"{trouble:,}", "failed or lost", "can be resumed", "alarm" if trouble else "fine"),
            Fact(f"{counts['succeeded']:,}", "done", f"of {len(found):,}"),
        ]
    )


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(open_ids: str) -> None:
    still_open = [run for run in list_runs(app_store().folder) if run.is_moving]
    if ",".join(sorted(run.run_id for run in still_open)) != open_ids:
        st.rerun()  # one began or ended: the numbers and the table have changed with it
    for run in reversed(still_open):
        draw_run_card(run)


def _draw_ended(ended: list[RunStatus]) -> None:
    pages = -(-len(ended) // _ROWS)
    page = max(1, min(read_number("page", 1), pages))
    opened = draw_table(
        _COLUMNS, [_row(run) for run in ended[(page - 1) * _ROWS : page * _ROWS]], key="ended_runs"
    )
    if opened:
        put_in_url("run", opened)
        st.rerun()
    if pages > 1:
        url_page(page, pages)


def _row(run: RunStatus) -> Row:
    words = STATES[run.state][1]
    if run.failure_class and run.state == "failed":
        words = f"{words}: {run.failure_class}"
    when = run.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    took = duration_words(run.seconds) if run.started_at else ""
    return Row(
        id=run.run_id,
        href=f"runs?run={run.run_id}",
        cells=(one_line(run.title, 120), words, one_line(run.person, 40), when, took),
    )


draw_head("Runs", "Work that takes long goes on here, even when this page or the app is closed.")
wanted = st.query_params.get("run", "")
if wanted:
    draw_run(wanted)
else:
    draw_list()
