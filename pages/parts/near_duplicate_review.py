"""Asking people about pairs near the threshold: what would be drawn of each band, what was said so far."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.near_duplicate_acts import draw_sample, take_made_queue
from pages.parts.near_duplicate_state import NearView
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.routes import DESK, QUEUES
from pages.parts.safe_text import text_html
from pages.parts.signed_in import may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.domain.review import QueuePlan
from xlam_backend.errors import XlamError
from xlam_backend.review.duplicate_precision import (
    BandPrecision,
    DuplicatePrecision,
    PrecisionAt,
    read_precision,
)
from xlam_backend.review.queues import QueuePreview, preview_queue
from xlam_backend.statistics.intervals import show_rate

_USUAL_SIZE = 100
_LOWER_SHARE = 0.5
SOURCE_WORDS = {
    "sampled pairs": "from pairs drawn by chance",
    "decided clusters": "from clusters decided one by one, which nobody drew by chance",
}


def precision_of(view: NearView) -> DuplicatePrecision:
    """Return what is known of the thresholds of a search."""
    return read_cached("near_precision", read_precision, view.search.search_no)


def precision_words(known: PrecisionAt) -> str:
    """Return a measured precision with what it is made from; "not measured yet" where nothing is."""
    if not known.source:
        return "not measured yet"
    return f"{show_rate(known.share)}, {SOURCE_WORDS[known.source]}"


def draw_review(view: NearView) -> None:
    """Draw the button that asks people, the way to a queue that was just drawn, and the answers by band."""
    if made := take_made_queue():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html('<span class="xs-chip xs-good">✔ the queue is drawn</span>', width="content")
            st.page_link(
                DESK, label="Open it", icon=":material/rate_review:", query_params={"queue": str(made)}
            )
    if st.button(
        "Have people look at pairs near the threshold …",
        icon=":material/rate_review:",
        key="near_review",
        help="Shows first how many pairs of each band would be drawn",
    ):
        _open_draw(view)
    if bands := precision_of(view).bands:
        draw_as_table(
            ("Similarity", "Pairs drawn", "The same, of those answered"),
            [_band_row(band) for band in bands],
            label="What people say of sampled pairs",
        )


@st.dialog("Have people look at pairs near the threshold", width="large")
def _open_draw(view: NearView) -> None:
    if not may_or_say("manage queue"):
        return
    first, second = st.columns(2)
    size = first.number_input("Pairs from the threshold up", 1, 100_000, _USUAL_SIZE, 50, key="near_size")
    overlap = second.number_input("People for each pair", 1, 20, 1, key="near_overlap")
    plan = QueuePlan(
        f"Near-duplicates from {view.threshold:.2f}, {datetime.now(UTC):%d %B %H:%M}",
        "duplicate",
        size=int(size),
        unflagged_share=_LOWER_SHARE,
        overlap=int(overlap),
        search_no=view.search.search_no,
        threshold=view.threshold,
    )
    try:
        preview = read_cached("queue_preview", preview_queue, plan)
    except XlamError as error:
        show_error(error)
        return
    if not preview.item_count:
        draw_empty("No pair lies near this threshold.", "Move the threshold, or compare more requests.")
        return
    st.html(_preview_html(preview))
    draw_note(
        "Each band gives as many as the others, as far as it has them; the estimate weighs every pair by "
        "what it stands for. Rows that say exactly the same are not asked about. Nothing is dropped by the "
        "answers."
    )
    if st.button(
        f"Draw {counted(preview.item_count, 'pair')}",
        type="primary",
        icon=":material/inbox:",
        key="near_draw_queue",
        on_click=draw_sample,
        args=(plan,),
    ):
        st.rerun()
    st.page_link(
        QUEUES,
        label="More settings, on the page of queues",
        query_params={
            "new": "duplicate",
            "near": str(view.search.search_no),
            "near_at": f"{view.threshold:.2f}",
        },
    )


def _preview_html(preview: QueuePreview) -> str:
    rows = "".join(
        f'<tr><th scope="row">{text_html(stratum.name)}'
        f"{'' if stratum.is_flagged else ' (below the threshold)'}</th>"
        f"<td>{stratum.population:,}</td><td>{stratum.drawn:,}</td><td>{stratum.probability:.1%}</td></tr>"
        for stratum in sorted(preview.strata, key=lambda stratum: stratum.name)
    )
    return (
        '<table class="xs-table"><thead><tr><th scope="col">similarity</th><th scope="col">pairs</th>'
        '<th scope="col">drawn</th><th scope="col">chance of each</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _band_row(band: BandPrecision) -> LinkRow:
    answered = show_rate(band.share) if band.share.total else "not answered yet"
    return LinkRow(band.band.words, (f"{band.drawn_count:,}", answered))
