"""The filters above a list of trajectories; all of them stand in the URL."""

from __future__ import annotations

import streamlit as st

from pages.parts.names import JUDGE_NAMES, check_title, judge_title, source_title
from pages.parts.url_view import FILTER_NAMES
from pages.parts.url_widgets import url_number, url_select, url_text
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.domain.filters import (
    ANY_JUDGE,
    FIXED_CHOICES,
    LEVEL_CHOICES,
    MADE_CHOICES,
    OFFER_CHOICES,
    REVIEW_CHOICES,
    SORTS,
    Filters,
)
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.explore.search import FilterChoices
from xlam_backend.output_formats import OUTPUT_FORMATS

_RARE = (
    "fixed",
    "review",
    "judge",
    "min_rating",
    "made",
    "output_format",
    "category",
    "offers",
    "min_steps",
    "max_steps",
    "code",
    "argument",
    "step",
    "family",
    "ids",
)

_LEVEL_WORDS: dict[str, str] = {
    "flagged": "with an error (reject or fix)",
    "clean": "without an error",
    **{level: f"{look.mark} {look.word}" for level, look in LEVEL_LOOKS.items()},
}
_FIXED_WORDS = {"fixed": "fixed", "unfixed": "as imported", "fixable": "has a safe fix"}
_REVIEW_WORDS = {
    "queued": "in a review queue",
    "undecided": "not decided by people",
    "keep": "people decided: keep",
    "fix": "people decided: to be fixed",
    "fixed": "people decided: fixed since",
    "drop": "people decided: drop",
}
_MADE_WORDS = {"original": "originals", "made": "made from another (augmented, rephrased)"}
_OFFER_WORDS = {"tools": "with tools", "no_tools": "without tools or calls: general instructions"}
_RATINGS = ("0.25", "0.5", "0.75", "1.0")
_SORT_WORDS = {
    "imported": "in the order of import",
    "newest": "newest first",
    "findings": "most errors first",
    "steps": "most steps first",
    "fewest_steps": "fewest steps first",
    "calls": "most calls first",
}


def draw_filters(choices: FilterChoices, filters: Filters) -> None:
    """Draw the filters: the frequent ones in a row, the others folded away."""
    first, second, third = st.columns([5, 4, 4])
    with first:
        url_text("Text in the request", "text", "contains …")
    with second:
        url_select("Check", "check", choices.checks, show=check_title)
    with third:
        url_select(
            "Findings",
            "level",
            [level for level in LEVEL_CHOICES if level],
            show=_LEVEL_WORDS.__getitem__,
            only_these=True,
        )
    first, second, third, more = st.columns([4, 4, 5, 4], vertical_alignment="bottom")
    with first:
        url_select("Dataset", "dataset", choices.datasets)
    with second:
        url_select("Source", "source", choices.sources, show=source_title)
    with third:
        url_select("Tool called", "tool", choices.tools, can_type=True)
    with more:
        _draw_more(choices, filters)


def draw_sort() -> None:
    """Draw the choice of order."""
    url_select(
        "Order",
        "sort",
        SORTS,
        show=_SORT_WORDS.__getitem__,
        only_these=True,
        placeholder=_SORT_WORDS["imported"],
        show_label=False,
    )


def clear_filters() -> None:
    """Take every filter out of the URL."""
    for name in (*FILTER_NAMES, "page"):
        st.query_params.pop(name, None)


def _draw_more(choices: FilterChoices, filters: Filters) -> None:
    used = sum(1 for name in _RARE if getattr(filters, name) not in ("", None))
    buttons = st.container(horizontal=True, horizontal_alignment="right")
    with buttons.popover(f"More filters ({used})" if used else "More filters", icon=":material/tune:"):
        url_select(
            "State",
            "fixed",
            [state for state in FIXED_CHOICES if state],
            show=_FIXED_WORDS.__getitem__,
            only_these=True,
        )
        url_select(
            "Review",
            "review",
            [state for state in REVIEW_CHOICES if state],
            show=_REVIEW_WORDS.__getitem__,
            only_these=True,
        )
        least, most = st.columns(2)
        with least:
            url_number("Steps, at least", "min_steps")
        with most:
            url_number("Steps, at most", "max_steps")
        url_select("Flagged by a judge", "judge", (ANY_JUDGE, *JUDGE_NAMES), show=judge_title)
        url_select(
            "Rated by judges, at least",
            "min_rating",
            _RATINGS,
            show=lambda share: f"{float(share):.0%} of the scale",
            only_these=True,
        )
        url_select(
            "Origin",
            "made",
            [made for made in MADE_CHOICES if made],
            show=_MADE_WORDS.__getitem__,
            only_these=True,
        )
        url_select("Output format", "output_format", [form.name for form in OUTPUT_FORMATS])
        url_select("Category", "category", choices.categories)
        url_select(
            "Tools",
            "offers",
            [offer for offer in OFFER_CHOICES if offer],
            show=_OFFER_WORDS.__getitem__,
            only_these=True,
        )
        url_select(
            "SpecTool pattern",
            "code",
            list(SPECTOOL_CODES),
            show=lambda code: f"{code}: {SPECTOOL_CODES.get(code, code)}",
        )
        url_text("Place of the finding in the arguments", "argument", "/city")
        url_number("Step of the finding, counted from 0", "step")
        url_text("Family of findings", "family")
        url_text("Trajectories, by their ids", "ids", "between commas")
    buttons.button("Clear", on_click=clear_filters, disabled=filters.is_empty, icon=":material/close:")
