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


def draw_training_charts(runs: Sequence[CurvesOfRun], *, key: str) -> None:
    """Draw every figure that these runs told of; what is chosen of smoothing and scale stands in the URL."""
    if not any(run.curves.series for run in runs):
        draw_note("The trainer has told no figures yet; they come with its first steps.")
        return
    left, middle, _ = st.columns([2, 2, 5])
    with left:
        smoothing = url_choice("Running mean", "smooth", _SMOOTH, usual="fitting")
    with middle:
        scale = url_choice("Scale of loss and gradients", "scale", _SCALE, usual="linear")
    panels = draw_panels(runs, weight=_WEIGHTS[smoothing])
    if not panels:
        return
    _draw_panel(panels[0], is_log=scale == "log", height=_WIDE, key=key)
    rest = panels[1:]
    for first in range(0, len(rest), _IN_A_ROW):
        for panel, column in zip(rest[first : first + _IN_A_ROW], st.columns(_IN_A_ROW)):
            with column:
                _draw_panel(panel, is_log=scale == "log", height=None, key=key)


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
