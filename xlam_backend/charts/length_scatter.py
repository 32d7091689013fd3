"""Length against judge minus people: each item as a point, the means of similar lengths as a line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.bars import ACCENT, INK
from xlam_backend.charts.chart_text import label_text


class ScatterPoint(msgspec.Struct, frozen=True):
    """A point and what a click on it means."""

    key: str
    x: float
    y: float


class MeanMark(msgspec.Struct, frozen=True):
    """A mean with its interval at one place of the axis."""

    x: float
    mean: float
    low: float
    high: float
    note: str


def length_scatter(points: Sequence[ScatterPoint], means: Sequence[MeanMark], *, axis: str) -> go.Figure:
    """Return points and means; above the line at 0 the judge is kinder than people."""
    figure = go.Figure(
        [
            go.Scattergl(
                x=[point.x for point in points],
                y=[point.y + _apart(place) for place, point in enumerate(points)],
                customdata=[point.key for point in points],
                mode="markers",
                marker={"size": 7, "color": ACCENT, "opacity": 0.35},
                hovertext=[f"item {label_text(point.key)}: {point.y:+g}" for point in points],
                hovertemplate="%{hovertext}<extra></extra>",
            ),
            go.Scatter(
                x=[mean.x for mean in means],
                y=[mean.mean for mean in means],
                mode="lines+markers",
                line={"color": "#e0962e", "width": 2},
                marker={"size": 9, "symbol": "diamond", "color": "#e0962e"},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [mean.high - mean.mean for mean in means],
                    "arrayminus": [mean.mean - mean.low for mean in means],
                    "color": "#e0962e",
                },
                hovertext=[label_text(mean.note, 120) for mean in means],
                hovertemplate="%{hovertext}<extra></extra>",
            ),
        ]
    )
    figure.add_hline(y=0, line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_xaxes(
        fixedrange=True, showgrid=False, title={"text": label_text(axis), "font": {"color": INK}}
    )
    figure.update_yaxes(
        fixedrange=True,
        gridcolor="rgba(128,140,155,.22)",
        zeroline=False,
        title={"text": "judge minus people", "font": {"color": INK}},
    )
    return figure.update_layout(
        height=320, margin={"l": 4, "r": 8, "t": 4, "b": 4}, showlegend=False, dragmode=False
    )


def _apart(place: int) -> float:
    """Return a small shift, the same at each drawing, so that equal points can be told apart."""
    return ((place * 0.618034) % 1 - 0.5) * 0.24
