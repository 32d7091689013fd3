"""Scores among good and bad, a line to move through them, and the lines that serve a goal."""

from __future__ import annotations

import streamlit as st

from pages.parts.charts import draw_choosing
from pages.parts.estimates import share_words
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.page_head import draw_note
from pages.parts.rate_chart import rate_cells, rate_mark
from pages.parts.url_view import put_in_url
from xlam_backend.charts.bars import interval_plot
from xlam_backend.charts.score_bars import BAD, ScoreBar, score_bars
from xlam_backend.review.calibration import CalibrationDetail
from xlam_backend.statistics.estimate import Estimate
from xlam_backend.statistics.threshold import Line, Suggestion


def draw_scores(detail: CalibrationDetail) -> None:
    """Draw the histogram with its line, and how often people say bad at each score."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Scores, and where to draw the line", anchor=False)
        line = _draw_line_choice(detail)
        bars = [
            ScoreBar(_middle(each.low, each.high), each.low, each.high, each.good, each.bad, each.unlabelled)
            for each in detail.histogram
        ]
        draw_choosing(score_bars(bars, line=line), key="scores", choose=_open_score)
        _draw_lines_table(detail)
    with right:
        st.subheader("Bad by score", anchor=False)
        draw_note(
            "Of the items with this score, how many people call bad. It should fall from top to bottom."
        )
        marks = [
            rate_mark(
                _middle(each.low, each.high),
                f"score {_middle(each.low, each.high)}",
                each.bad,
                value=f"{each.bad.hits:,} of {each.bad.total:,}",
                colour=BAD,
            )
            for each in detail.by_score
            if each.bad.total
        ]
        if marks:
            draw_choosing(interval_plot(marks, room=0.4), key="by_score", choose=_open_score)
        draw_as_table(
            ("Score", "Bad", "of", "Share", "95 % interval"),
            [LinkRow(f"{each.low:g} to {each.high:g}", rate_cells(each.bad)) for each in detail.by_score],
            label="As a table",
        )


def _draw_line_choice(detail: CalibrationDetail) -> float | None:
    """Draw the suggestions and the slider; returns where the line stands."""
    for suggestion in detail.suggestions:
        _draw_suggestion(suggestion)
    lines = detail.lines[:-1]  # the last flags everything
    if len(lines) < 2:
        return lines[0].threshold if lines else None
    places = [line.threshold for line in lines]
    wanted = _number(st.query_params.get("line", ""))
    suggested = next((each.line.threshold for each in detail.suggestions if each.line), places[0])
    nearest = min(places, key=lambda place: abs(place - (suggested if wanted is None else wanted)))
    st.session_state["line"] = nearest
    st.select_slider(
        "Flag scores up to",
        places,
        key="line",
        format_func=lambda place: f"{place:g}",
        on_change=lambda: put_in_url("line", f"{st.session_state['line']:g}"),
    )
    chosen = next(line for line in lines if line.threshold == nearest)
    draw_note(f"At this line: {_line_words(chosen)}")
    return nearest


def _draw_suggestion(suggestion: Suggestion) -> None:
    goal = (
        "Best F1"
        if suggestion.goal == "f1"
        else f"Most recall at a precision of {suggestion.least_precision * 100:g} % or more"
    )
    if suggestion.line is None:
        draw_note(f"{goal}: no line is suggested, because {suggestion.undefined_because}.")
        return
    held = suggestion.held_out
    tested = (
        ""
        if held is None
        else f" On items it was not chosen on: precision {_held_out(held.weighted_precision)}, recall "
        f"{_held_out(held.recall)}."
    )
    draw_note(f"{goal}: flag scores up to {suggestion.line.threshold:g}.{tested}")


def _held_out(shown: Estimate) -> str:
    value, words = share_words(shown)
    return f"{value} ({words}) of {shown.n:,}" if shown.value is not None and words else value


def _line_words(line: Line) -> str:
    return (
        f"{line.flagged:,} of the labelled items flagged, {line.caught:,} of them bad; for all there is: "
        f"precision {_share(line.precision)}, recall {_share(line.recall)}, F1 {_share(line.f1)}."
    )


def _draw_lines_table(detail: CalibrationDetail) -> None:
    draw_as_table(
        ("Flag up to", "Flagged", "Bad", "Precision", "Recall", "F1"),
        [
            LinkRow(
                f"{line.threshold:g}",
                (
                    f"{line.flagged:,}",
                    f"{line.caught:,}",
                    _share(line.precision),
                    _share(line.recall),
                    _share(line.f1),
                ),
            )
            for line in detail.lines
        ],
        label="Every line as a table",
    )


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value * 100:.1f} %"


def _middle(low: float, high: float) -> str:
    return f"{(low + high) / 2:g}"


def _open_score(key: str) -> None:
    put_in_url("score", str(round(float(key))))
    put_in_url("human", "")
    put_in_url("show", "all")


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
