"""What the address of the page of near-duplicates says: which search, which threshold, which clusters."""

from __future__ import annotations

from typing import Literal

import msgspec
import streamlit as st

from pages.parts.url_view import read_number
from xlam_backend.domain.near_duplicate import PAIR_CLASSES, ClusterQuery, PairClass, Search

Section = Literal["clusters", "map", "pairs", "decisions"]
Across = Literal["datasets", "evaluation"]
SECTIONS: tuple[Section, ...] = ("clusters", "map", "pairs", "decisions")
ACROSS_WORDS: dict[Across, str] = {
    "datasets": "across datasets",
    "evaluation": "with a row of an evaluation set",
}
HIGHEST_THRESHOLD = 1.0


class NearView(msgspec.Struct, frozen=True):
    """A view of a search: its threshold, the clusters that are wanted, the page of them."""

    search: Search
    query: ClusterQuery
    section: Section
    pair_class: PairClass
    page: int

    @property
    def threshold(self) -> float:
        """Return the similarity from which alike words count as the same."""
        return self.query.threshold


def read_near_view(search: Search) -> NearView:
    """Read the view of a search from the page's address; what makes no sense is left out."""
    given = st.query_params.to_dict()
    across = given.get("across", "")
    state = given.get("state", "")
    query = ClusterQuery(
        threshold=read_threshold(given.get("at", ""), search),
        state="undecided" if state == "undecided" else "decided" if state == "decided" else "",
        dataset=given.get("in", ""),
        spans_datasets=across == "datasets",
        evaluation_only=across == "evaluation",
        text=given.get("q", ""),
    )
    return NearView(
        search=search,
        query=query,
        section=next((each for each in SECTIONS if each == given.get("show")), "clusters"),
        pair_class=next((each for each in PAIR_CLASSES if each == given.get("class")), "duplicate"),
        page=max(1, read_number("page", 1)),
    )


def read_threshold(text: str, search: Search) -> float:
    """Return a threshold as an address has it, in hundredths and within what was searched."""
    lowest = lowest_threshold(search)
    try:
        number = round(float(text), 2)
    except ValueError:
        return max(lowest, min(HIGHEST_THRESHOLD, round(search.settings.threshold, 2)))
    return number if lowest <= number <= HIGHEST_THRESHOLD else round(search.settings.threshold, 2)


def lowest_threshold(search: Search) -> float:
    """Return the lowest threshold at which all pairs are known."""
    return round(search.settings.lowest_same_calls, 2)


def near_params(**more: str) -> dict[str, str]:
    """Return the page's own address without the cluster that is open, with other values for these names."""
    kept = {
        name: text for name, text in st.query_params.to_dict().items() if name not in ("cluster", "beside")
    }
    return {name: text for name, text in {**kept, **more}.items() if text}
