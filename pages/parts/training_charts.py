"""The curves of training runs on a page: the loss wide, the others beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.page_head import draw_note
from pages.parts.safe_text import text_html
from pages.parts.url_widgets import url_choice
from xlam_backend.charts.training_curves import training_chart
from xlam_backend.training.curve_panels import CurvesOfRun, DrawnPanel, draw_panels

_SMOOTH = {
    "fitting": "as long as fits the run",
    "none": "the values alone",
    "light": "light (0.6)",
    "middle": "middle (0.9)",
    "strong": "strong (0.99)",
    "stronger": "very strong (0.999)",
}
_WEIGHTS = {"fitting": None, "none": 0.0, "light": 0.6, "middle": 0.9, "strong": 0.99, "stronger": 0.999}
_SCALE = {"linear": "linear", "log": "logarithmic"}
_IN_A_ROW = 3
_WIDE = 320
_POINTS, _LIVE_POINTS = 1_200, 300  # of a line; the live ones are drawn again and again


def draw_training_charts(runs: Sequence[CurvesOfRun], *, key: str, is_live: bool = False) -> None:
    """Draw every figure that these runs told of; what is chosen of smoothing and scale stands in the URL.

    Of a run at work the first ones; the others are drawn when they are unfolded.
    """
    if not any(run.curves.series for run in runs):
        draw_note("The trainer has told no figures yet; they come with its first steps.")
        return
    left, middle, _ = st.columns([2, 2, 5])
    with left:
        smoothing = url_choice("Running mean", "smooth", _SMOOTH, usual="fitting")
    with middle:
        scale = url_choice("Scale of loss and gradients", "scale", _SCALE, usual="linear")
    points = _LIVE_POINTS if is_live else _POINTS
    panels = draw_panels(runs, weight=_WEIGHTS[smoothing], most_points=points)
    if not panels:
        return
    is_log = scale == "log"
    _draw_panel(panels[0], is_log=is_log, height=_WIDE, key=key)
    if not is_live:
        _draw_rows(panels[1:], is_log=is_log, key=key)
        return
    at_once, more = panels[1 : 1 + _IN_A_ROW], panels[1 + _IN_A_ROW :]
    _draw_rows(at_once, is_log=is_log, key=key)
    if more:
        box = st.expander(_names(more), icon=":material/show_chart:", key=f"{key}_more", on_change="rerun")
        if box.open:
            with box:
                _draw_rows(more, is_log=is_log, key=key)


def _names(panels: Sequence[DrawnPanel]) -> str:
    """Name the panels that are known here; the trainer's own names do not belong where Markdown is read."""
    known = [drawn.panel.title for drawn in panels if drawn.panel.words]
    others = len(panels) - len(known)
    return ", ".join([*known, f"{others:,} more"] if others else known)


def _draw_rows(panels: Sequence[DrawnPanel], *, is_log: bool, key: str) -> None:
    for first in range(0, len(panels), _IN_A_ROW):
        for panel, column in zip(panels[first : first + _IN_A_ROW], st.columns(_IN_A_ROW)):
            with column:
                _draw_panel(panel, is_log=is_log, height=None, key=key)


def _draw_panel(drawn: DrawnPanel, *, is_log: bool, height: int | None, key: str) -> None:
    panel = drawn.panel
    hint = (
        f' <span class="xs-chip xs-plain" tabindex="0" title="{text_html(panel.words)}">?</span>'
        if panel.words
        else ""
    )
    st.html(f'<h4 class="xs-part">{text_html(panel.title, 60)}{hint}</h4>')
    figure = training_chart(
        drawn.lines,
        marks=drawn.marks,
        is_log=is_log and panel.can_log,
        is_share=panel.is_share,
        **({} if height is None else {"height": height}),
    )
    draw_chart(figure, key=f"{key}_{panel.key}")
