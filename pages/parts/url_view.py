"""The URL is the only memory of what a page shows: filters, sorting and page number stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import streamlit as st

from xlam_backend.domain.filters import (
    FIXED_CHOICES,
    LEVEL_CHOICES,
    MADE_CHOICES,
    OFFER_CHOICES,
    REVIEW_CHOICES,
    SORTS,
    Filters,
    Sort,
)

_NUMBERS = ("step", "min_steps", "max_steps")
_SHARES = ("min_rating",)
_CHOICES: dict[str, tuple[str, ...]] = {
    "level": LEVEL_CHOICES,
    "fixed": FIXED_CHOICES,
    "review": REVIEW_CHOICES,
    "made": MADE_CHOICES,
    "offers": OFFER_CHOICES,
}
FILTER_NAMES: tuple[str, ...] = Filters.__struct_fields__


class View(msgspec.Struct, frozen=True):
    """A view of the trajectories: what is wanted, in which order, which page of it."""

    filters: Filters
    sort: Sort = "imported"
    page: int = 1


def parse_view(params: Mapping[str, str]) -> View:
    """Read a view from URL parameters; what makes no sense is left out.

    >>> view = parse_view({"level": "reject", "step": "x", "page": "3"})
    >>> view.filters == Filters(level="reject"), view.page
    (True, 3)
    """
    given: dict[str, Any] = {}
    for name in FILTER_NAMES:
        text = params.get(name, "")
        if name in _NUMBERS:
            number = _number(text)
            if number is not None:
                given[name] = number
        elif name in _SHARES:
            share = _share(text)
            if share is not None:
                given[name] = share
        elif text and text in _CHOICES.get(name, (text,)):
            given[name] = text
    sort = params.get("sort", "")
    chosen: Sort = next((known for known in SORTS if known == sort), "imported")
    return View(Filters(**given), chosen, _number(params.get("page", "")) or 1)


def view_params(view: View, **more: str) -> dict[str, str]:
    """Write a view as URL parameters, only what differs from a view of everything.

    >>> view_params(View(Filters(level="reject", step=0), page=2), id="abc")
    {'id': 'abc', 'level': 'reject', 'step': '0', 'page': '2'}
    """
    params = dict(more)
    for name in FILTER_NAMES:
        value = getattr(view.filters, name)
        if value not in ("", None):
            params[name] = str(value)
    if view.sort != "imported":
        params["sort"] = view.sort
    if view.page != 1:
        params["page"] = str(view.page)
    return params


def filter_params(**filters: Any) -> dict[str, str]:
    """Write filters as URL parameters of Explore.

    >>> filter_params(check="argument_type", level="fix")
    {'check': 'argument_type', 'level': 'fix'}
    """
    return view_params(View(Filters(**filters)))


def read_view() -> View:
    """Read the view that the page's URL holds."""
    return parse_view(st.query_params.to_dict())


def read_number(name: str, otherwise: int) -> int:
    """Read a whole number from the page's URL."""
    number = _number(st.query_params.get(name, ""))
    return otherwise if number is None else number


def put_in_url(name: str, value: object) -> None:
    """Write one parameter into the page's URL ("" or None takes it out); another filter starts at page 1."""
    if value in ("", None):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)
    if name != "page":
        st.query_params.pop("page", None)


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
