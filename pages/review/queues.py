"""Queues: what people review, how far they are, and new queues drawn from flags, ratings or pairs."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.queue_form import draw_made, draw_new_queue
from pages.parts.queue_list import draw_queue
from pages.parts.review_export import draw_review_export
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.owner import app_store
from xlam_backend.review.dispositions import count_dispositions
from xlam_backend.review.queues import QueueSummary, list_queues


def draw_numbers(queues: list[QueueSummary]) -> None:
    """Draw the page's few numbers."""
    at_work = [queue for queue in queues if queue.progress.state != "closed"]
    draw_facts(
        [
            Fact(f"{sum(queue.progress.my_due_count for queue in at_work):,}", "items wait for you"),
            Fact(
                f"{sum(queue.progress.verdict_count for queue in queues):,}",
                "verdicts given",
                f"of {sum(queue.progress.wanted_count for queue in queues):,} asked for",
            ),
            Fact(f"{len(at_work):,}", "queues at work", f"{len(queues) - len(at_work):,} closed"),
            _decided_fact(),
        ]
    )


def draw_queues(queues: list[QueueSummary]) -> None:
    """Draw each queue; closed ones are folded away."""
    closed = [queue for queue in queues if queue.progress.state == "closed"]
    for queue in queues:
        if queue.progress.state != "closed":
            draw_queue(queue)
    if closed:
        with st.expander(f"{len(closed):,} closed"):
            for queue in closed:
                draw_queue(queue)


def _decided_fact() -> Fact:
    counts = read_cached("dispositions", count_dispositions)
    words = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return Fact(f"{sum(counts.values()):,}", "trajectories decided by people", words)


draw_head("Queues", "Draw what people should look at, send them the link, and see how far they are.")
found = list_queues(app_store(), person=current_person(), now=datetime.now(UTC))
if found:
    draw_numbers(found)
else:
    draw_empty(
        "There is no queue yet.",
        "Draw one below: from flagged findings, from the judges' ratings, or from chosen/rejected pairs.",
    )
draw_made()
draw_new_queue(is_first=not found)
if found:
    draw_queues(found)
    draw_review_export()
