"""What a search found in numbers: the threshold and what it would mean, and the pairs by their class."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.counted import counted
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.near_duplicate_review import draw_review, precision_of, precision_words
from pages.parts.near_duplicate_state import HIGHEST_THRESHOLD, NearView, lowest_threshold, near_params
from pages.parts.near_duplicate_words import CLASS_VERBS
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.charts.threshold_curve import PrecisionMark, ThresholdStep
from xlam_backend.charts.threshold_curve import threshold_curve as threshold_chart
from xlam_backend.dedupe.clusters import count_classes, threshold_curve
from xlam_backend.dedupe.decided import count_decided
from xlam_backend.domain.near_duplicate import CLASS_TITLES, PAIR_CLASSES, CurvePoint, PairClass
from xlam_backend.review.duplicate_precision import PrecisionAt
from xlam_backend.statistics.intervals import rate, show_interval, show_share

_SLIDER = "url_at"
_CLASS_LOOKS: dict[PairClass, str] = {
    "duplicate": "xs-fix",
    "same_query_other_arguments": "xs-good",
    "paraphrase": "xs-good",
    "same_tools_only": "xs-good",
    "unrelated": "xs-good",
}


def draw_numbers(view: NearView) -> None:
    """Draw the page's few numbers at the threshold of the address."""
    search, point = view.search, point_at(view)
    judged = precision_of(view).at(view.threshold).share
    decided = read_cached("near_decided", count_decided, search.search_no, threshold=view.threshold)
    draw_facts(
        [
            Fact(f"{search.row_count:,}", "rows compared", f"{search.text_count:,} different requests"),
            Fact(
                f"{point.cluster_count:,}",
                "clusters of duplicates",
                f"{decided.open_count:,} of them undecided",
            ),
            Fact(
                f"{point.going_count:,}",
                "rows would go",
                f"{show_share(rate(point.going_count, search.row_count))} of them; {decided.dropped_count:,} "
                "dropped so far",
            ),
            Fact(
                show_share(judged) if judged.total else "–",
                "of pairs are duplicates",
                f"{show_interval(judged)}, {counted(judged.total, 'pair')} reviewed"
                if judged.total
                else "not measured yet: nobody reviewed pairs",
            ),
        ]
    )
    for words in _left_out(view):
        draw_note(words)


def draw_threshold(view: NearView) -> None:
    """Draw the slider, what would go at each threshold, and how right that was found to be."""
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        _draw_slider(view)
    with right:
        points = _curve(view)
        known = precision_of(view)
        marks = [_mark(each) for each in known.points if each.source]
        steps = [ThresholdStep(point.threshold, point.going_count) for point in points]
        draw_chart(threshold_chart(steps, marks, chosen=view.threshold), key="near_curve")
    draw_as_table(
        ("Threshold", "Clusters", "Rows that would go", "Measured precision"),
        [_row(point, known.at(point.threshold)) for point in points],
    )
    draw_review(view)


def draw_classes(view: NearView) -> None:
    """Draw how many pairs there are of each class on one line."""
    counts = class_counts(view)
    chips = " &nbsp; ".join(
        f'<span style="white-space:nowrap"><span class="xs-chip {_CLASS_LOOKS[name]}">{CLASS_VERBS[name]}'
        f"</span> {CLASS_TITLES[name].lower()}: <b>{counts[name]:,}</b></span>"
        for name in PAIR_CLASSES
    )
    st.html(f'<p class="xs-note">Pairs: &nbsp; {chips}. Pairs by class says why.</p>')


def class_counts(view: NearView) -> dict[PairClass, int]:
    """Return how many pairs there are of each class at the threshold of the address."""
    return read_cached("near_classes", count_classes, view.search.search_no, threshold=view.threshold)


def point_at(view: NearView) -> CurvePoint:
    """Return what the threshold of the address means."""
    points = _curve(view)
    return min(points, key=lambda point: abs(point.threshold - view.threshold))


def _curve(view: NearView) -> Sequence[CurvePoint]:
    return read_cached("near_curve", threshold_curve, view.search.search_no)


def _draw_slider(view: NearView) -> None:
    st.session_state[_SLIDER] = view.threshold
    st.slider(
        "Similarity from which alike words count as the same",
        lowest_threshold(view.search),
        HIGHEST_THRESHOLD,
        step=0.01,
        key=_SLIDER,
        on_change=_take_threshold,
    )
    known = precision_of(view).at(view.threshold)
    if known.source:
        draw_note(f"Precision of the pairs from here up: {precision_words(known)}.")
    else:
        draw_note(
            "How many of these pairs are truly duplicates was not measured yet: that takes people who "
            "look at some of them."
        )


def _take_threshold() -> None:
    put_in_url("at", f"{st.session_state[_SLIDER]:.2f}")


def _mark(known: PrecisionAt) -> PrecisionMark:
    judged = known.share
    return PrecisionMark(
        known.threshold,
        judged.share or 0.0,
        judged.low or 0.0,
        judged.high or 0.0,
        f"from {known.threshold:.2f}: {precision_words(known)}",
    )


def _row(point: CurvePoint, known: PrecisionAt) -> LinkRow:
    cells = (
        f"{point.cluster_count:,}",
        f"{point.going_count:,}",
        precision_words(known),
    )
    return LinkRow(f"{point.threshold:.2f}", cells, "near_duplicates?" + _at(point.threshold))


def _at(threshold: float) -> str:
    return urlencode(near_params(at=f"{threshold:.2f}"))


def _left_out(view: NearView) -> list[str]:
    search = view.search
    words = []
    if search.no_text_count:
        words.append(
            f"Left out, {search.no_text_count:,}: nothing is asked in them, so there is nothing to compare."
        )
    if search.cut_count:
        words.append(
            f"{counted(search.cut_count, 'request')} longer than what the model reads: two different ones of "
            "which it read only the beginning never count as duplicates."
        )
    return words
