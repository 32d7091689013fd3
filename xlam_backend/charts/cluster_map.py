"""Requests on a plane, near ones near each other; those of one cluster share a colour and a shape."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.chart_text import label_text

# Okabe and Ito's colours for the colour-blind, readable on the light and on the dark page; with four
# shapes there are 28 looks, and clusters that stand beside each other seldom share one.
_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6fc0")
_SHAPES = ("circle", "diamond", "square", "triangle-up")
_ALONE = "#8b97a6"
_HEIGHT = 460


class MapPoint(msgspec.Struct, frozen=True):
    """A request on the map: what a click on it means, its place, its cluster (0: none), what it says."""

    key: str
    x: float
    y: float
    cluster: int
    label: str


def cluster_map(points: Sequence[MapPoint]) -> go.Figure:
    """Return the map: what stands alone small and grey, members of clusters in colour above it."""
    alone = [point for point in points if not point.cluster]
    members = [point for point in points if point.cluster]
    figure = go.Figure([_layer(alone, is_member=False), _layer(members, is_member=True)])
    # The axes mean nothing by themselves: only what is near what counts.
    hidden = {"visible": False, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**hidden)
    figure.update_yaxes(**hidden)
    return figure.update_layout(
        height=_HEIGHT,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
        dragmode="zoom",
        hoverlabel={"align": "left"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )


def _layer(points: Sequence[MapPoint], *, is_member: bool) -> go.Scattergl:
    marker = (
        {
            "size": 9,
            "opacity": 0.9,
            "color": [_COLOURS[point.cluster % len(_COLOURS)] for point in points],
            "symbol": [_SHAPES[point.cluster // len(_COLOURS) % len(_SHAPES)] for point in points],
        }
        if is_member
        else {"size": 5, "opacity": 0.45, "color": _ALONE}
    )
    return go.Scattergl(
        x=[point.x for point in points],
        y=[point.y for point in points],
        customdata=[point.key for point in points],
        mode="markers",
        marker=marker,
        unselected={"marker": {"opacity": marker["opacity"]}},
        hovertext=[label_text(point.label, 90) for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
    )
