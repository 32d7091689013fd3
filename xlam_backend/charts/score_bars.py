"""How scores are spread among what people call good and bad, and where a line would be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.bars import INK

# Shape, not only colour: bad ones are hatched.
GOOD, BAD, UNKNOWN = "#4f7be0", "#e0962e", "rgba(128,140,155,.45)"


class ScoreBar(msgspec.Struct, frozen=True):
    """A bin of scores with its counts, and what a click on it means."""

    key: str
    low: float
    high: float
    good: int
    bad: int
    unlabelled: int


def score_bars(bars: Sequence[ScoreBar], *, line: float | None = None) -> go.Figure:
    """Return the bins side by side, each with good, bad and unsettled items on top of each other.

    `line` is drawn as a threshold: what lies left of it would be flagged.
    """
    figure = go.Figure(
        [
            _layer(bars, [bar.bad for bar in bars], "people say bad", BAD, "/"),
            _layer(bars, [bar.good for bar in bars], "people say fine", GOOD, ""),
            _layer(bars, [bar.unlabelled for bar in bars], "not settled", UNKNOWN, "."),
        ]
    )
    if line is not None:
        figure.add_vline(x=line, line={"color": INK, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=line, y=1, yref="paper", text="◀ flagged", showarrow=False, xanchor="right", font={"color": INK}
        )
    figure.update_xaxes(fixedrange=True, showgrid=False, title={"text": "score", "font": {"color": INK}})
    figure.update_yaxes(fixedrange=True, gridcolor="rgba(128,140,155,.22)", nticks=5)
    return figure.update_layout(
        barmode="stack",
        height=300,
        margin={"l": 4, "r": 8, "t": 4, "b": 4},
        bargap=0.12,
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )


def _layer(bars: Sequence[ScoreBar], counts: Sequence[int], name: str, colour: str, hatch: str) -> go.Bar:
    return go.Bar(
        x=[(bar.low + bar.high) / 2 for bar in bars],
        y=list(counts),
        width=[(bar.high - bar.low) * 0.9 for bar in bars],
        name=name,
        customdata=[bar.key for bar in bars],
        marker={
            "color": colour,
            "pattern": {"shape": hatch, "fgopacity": 0.5, "fillmode": "overlay", "fgcolor": "#fff"},
            "line": {"width": 0},
        },
        hovertext=[
            f"score {bar.low:g} to {bar.high:g}, {name}: {count:,}" for bar, count in zip(bars, counts)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
