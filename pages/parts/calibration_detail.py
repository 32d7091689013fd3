"""One check or judge held against people: every number, every plot, and the items behind them."""

from __future__ import annotations

import streamlit as st

from pages.parts.calibration_list import voice_title
from pages.parts.calibration_scores import draw_scores
from pages.parts.charts import draw_choosing, draw_clickable
from pages.parts.estimates import share_words
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import DESK
from pages.parts.safe_text import text_html
from pages.parts.url_view import put_in_url
from xlam_backend.charts.length_scatter import MeanMark, ScatterPoint, length_scatter
from xlam_backend.charts.matrix import Field, matrix
from xlam_backend.review.calibration import LENGTHS, Calibration, CalibrationDetail
from xlam_backend.statistics.confusion import ConfusionMatrix
from xlam_backend.statistics.estimate import Estimate, show_bounds, show_estimate, show_value
from xlam_backend.statistics.intervals import show_interval, show_rate, show_share

_CELLS = {"0 0": "caught", "0 1": "false_alarm", "1 0": "missed", "1 1": "passed"}


def draw_detail(detail: CalibrationDetail) -> None:
    """Draw one voice, without the items behind it."""
    calibration = detail.calibration
    # The name of a model is data: a subheader would read it as Markdown.
    st.html(f'<h2 class="xs-tool-name">{text_html(voice_title(calibration.voice))}</h2>')
    if calibration.is_scripted:
        st.html(f"<p>{scripted_chip()}</p>")
    draw_facts(_facts(calibration))
    _draw_budget(calibration)
    left, right = st.columns(2, gap="large")
    with left:
        _draw_flags(detail)
    with right:
        if detail.ratings is not None:
            _draw_ratings(detail, detail.ratings)
        else:
            _draw_length(detail)
    if detail.histogram:
        draw_scores(detail)
    if detail.ratings is not None:
        _draw_length(detail)


def _facts(calibration: Calibration) -> list[Fact]:
    quality = calibration.quality
    open_count = calibration.answered_count - calibration.settled_count
    return [
        Fact(f"{calibration.settled_count:,}", "items settled", f"{open_count:,} more are answered and open"),
        Fact(
            show_share(quality.precision),
            "precision",
            f"{show_interval(quality.precision)} of {quality.precision.total:,} flagged",
        ),
        _recall_fact(quality.recall),
        _estimate_fact(quality.f1, "F1, weighted"),
        _estimate_fact(quality.kappa, "kappa of the flag, weighted"),
    ]


def _recall_fact(shown: Estimate) -> Fact:
    value, words = share_words(shown)
    return Fact(value, "recall, weighted", words if shown.value is None else f"{words} of {shown.n:,}")


def _estimate_fact(shown: Estimate, label: str) -> Fact:
    detail = f"{show_bounds(shown)} of {shown.n:,}" if shown.value is not None else shown.undefined_because
    return Fact(show_value(shown), label, detail)


def _draw_budget(calibration: Calibration) -> None:
    budget, have = calibration.budget, calibration.quality
    wanted = (
        ("precision", budget.precision, have.precision.total, "flagged items"),
        ("recall", budget.recall, have.recall.n, "items, flagged and not"),
        ("kappa", budget.kappa, have.kappa.n, "items, flagged and not"),
    )
    parts = [
        f"{name}: {'enough' if count <= got else f'about {count - got:,} more {what}'}"
        for name, count, got, what in wanted
        if count is not None
    ]
    if parts:
        draw_note("Labels for an interval of ±0.10: " + "; ".join(parts) + ".")


def _draw_flags(detail: CalibrationDetail) -> None:
    st.subheader("Flag against people", anchor=False)
    quality = detail.calibration.quality
    draw_note("Items that were settled. A click shows them.")

    def open_cell(key: str) -> None:
        _show(show=_CELLS[key])

    draw_choosing(
        matrix(
            ("flagged", "not flagged"),
            ("people say bad", "people say fine"),
            _fields(detail.flags, "flag"),
        ),
        key="flags",
        choose=open_cell,
    )
    draw_note(
        "Of all that was flagged, weighted by how it was drawn: precision "
        f"{show_estimate(quality.weighted_precision)}."
    )


def _draw_ratings(detail: CalibrationDetail, ratings: ConfusionMatrix) -> None:
    st.subheader("Score against human rating", anchor=False)
    draw_note(
        f"Within one point: {show_rate(detail.within_one)}. Kappa weighted by squared distance: "
        f"{show_estimate(detail.rating_kappa)}."
    )

    def open_cell(key: str) -> None:
        row, _, column = key.partition(" ")
        _show(show="all", score=str(int(row) + 1), human=str(int(column) + 1))

    draw_choosing(
        matrix(
            ratings.labels,
            ratings.labels,
            _fields(ratings, "score"),
            row_title="judge",
            column_title="people",
        ),
        key="ratings",
        choose=open_cell,
    )


def _fields(confusion: ConfusionMatrix, what: str) -> list[Field]:
    most = max((count for row in confusion.counts for count in row), default=0) or 1
    fields = []
    for row, counts in enumerate(confusion.counts):
        total = sum(counts) or 1
        for column, count in enumerate(counts):
            names = f"{what} {confusion.labels[row]}, people {confusion.labels[column]}"
            weight = confusion.weighted[row][column]
            fields.append(
                Field(
                    row,
                    column,
                    f"{row} {column}",
                    f"{count:,}",
                    f"{names}: {count:,} ({count / total * 100:.0f} % of the row), for about {weight:,.0f}",
                    count / most,
                )
            )
    return fields


def _draw_length(detail: CalibrationDetail) -> None:
    st.subheader("Length", anchor=False)
    view = detail.length
    st.session_state["length"] = view.measure
    st.segmented_control(
        "Measured in",
        list(LENGTHS),
        format_func=LENGTHS.__getitem__,
        key="length",
        on_change=lambda: put_in_url("length", st.session_state["length"]),
    )
    correlation = view.bias.correlation
    draw_note(
        f"Rank correlation of length with judge minus people: {show_estimate(correlation)}. Above 0 the "
        "judge is kinder to what is long. Points are items (a click opens one), diamonds the means of "
        "similar lengths."
    )
    if not view.points:
        return
    figure = length_scatter(
        [ScatterPoint(str(point.item_no), point.length, point.error) for point in view.points],
        [
            MeanMark(
                (group.shortest + group.longest) / 2,
                group.mean_error,
                group.low,
                group.high,
                f"{group.shortest:,} to {group.longest:,}: {group.mean_error:+.2f} "
                f"({group.low:+.2f} to {group.high:+.2f}) of {group.n:,}",
            )
            for group in view.bias.groups
        ],
        axis=LENGTHS[view.measure],
    )
    draw_clickable(
        figure, key="length_plot", open_key=lambda item: st.switch_page(DESK, query_params={"item": item})
    )
    draw_as_table(
        (LENGTHS[view.measure].capitalize(), "Items", "Judge minus people", "95 % interval"),
        [
            LinkRow(
                f"{group.shortest:,} to {group.longest:,}",
                (f"{group.n:,}", f"{group.mean_error:+.2f}", f"{group.low:+.2f} to {group.high:+.2f}"),
            )
            for group in view.bias.groups
        ],
        label="As a table",
    )


def _show(**params: str) -> None:
    for name in ("score", "human"):
        put_in_url(name, params.get(name, ""))
    put_in_url("show", params["show"])
