"""The way of the records: read, kept, flagged, fixed."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from xlam_backend.charts.bars import ACCENT, INK
from xlam_backend.charts.levels import LEVEL_LOOKS

_COLOURS = ("#93a4bd", ACCENT, LEVEL_LOOKS["reject"].fill, "#3d9a6c")


def funnel(
    names: Sequence[str], counts: Sequence[int], explanations: Sequence[str], wholes: Sequence[int]
) -> go.Figure:
    """Return the stages as centred bars, each with its number and its share of its own whole."""
    figure = go.Figure(
        go.Funnel(
            y=[f"{name}  {count:,}" for name, count in zip(names, counts)],
            x=list(counts),
            text=[f"{count / (whole or 1) * 100:.1f} %" for count, whole in zip(counts, wholes)],
            customdata=list(explanations),
            textinfo="text",
            textposition="auto",
            textfont={"size": 14},
            outsidetextfont={"color": INK},
            marker={"color": list(_COLOURS[: len(names)]), "line": {"width": 0}},
            connector={"fillcolor": "rgba(128,140,155,.14)", "line": {"width": 0}},
            hovertemplate="%{y} %{customdata}<extra></extra>",
        )
    )
    figure.update_yaxes(fixedrange=True, ticks="", automargin=True)
    figure.update_xaxes(fixedrange=True, visible=False)
    return figure.update_layout(
        height=len(names) * 52 + 12, margin={"l": 0, "r": 8, "t": 4, "b": 4}, showlegend=False, dragmode=False
    )
