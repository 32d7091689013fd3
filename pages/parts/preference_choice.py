"""Which pairs count: the rule in force and its settings, kept in the address."""

from __future__ import annotations

import streamlit as st

from pages.parts.answer_words import ORIGIN_WORDS
from pages.parts.chosen_records import filter_chips
from pages.parts.page_head import draw_note
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, put_in_url, read_view, view_params
from pages.parts.url_widgets import url_choice, url_select
from xlam_backend.domain.pair import PAIR_ORIGINS
from xlam_backend.explore.search import read_filter_choices
from xlam_backend.preference.selection import RULE_WORDS, PairSelection

_TITLES = {
    "margin": "All that are shown to be worse",
    "confirmed": "Only confirmed by people",
    "sampled": "Confirmed, and vouched for by a sample",
}
_MARGINS = {"0": "0 or more", "0.5": "0.5", "1": "1", "1.5": "1.5", "2": "2", "3": "3"}
_SHARES = {"0.8": "80 %", "0.9": "90 %", "0.95": "95 %", "1": "all"}
_SETTLED = {"5": "5", "10": "10", "20": "20", "50": "50", "100": "100"}
# Every name that a selection has in the address, beside the filters of Explore.
NAMES = ("rule", "margin", "share", "settled", "from", "scripted")


def draw_choice() -> PairSelection:
    """Draw the rule and what belongs to it; returns the selection."""
    first, second, third, fourth = st.columns([4, 2, 2, 3], vertical_alignment="bottom")
    with first:
        url_choice("Which pairs count", "rule", _TITLES, usual="margin")
    rule = read_selection().rule
    with second:
        if rule == "sampled":
            url_choice("Confirmed in at least", "share", _SHARES, usual="0.9")
        elif rule == "margin":
            url_choice("Margin at least", "margin", _MARGINS, usual="1")
    with third:
        if rule == "sampled":
            url_choice("Of at least so many", "settled", _SETTLED, usual="20")
    with fourth:
        datasets = read_cached("choices", read_filter_choices).datasets
        url_select("Dataset", "dataset", datasets, placeholder="all of them")
    selection = read_selection()
    draw_note(f"{RULE_WORDS[rule].capitalize()}. What people settled on always goes before.")
    _draw_rest()
    return selection


def read_selection() -> PairSelection:
    """Return the selection that the address holds; what makes no sense there is left out."""
    given = st.query_params.to_dict()
    rule = given.get("rule", "")
    origin = given.get("from", "")
    return PairSelection(
        rule=next((known for known in RULE_WORDS if known == rule), "margin"),
        least_margin=float(_one_of(given.get("margin", ""), _MARGINS, "1")),
        origins=tuple(known for known in PAIR_ORIGINS if known == origin),
        least_share=float(_one_of(given.get("share", ""), _SHARES, "0.9")),
        least_settled=int(_one_of(given.get("settled", ""), _SETTLED, "20")),
        filters=read_view().filters,
        has_scripted=given.get("scripted", "") != "no",
    )


def _draw_rest() -> None:
    """Draw what narrows the selection beyond the dataset."""
    with st.popover("More settings", icon=":material/tune:"):
        url_select(
            "Where the rejected side comes from",
            "from",
            PAIR_ORIGINS,
            show=lambda name: ORIGIN_WORDS[name],  # type: ignore[index]
            only_these=True,
            placeholder="anywhere",
        )
        has_scripted = st.toggle(
            "With what the scripted model wrote",
            value=st.query_params.get("scripted", "") != "no",
            help="The scripted model is for trying out: its answers are no real judgement.",
        )
        wanted = "" if has_scripted else "no"
        if wanted != st.query_params.get("scripted", ""):
            put_in_url("scripted", wanted)
            st.rerun()
    given = view_params(View(read_view().filters))
    if chips := filter_chips({name: value for name, value in given.items() if name != "dataset"}):
        st.html(f"Trajectories: {chips}")


def _one_of(text: str, known: dict[str, str], usual: str) -> str:
    return text if text in known else usual
