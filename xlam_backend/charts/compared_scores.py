"""A few models' scores beside each other: as a radar, and as bars with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.bars import INK
from xlam_backend.charts.chart_text import label_text

# Told apart without seeing red and green, and by marker and hatching where colour does not help.
COLOURS = ("#4f7be0", "#e0962e", "#3d9a6c", "#a05bc7", "#7a8696")
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_HATCHES = ("", "/", ".", "x", "-")
_GRID = "rgba(128,140,155,.28)"
_LONGEST_NAME = 34


class ScoredModel(msgspec.Struct, frozen=True):
    """A model's values in percent, one for each column; None where it has none; `bounds` are intervals."""

    name: str
    values: tuple[float | None, ...]
    bounds: tuple[tuple[float, float] | None, ...]


def score_radar(columns: Sequence[str], models: Sequence[ScoredModel]) -> go.Figure:
    """Return the models as closed lines around the columns; every one has a value in every column."""
    figure = go.Figure(
        [
            go.Scatterpolar(
                r=[*model.values, model.values[0]],
                theta=[*map(label_text, columns), label_text(columns[0])],
                name=_legend(place, model.name),
                mode="lines+markers",
                line={"color": COLOURS[place], "width": 2, "dash": _DASHES[place]},
                marker={"symbol": _SYMBOLS[place], "size": 7},
                hovertemplate="%{theta}: %{r:.2f} %<extra>" + label_text(model.name) + "</extra>",
            )
            for place, model in enumerate(models)
        ]
    )
    return figure.update_layout(
        height=430,
        margin={"l": 70, "r": 70, "t": 30, "b": 8},
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": {
                "range": [0, 100],
                "tickvals": [25, 50, 75, 100],
                "gridcolor": _GRID,
                "linecolor": "rgba(0,0,0,0)",
                "tickfont": {"color": INK, "size": 11},
            },
            "angularaxis": {"gridcolor": _GRID, "linecolor": _GRID, "tickfont": {"color": INK, "size": 12}},
        },
        legend={"orientation": "h", "y": -0.08, "yanchor": "top", "x": 0, "font": {"color": INK}},
        dragmode=False,
    )


def grouped_score_bars(columns: Sequence[str], models: Sequence[ScoredModel]) -> go.Figure:
    """Return a group of horizontal bars for each column, the first column on top, with intervals."""
    figure = go.Figure([_bars(place, model, len(columns)) for place, model in enumerate(models)])
    figure.update_xaxes(
        range=[0, 104],
        tickvals=[0, 25, 50, 75, 100],
        ticksuffix=" %",
        fixedrange=True,
        gridcolor="rgba(128,140,155,.22)",
        tickfont={"color": INK},
    )
    figure.update_yaxes(
        tickvals=list(range(len(columns))),
        ticktext=[label_text(column) for column in columns],
        range=[max(1, len(columns)) - 0.5, -0.5],
        automargin=True,
        ticks="",
        fixedrange=True,
        zeroline=False,
    )
    return figure.update_layout(
        barmode="group",
        bargap=0.28,
        height=max(1, len(columns)) * (16 * len(models) + 18) + 80,
        margin={"l": 4, "r": 8, "t": 4, "b": 28},
        legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0, "font": {"color": INK}},
        dragmode=False,
    )


def _bars(place: int, model: ScoredModel, count: int) -> go.Bar:
    bounds = [bound or (value or 0.0, value or 0.0) for value, bound in zip(model.values, model.bounds)]
    return go.Bar(
        y=list(range(count)),
        x=list(model.values),
        name=_legend(place, model.name),
        orientation="h",
        marker={
            "color": COLOURS[place],
            "pattern": {"shape": _HATCHES[place], "fgopacity": 0.5, "fillmode": "overlay", "fgcolor": "#fff"},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - (value or 0.0) for value, (_, high) in zip(model.values, bounds)],
            "arrayminus": [(value or 0.0) - low for value, (low, _) in zip(model.values, bounds)],
            "color": INK,
            "thickness": 1.4,
            "width": 3,
        },
        hovertext=[
            f"{label_text(model.name)}: {value:.2f} % ({low:.2f} to {high:.2f})" if value is not None else ""
            for value, (low, high) in zip(model.values, bounds)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _legend(place: int, name: str) -> str:
    # The number keeps two rows of the same model apart: equal names share one entry of the legend.
    return f"{place + 1} · {label_text(name, _LONGEST_NAME)}"
