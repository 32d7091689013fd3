"""How numbers are spread: counts in bins that are made already."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from xlam_backend.charts.bars import ACCENT


def histogram(bins: Sequence[tuple[float, float, int]], *, unit: str = "calls") -> go.Figure:
    """Return bars over (from, to, count) bins."""
    figure = go.Figure(
        go.Bar(
            x=[(low + high) / 2 for low, high, _ in bins],
            y=[count for _, _, count in bins],
            width=[high - low for low, high, _ in bins],
            customdata=[f"{low:,.6g} to {high:,.6g}" for low, high, _ in bins],
            marker={"color": ACCENT, "line": {"width": 0}},
            hovertemplate=f"%{{customdata}}: %{{y:,}} {unit}<extra></extra>",
        )
    )
    figure.update_xaxes(fixedrange=True, showgrid=False)
    figure.update_yaxes(fixedrange=True, gridcolor="rgba(128,140,155,.22)", nticks=4)
    return figure.update_layout(
        height=170, margin={"l": 0, "r": 8, "t": 4, "b": 4}, bargap=0.05, dragmode=False, showlegend=False
    )
