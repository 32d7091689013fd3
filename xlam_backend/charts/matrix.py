"""Two kinds of names against each other: one field for each pair, all of it to be clicked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import plotly.graph_objects as go

from xlam_backend.charts.bars import INK
from xlam_backend.charts.chart_text import label_text

FIELD_HEIGHT = 46
LONGEST_NAME = 18
# From no agreement beyond chance to full agreement; told apart without seeing red and green.
LOW, HIGH = (224, 150, 46), (47, 91, 208)


class Field(msgspec.Struct, frozen=True):
    """One field: its place, what stands in it, what is shown when pointed at, what a click means.

    `strength` 0..1 colours it, None leaves it empty.
    """

    row: int
    column: int
    key: str
    text: str
    note: str
    strength: float | None


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    fields: Sequence[Field],
    *,
    row_title: str = "",
    column_title: str = "",
    is_scale: bool = False,
) -> go.Figure:
    """Return the fields as a table of colours, the first row on top.

    With `is_scale` weak and strong have colours of their own (a scale from bad to good), else strength
    is how full the one colour is.
    """
    figure = go.Figure(
        go.Bar(
            y=[field.row for field in fields],
            x=[0.96] * len(fields),
            base=[field.column - 0.48 for field in fields],
            width=0.92,
            orientation="h",
            customdata=[field.key for field in fields],
            marker={
                "color": [_colour(field.strength, is_scale=is_scale) for field in fields],
                "line": {"width": 0},
                "cornerradius": 4,
            },
            text=[label_text(field.text) for field in fields],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": [_ink(field.strength, is_scale=is_scale) for field in fields], "size": 13},
            hovertext=[label_text(field.note, 200) for field in fields],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.update_xaxes(**_axis(columns), side="top", title=_title(column_title))
    figure.update_yaxes(**_axis(rows), title=_title(row_title))
    figure.update_yaxes(range=[max(1, len(rows)) - 0.5, -0.5])  # the first row on top
    return figure.update_layout(
        height=max(1, len(rows)) * FIELD_HEIGHT + (96 if column_title else 70),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        barmode="overlay",
        showlegend=False,
        dragmode=False,
        hoverlabel={"align": "left"},
    )


def _axis(names: Sequence[str]) -> dict[str, object]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": [label_text(name, LONGEST_NAME) for name in names],
        "range": [-0.5, max(1, len(names)) - 0.5],
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        "ticks": "",
        "automargin": True,
    }


def _title(words: str) -> dict[str, object]:
    return {"text": label_text(words), "font": {"color": INK, "size": 13}}


def _colour(strength: float | None, *, is_scale: bool) -> str:
    if strength is None:
        return "rgba(128,140,155,.10)"
    part = min(1.0, max(0.0, strength))
    if is_scale:
        mixed = [round(low + (high - low) * part) for low, high in zip(LOW, HIGH)]
        return f"rgba({mixed[0]},{mixed[1]},{mixed[2]},.85)"
    return f"rgba({HIGH[0]},{HIGH[1]},{HIGH[2]},{0.06 + 0.84 * part:.3f})"


def _ink(strength: float | None, *, is_scale: bool) -> str:
    """Return a text colour that can be read on the field, on a light and on a dark page."""
    if strength is None:
        return INK
    return "#ffffff" if is_scale or strength > 0.45 else INK
