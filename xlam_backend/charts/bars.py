"""Horizontal bars of counts, and shares with their intervals: the two plots of most pages."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.chart_text import label_text

ROW_HEIGHT = 31
TICK_STEPS = tuple(round(digit * 10.0**power, 6) for power in range(-3, 6) for digit in (1, 2, 5))
INK = "#7a8696"  # readable on the light and on the dark page
ACCENT = "#4f7be0"


class Bar(msgspec.Struct, frozen=True):
    """One bar: `key` names what a click on it means; `note` stands behind the number."""

    key: str
    label: str
    count: int
    note: str = ""
    colour: str = ACCENT


class IntervalMark(msgspec.Struct, frozen=True):
    """One share (0..1) with its interval, the words shown when pointed at, and those behind the interval."""

    key: str
    label: str
    share: float
    low: float
    high: float
    note: str = ""
    colour: str = ACCENT
    symbol: str = "circle"
    value: str = ""


def count_bars(bars: Sequence[Bar], *, unit: str) -> go.Figure:
    """Return horizontal bars in the order given, the first on top, each with its number."""
    figure = go.Figure(
        go.Bar(
            y=list(range(len(bars))),
            x=[bar.count for bar in bars],
            customdata=[bar.key for bar in bars],
            marker={"color": [bar.colour for bar in bars], "cornerradius": 4},
            text=[f"{bar.count:,}{'  ' + label_text(bar.note) if bar.note else ''}" for bar in bars],
            textposition="outside",
            textfont={"color": INK},
            cliponaxis=False,
            orientation="h",
            hovertext=[f"{label_text(bar.label)}: {bar.count:,} {unit}" for bar in bars],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    widest = max((bar.count for bar in bars), default=1) or 1
    figure.update_xaxes(visible=False, range=[0, widest * 1.35], fixedrange=True)
    return _settle(figure, [bar.label for bar in bars])


class StackedRow(msgspec.Struct, frozen=True):
    """A row of bars that stand one behind the other, each with its own key, count and colour."""

    label: str
    parts: tuple[Bar, ...]


def stacked_bars(rows: Sequence[StackedRow], *, unit: str) -> go.Figure:
    """Return rows of bars in the order given, the first on top, each row with its numbers behind it."""
    depth = max((len(row.parts) for row in rows), default=0)
    figure = go.Figure([_layer(rows, place, unit) for place in range(depth)])
    widest = max((sum(part.count for part in row.parts) for row in rows), default=1) or 1
    for index, row in enumerate(rows):
        figure.add_annotation(
            y=index,
            x=sum(part.count for part in row.parts),
            text="  ".join(f"{part.count:,} {label_text(part.note)}" for part in row.parts),
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"color": INK},
        )
    figure.update_xaxes(visible=False, range=[0, widest * 1.4], fixedrange=True)
    return _settle(figure, [row.label for row in rows]).update_layout(barmode="stack")


def _layer(rows: Sequence[StackedRow], place: int, unit: str) -> go.Bar:
    holding = [(index, row, row.parts[place]) for index, row in enumerate(rows) if place < len(row.parts)]
    return go.Bar(
        y=[index for index, _, _ in holding],
        x=[part.count for _, _, part in holding],
        customdata=[part.key for _, _, part in holding],
        marker={"color": [part.colour for _, _, part in holding]},
        orientation="h",
        hovertext=[
            f"{label_text(row.label)}, {label_text(part.label)}: {part.count:,} {unit}"
            for _, row, part in holding
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def interval_plot(
    marks: Sequence[IntervalMark], *, room: float = 0.38, lowest: float = 0.0, is_share: bool = True
) -> go.Figure:
    """Return values as points with their 95 % intervals, the first on top; a whole row can be clicked.

    `room` is kept free for the values behind the longest interval, as a part of the axis. The axis begins
    at `lowest`. Shares are written in percent, other values (of agreement, which may lie below 0) as they
    are.
    """
    highest = max((mark.high for mark in marks), default=1.0) or 1.0
    span = highest - lowest
    end = highest + span * (room if any(mark.value for mark in marks) else 0.12)
    figure = go.Figure([_points(marks), _click_rows(marks, lowest, end)])
    for index, mark in enumerate(marks):
        if mark.value:
            figure.add_annotation(
                y=index,
                x=mark.high,
                text=label_text(mark.value),
                showarrow=False,
                xanchor="left",
                xshift=8,
                font={"color": INK, "size": 12},
            )
    figure.update_xaxes(
        tickformat=(".0%" if highest > 0.04 else ".1%") if is_share else "~g",
        range=[lowest - span * 0.02, end],
        tickvals=_ticks(lowest, highest, most=5 if room < 0.5 else 3),
        fixedrange=True,
        gridcolor="rgba(128,140,155,.22)",
        zeroline=False,
    )
    figure = _settle(figure, [mark.label for mark in marks])
    return figure.update_layout(margin={"b": 28}, height=figure.layout.height + 28)


def _points(marks: Sequence[IntervalMark]) -> go.Scatter:
    return go.Scatter(
        y=list(range(len(marks))),
        x=[mark.share for mark in marks],
        customdata=[mark.key for mark in marks],
        mode="markers",
        marker={
            "size": 10,
            "color": [mark.colour for mark in marks],
            "symbol": [mark.symbol for mark in marks],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [mark.high - mark.share for mark in marks],
            "arrayminus": [mark.share - mark.low for mark in marks],
            "color": INK,
            "thickness": 1.6,
            "width": 5,
        },
        hoverinfo="skip",
    )


def _click_rows(marks: Sequence[IntervalMark], lowest: float, end: float) -> go.Bar:
    """Return bars nobody sees: a point is a small thing to hit."""
    return go.Bar(
        y=list(range(len(marks))),
        x=[end - lowest] * len(marks),
        base=[lowest] * len(marks),
        width=0.9,
        customdata=[mark.key for mark in marks],
        marker={"color": "rgba(0,0,0,0)"},
        orientation="h",
        hovertext=[f"{label_text(mark.label)}: {label_text(mark.note, 120)}" for mark in marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _ticks(lowest: float, highest: float, most: int) -> list[float]:
    """Return round values from the lowest up to the highest, at most so many above the lowest."""
    step = next(
        width for width in TICK_STEPS if (highest - lowest) / width <= most or width == TICK_STEPS[-1]
    )
    first, last = math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9)
    return [step * place for place in range(first, last + 1)]


def _settle(figure: go.Figure, labels: Sequence[str]) -> go.Figure:
    # Rows stand at their number and only look like names: two equal names must not fall into one row.
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[label_text(label) for label in labels],
        range=[max(1, len(labels)) - 0.5, -0.5],
        fixedrange=True,
        zeroline=False,
        ticks="",
        automargin=True,
        gridcolor="rgba(0,0,0,0)",
    )
    return figure.update_layout(
        height=max(1, len(labels)) * ROW_HEIGHT + 12,
        margin={"l": 4, "r": 8, "t": 4, "b": 4},
        bargap=0.34,
        showlegend=False,
        dragmode=False,
        hoverlabel={"align": "left"},
    )
