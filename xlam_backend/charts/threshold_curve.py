"""How many rows would go at each threshold of similarity, and how right people found the pairs there."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.bars import ACCENT, INK

_HEIGHT = 240
_PRECISION = "#e0962e"


class ThresholdStep(msgspec.Struct, frozen=True):
    """A threshold and how many rows would go at it."""

    threshold: float
    row_count: int


class PrecisionMark(msgspec.Struct, frozen=True):
    """The precision people measured of the pairs at or above a threshold, with its interval."""

    threshold: float
    share: float
    low: float
    high: float
    note: str


def threshold_curve(
    steps: Sequence[ThresholdStep], marks: Sequence[PrecisionMark], *, chosen: float
) -> go.Figure:
    """Return rows over the threshold as steps, precision in its band, and where the chosen one stands."""
    figure = go.Figure(_rows(steps))
    if marks:
        figure.add_traces([_band(marks), _precision(marks)])
        figure.update_layout(yaxis2=_precision_axis())
    figure.add_vline(x=chosen, line={"color": INK, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(
        title={"text": "similarity from which a pair counts", "font": {"color": INK}},
        color=INK,
        fixedrange=True,
        gridcolor="rgba(0,0,0,0)",
        tickformat=".2f",
    )
    figure.update_yaxes(color=INK, fixedrange=True, rangemode="tozero", gridcolor="rgba(122,134,150,.2)")
    return figure.update_layout(
        yaxis={"title": {"text": "rows that would go", "font": {"color": INK}}},
        height=_HEIGHT,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
    )


def _rows(steps: Sequence[ThresholdStep]) -> go.Scatter:
    return go.Scatter(
        x=[step.threshold for step in steps],
        y=[step.row_count for step in steps],
        mode="lines",
        line={"color": ACCENT, "width": 2, "shape": "hv"},
        hovertemplate="from %{x:.3f}: %{y:,} rows would go<extra></extra>",
    )


def _band(marks: Sequence[PrecisionMark]) -> go.Scatter:
    return go.Scatter(
        x=[mark.threshold for mark in marks] + [mark.threshold for mark in reversed(marks)],
        y=[mark.high for mark in marks] + [mark.low for mark in reversed(marks)],
        yaxis="y2",
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor="rgba(224,150,46,.18)",
        hoverinfo="skip",
    )


def _precision(marks: Sequence[PrecisionMark]) -> go.Scatter:
    return go.Scatter(
        x=[mark.threshold for mark in marks],
        y=[mark.share for mark in marks],
        yaxis="y2",
        mode="lines+markers",
        line={"color": _PRECISION, "width": 2},
        marker={"size": 6, "symbol": "diamond", "color": _PRECISION},
        hovertext=[mark.note for mark in marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _precision_axis() -> dict[str, object]:
    return {
        "overlaying": "y",
        "side": "right",
        "range": [0, 1.04],
        "tickformat": ".0%",
        "fixedrange": True,
        "showgrid": False,
        "color": INK,
        "title": {"text": "measured precision", "font": {"color": INK}},
    }
