"""A figure over time, as a line: cost, tokens, loss, whatever a run tells of itself."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from xlam_backend.charts.bars import ACCENT, INK
from xlam_backend.charts.chart_text import label_text

_HEIGHT = 220


def curve(minutes: Sequence[float], values: Sequence[float], *, name: str) -> go.Figure:
    """Return values over minutes; `name` is what they are called."""
    figure = go.Figure(
        go.Scatter(
            x=list(minutes),
            y=list(values),
            mode="lines",
            line={"color": ACCENT, "width": 2},
            hovertemplate=f"{label_text(name)}: %{{y:,.6~g}} at %{{x:.1f}} min<extra></extra>",
        )
    )
    figure.update_xaxes(
        title="minutes", color=INK, fixedrange=True, rangemode="tozero", gridcolor="rgba(0,0,0,0)"
    )
    figure.update_yaxes(color=INK, fixedrange=True, rangemode="tozero", gridcolor="rgba(122,134,150,.2)")
    return figure.update_layout(
        height=_HEIGHT,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
    )
