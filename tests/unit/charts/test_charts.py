"""Charts show names from data as they are, keep a row for each, and know where a click leads."""

from __future__ import annotations

import pytest

from xlam_backend.charts.bars import (
    Bar,
    IntervalMark,
    StackedRow,
    count_bars,
    interval_plot,
    stacked_bars,
)
from xlam_backend.charts.chart_text import LONGEST_LABEL, label_text
from xlam_backend.charts.histogram import histogram
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.charts.matrix import Field, matrix
from xlam_backend.charts.paired_bars import PairedBar, paired_bars
from xlam_backend.domain.finding import LEVELS

MARKUP = "<b>x</b><a href='javascript:alert(1)'>y</a>"
NAMES = [MARKUP, "same", "same", "a" * 300 + "1", "a" * 300 + "2", "", "tab\tand\u202eturn"]


def marks(names, **fields):
    return [
        IntervalMark(str(index), name, 0.2, 0.1, 0.3, note=name, **fields) for index, name in enumerate(names)
    ]


FIGURES = {
    "counts": lambda names: count_bars(
        [Bar(str(index), name, index, note=name) for index, name in enumerate(names)], unit="calls"
    ),
    "stacked": lambda names: stacked_bars(
        [
            StackedRow(name, (Bar(str(index), name, 1), Bar(str(index), name, 2)))
            for index, name in enumerate(names)
        ],
        unit="calls",
    ),
    "intervals": lambda names: interval_plot(marks(names, value="1")),
    "agreement": lambda names: interval_plot(marks(names, value="1"), lowest=-0.4, is_share=False),
    "matrix": lambda names: matrix(
        names,
        names,
        [Field(index, index, str(index), name, name, 0.5) for index, name in enumerate(names)],
        is_scale=True,
    ),
    "pairs": lambda names: paired_bars(
        [PairedBar(str(index), name, 1, 2) for index, name in enumerate(names)], before="then", after="now"
    ),
}
every_figure = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)


def every_text(figure):
    """All texts of a figure that Plotly reads as HTML."""
    drawn = figure.to_dict()
    texts = list(drawn["layout"]["yaxis"]["ticktext"])
    texts += [note["text"] for note in drawn["layout"].get("annotations", ())]
    for trace in drawn["data"]:
        for field in ("text", "hovertext"):
            texts += list(trace.get(field) or ())
    return texts


@every_figure
def test_labels_are_escaped_and_cut(make):
    for text in every_text(make(NAMES)):
        assert "<" not in text
        assert "\u202e" not in text
        assert len(text) < 400


@every_figure
def test_equal_names_keep_rows_of_their_own(make):
    figure = make(NAMES).to_dict()
    assert list(figure["layout"]["yaxis"]["tickvals"]) == list(range(len(NAMES)))
    assert len(figure["layout"]["yaxis"]["ticktext"]) == len(NAMES)
    for trace in figure["data"]:
        assert list(trace["y"]) == list(range(len(NAMES)))


@every_figure
def test_every_row_can_be_clicked(make):
    keys = [str(index) for index in range(len(NAMES))]
    for trace in make(NAMES).to_dict()["data"]:
        assert list(trace["customdata"]) == keys


@every_figure
def test_nothing_to_show_is_still_a_figure(make):
    assert make([]).to_dict()["layout"]["height"] > 0


def test_an_interval_stands_around_its_share():
    points = interval_plot(marks(["one"], value="7  (20.0 %)")).to_dict()["data"][0]
    assert points["x"] == (0.2,) or list(points["x"]) == [0.2]
    assert list(points["error_x"]["array"]) == [pytest.approx(0.1)]
    assert list(points["error_x"]["arrayminus"]) == [pytest.approx(0.1)]


@pytest.mark.parametrize("high", [0.0004, 0.003, 0.04, 0.3, 0.97, 1.0])
def test_ticks_of_shares_are_few_and_begin_at_none(high):
    mark = IntervalMark("k", "one", high / 2, 0.0, high)
    ticks = list(interval_plot([mark]).to_dict()["layout"]["xaxis"]["tickvals"])
    assert ticks[0] == 0
    assert len(ticks) <= 6
    assert all(tick <= high * 1.12 for tick in ticks)


def test_a_histogram_says_from_where_to_where():
    bars = histogram([(0.0, 1.5, 2), (1.5, 3.0, 4)]).to_dict()["data"][0]
    assert list(bars["y"]) == [2, 4]
    assert list(bars["customdata"]) == ["0 to 1.5", "1.5 to 3"]


def test_levels_differ_in_word_shape_and_colour():
    assert set(LEVEL_LOOKS) == set(LEVELS)
    for field in ("word", "mark", "symbol", "fill", "meaning"):
        assert len({getattr(look, field) for look in LEVEL_LOOKS.values()}) == len(LEVELS)


def test_a_label_is_cut_before_it_is_escaped():
    assert label_text("&" * 100) == "&amp;" * LONGEST_LABEL + "…"
