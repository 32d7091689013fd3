"""Figures of training runs over their steps: raw values pale, running means strong, runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
import plotly.graph_objects as go

from xlam_backend.charts.bars import INK
from xlam_backend.charts.chart_text import label_text

# Told apart by colour-blind people, and readable on the light and on the dark page.
COLOURS = ("#4f7be0", "#e0962e", "#3d9a6c", "#b25fbf", "#c2515e")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_HEIGHT = 230
_MOST_MARKERS = 80

Look = Literal["line", "raw", "points"]


class CurveLine(msgspec.Struct, frozen=True):
    """One line: what it is called, its points, its colour and dash (by number), and how it is drawn.

    raw is the pale line behind a running mean; points are for what is measured only now and then.
    """

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    colour: int = 0
    dash: int = 0
    look: Look = "line"


class StepMark(msgspec.Struct, frozen=True):
    """A step worth a mark: where a later attempt began, where a checkpoint was kept."""

    step: int
    words: str


def training_chart(
    lines: Sequence[CurveLine],
    *,
    marks: Sequence[StepMark] = (),
    is_log: bool = False,
    is_share: bool = False,
    height: int = _HEIGHT,
) -> go.Figure:
    """Return the lines over the steps; with more than one name they carry a legend."""
    figure = go.Figure([_trace(line) for line in lines])
    for mark in marks:
        figure.add_vline(
            x=mark.step,
            line={"color": INK, "width": 1, "dash": "dot"},
            annotation={"text": label_text(mark.words), "font": {"color": INK, "size": 10}, "textangle": -90},
            annotation_position="top right",
        )
    figure.update_xaxes(
        title={"text": "step", "font": {"color": INK, "size": 11}, "standoff": 4},
        color=INK,
        gridcolor="rgba(0,0,0,0)",
        zeroline=False,
    )
    figure.update_yaxes(
        type="log" if is_log else "linear",
        color=INK,
        tickformat=".2~%" if is_share else "~s" if _is_large(lines) else "~g",
        gridcolor="rgba(122,134,150,.2)",
        zeroline=False,
        fixedrange=True,
    )
    named = {line.name for line in lines if line.look != "raw"}
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=len(named) > 1,
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "font": {"color": INK, "size": 11},
        },
        hovermode="x unified",
        hoverlabel={"align": "left"},
        dragmode="zoom",
        uirevision="stays",  # what a person has zoomed into stays while the run goes on
    )


def _trace(line: CurveLine) -> go.Scatter:
    colour = COLOURS[line.colour % len(COLOURS)]
    is_raw = line.look == "raw"
    return go.Scatter(
        # Arrays are taken as they are; plotly 7.1 looks at each value of a list.
        x=np.asarray(line.steps, dtype=np.float64),
        y=np.asarray(line.values, dtype=np.float64),
        name=label_text(line.name),
        mode="lines+markers" if _has_markers(line) else "lines",
        line={"color": colour, "width": 1 if is_raw else 2, "dash": _DASHES[line.dash % len(_DASHES)]},
        marker={"size": 6, "symbol": "diamond"},
        opacity=0.4 if is_raw else 1.0,
        showlegend=not is_raw,
        connectgaps=False,
        hoverinfo="skip" if is_raw else None,
        hovertemplate=None if is_raw else f"{label_text(line.name)}: %{{y:,.5~g}}<extra></extra>",
    )


def _has_markers(line: CurveLine) -> bool:
    """Tell whether each point can be seen: where there are many, their marks would cover the line."""
    return len(line.steps) == 1 or (line.look == "points" and len(line.steps) <= _MOST_MARKERS)


def _is_large(lines: Sequence[CurveLine]) -> bool:
    return any(value >= 10_000 for line in lines for value in line.values)
