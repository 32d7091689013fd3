"""The items behind a calibration's numbers."""

from __future__ import annotations

import streamlit as st

from pages.parts.counted import counted
from pages.parts.item_links import desk_address, draw_item_links
from pages.parts.link_table import LinkRow
from pages.parts.names import item_title
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_choice, url_select
from xlam_backend.domain.person import Person
from xlam_backend.review.calibration import Voice
from xlam_backend.review.calibration_items import ITEM_CHOICES, read_calibration_items
from xlam_backend.review.settled import SettledItem

_RATINGS = ("1", "2", "3", "4", "5")


def draw_items(voice: Voice, viewer: Person, queue_no: int, *, has_scores: bool) -> None:
    """Draw the choice of items and the items; by score only where the voice gives scores."""
    st.subheader("Items", anchor=False)
    left, middle, right = st.columns(3)
    with left:
        which = url_choice("Show items where", "show", ITEM_CHOICES, usual="wrong")
    score = human = ""
    if has_scores:
        with middle:
            score = url_select("Judge's score", "score", _RATINGS, only_these=True)
        with right:
            human = url_select("Human rating", "human", _RATINGS, only_these=True)
    items = read_cached(
        "calibration_items",
        read_calibration_items,
        voice,
        queue_no,
        which=which,
        score=_rating(score),
        human=_rating(human),
        viewer=viewer,
    )
    if not items.total:
        draw_note("There is none.")
        return
    draw_note(f"{counted(items.total, 'item')} where {ITEM_CHOICES[which]}. Each opens at the desk.")
    draw_item_links(
        ("Item", "About", "Machine", "People", "Settled by"),
        [_row(item) for item in items.shown],
        total=items.total,
        withheld=items.withheld_count,
    )


def _rating(text: str) -> int | None:
    return int(text) if text in _RATINGS else None


def _row(item: SettledItem) -> LinkRow:
    about = one_line(item_title(item.name), 60)
    said = "flagged" if item.is_flagged else "not flagged"
    score = "" if item.score is None else f", score {item.score:g}"
    people = "open" if item.is_bad is None else "bad" if item.is_bad else "fine"
    rating = "" if item.human_rating is None else f", rated {item.human_rating:g}"
    answers = counted(item.answer_count, "answer")
    return LinkRow(
        f"Item {item.item_no:,}",
        (about, said + score, people + rating, f"{item.settled}, {answers}"),
        desk_address(item.item_no),
    )
