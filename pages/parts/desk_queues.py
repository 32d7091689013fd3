"""The queues a person can work on, with what is left for them."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.answer_words import KIND_WORDS
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import DESK, QUEUES
from pages.parts.safe_text import name_text
from xlam_backend.domain.person import Person, may
from xlam_backend.owner import app_store
from xlam_backend.review.queues import QueueSummary, list_queues

_COLUMNS = (
    Column("Queue", "40%"),
    Column("What", "24%"),
    Column("Left for you", "12%", "number"),
    Column("Answered by you", "12%", "number"),
    Column("Whole queue", "12%", "number"),
)


def draw_queue_choice(person: Person) -> None:
    """Draw the queues this person may work on, those with something left first."""
    found = list_queues(app_store(), person=person, now=datetime.now(UTC))
    mine = [queue for queue in found if queue.progress.is_reviewer and queue.progress.state != "closed"]
    if not mine:
        _draw_none(person)
        return
    mine.sort(key=lambda queue: queue.progress.my_due_count == 0)
    draw_note("Choose a queue.")
    opened = draw_table(_COLUMNS, [_row(queue) for queue in mine], key="desk_queues")
    if opened:
        st.switch_page(DESK, query_params={"queue": opened})


def _row(queue: QueueSummary) -> Row:
    made = queue.progress
    paused = " (paused)" if made.state == "paused" else ""
    return Row(
        str(queue.queue_no),
        f"desk?queue={queue.queue_no}",
        (
            name_text(queue.plan.name) + paused,
            KIND_WORDS[queue.plan.kind],
            f"{made.my_due_count:,}",
            f"{made.my_verdict_count:,}",
            f"{made.verdict_count:,} of {made.wanted_count:,}",
        ),
    )


def _draw_none(person: Person) -> None:
    if may(person, "manage queue"):
        draw_empty("There is no queue to work on.", "Make one on the Queues page, or from a view in Explore.")
        st.page_link(QUEUES, label="Queues", icon=":material/inbox:")
    else:
        draw_empty("There is no queue for you now.", "Whoever leads the review sends you its link.")
