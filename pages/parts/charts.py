"""Draws a figure whose marks lead to the records behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

# Loaded whole before any figure is made: plotly 7.1 takes a pandas that another session is only just
# importing for a finished one (tests/browser/test_links.py: two first visitors at once).
import pandas  # noqa: F401
import plotly.graph_objects as go
import streamlit as st

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showTips": False}


def draw_chart(figure: go.Figure, *, key: str) -> None:
    """Draw a figure that only shows."""
    st.plotly_chart(figure, key=key, config=_CONFIG)


def draw_clickable(
    figure: go.Figure, *, key: str, open_key: Callable[[str], None], can_zoom: bool = False
) -> None:
    """Draw a figure; a click on a mark calls `open_key` with the mark's key (its customdata).

    With `can_zoom` a box that is dragged is looked at closer, and a double click shows all again.
    """
    config = {**_CONFIG, "doubleClick": "reset"} if can_zoom else _CONFIG
    event = st.plotly_chart(figure, key=key, config=config, on_select="rerun", selection_mode="points")
    for chosen in _keys_of(event):
        open_key(chosen)


def draw_choosing(figure: go.Figure, *, key: str, choose: Callable[[str], None]) -> None:
    """Draw a figure; a click on a mark calls `choose` with its key, once, before the page runs anew.

    For what changes this very page: the selection itself stays, and must not choose again at every run.
    """
    figure.update_traces(unselected={"marker": {"opacity": 1}})

    def take_over() -> None:
        for chosen in _keys_of(st.session_state[key]):
            choose(chosen)

    st.plotly_chart(figure, key=key, config=_CONFIG, on_select=take_over, selection_mode="points")


def _keys_of(event: Any) -> Iterator[str]:
    for point in event["selection"]["points"]:
        chosen = point.get("customdata")
        if chosen is not None:
            yield str(chosen[0] if isinstance(chosen, (list, tuple)) else chosen)
