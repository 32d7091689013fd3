"""Accuracy against the size of models, own ones and published ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.bars import ACCENT, INK
from xlam_backend.charts.chart_text import label_text

OWN, MARKED = "#e0962e", "#3d9a6c"
_MOST_NAMES = 12


class SizePoint(msgspec.Struct, frozen=True):
    """A model: its parameters in billions, its score in percent, and what a click on it means.

    `is_marked` names it in the figure and gives it a look of its own.
    """

    key: str
    name: str
    billions: float
    score: float
    note: str
    is_own: bool = False
    is_marked: bool = False


def size_scatter(points: Sequence[SizePoint], *, axis: str) -> go.Figure:
    """Return the models on a logarithmic axis of size; own ones are diamonds, marked ones squares."""
    groups = {
        "published": [point for point in points if not point.is_own and not point.is_marked],
        "own": [point for point in points if point.is_own and not point.is_marked],
        "pinned": [point for point in points if point.is_marked],
    }
    looks = {"published": (ACCENT, "circle"), "own": (OWN, "diamond"), "pinned": (MARKED, "square")}
    figure = go.Figure([_trace(name, group, *looks[name]) for name, group in groups.items() if group])
    figure.update_xaxes(
        type="log",
        title={"text": "parameters, in billions", "font": {"color": INK}},
        tickvals=[0.0001, 0.001, 0.01, 0.1, 0.5, 1, 3, 7, 14, 32, 70, 140, 400, 1000],
        ticktext=[
            "0.0001",
            "0.001",
            "0.01",
            "0.1",
            "0.5",
            "1",
            "3",
            "7",
            "14",
            "32",
            "70",
            "140",
            "400",
            "1,000",
        ],
        fixedrange=True,
        gridcolor="rgba(128,140,155,.22)",
        tickfont={"color": INK},
        zeroline=False,
    )
    figure.update_yaxes(
        title={"text": label_text(axis), "font": {"color": INK}},
        ticksuffix=" %",
        fixedrange=True,
        gridcolor="rgba(128,140,155,.22)",
        tickfont={"color": INK},
        rangemode="tozero" if min((point.score for point in points), default=0) < 30 else "normal",
        zeroline=False,
    )
    return figure.update_layout(
        height=430,
        margin={"l": 4, "r": 16, "t": 4, "b": 4},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"color": INK}},
        dragmode=False,
    )


def _trace(name: str, points: Sequence[SizePoint], colour: str, symbol: str) -> go.Scatter:
    named = {point.key for point in sorted(points, key=lambda point: -point.score)[:_MOST_NAMES]}
    is_named = name != "published"
    return go.Scatter(
        x=[point.billions for point in points],
        y=[point.score for point in points],
        customdata=[point.key for point in points],
        name=name,
        mode="markers+text" if is_named else "markers",
        text=[label_text(point.name, 24) if is_named and point.key in named else "" for point in points],
        textposition="top center",
        textfont={"color": INK, "size": 11},
        marker={"size": 11 if is_named else 8, "color": colour, "symbol": symbol, "opacity": 0.85},
        hovertext=[f"{label_text(point.name)}: {label_text(point.note, 160)}" for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
    )
