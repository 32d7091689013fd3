"""Up to five rows of the leaderboard side by side: radar, bars, differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.leaderboard_address import in_url, put_keys
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_choice
from xlam_backend.bfcl.categories import Version
from xlam_backend.bfcl.columns import MAIN_COLUMNS, columns_of
from xlam_backend.charts.compared_scores import ScoredModel, grouped_score_bars, score_radar
from xlam_backend.leaderboard.compare import (
    MOST_COMPARED,
    Comparison,
    Delta,
    comparable_values,
    compare_keys,
)
from xlam_backend.leaderboard.rows import LeaderRow
from xlam_backend.leaderboard.view import source_text

_LEAST_AXES = 3


def draw_comparison(rows: tuple[LeaderRow, ...], version: Version) -> None:
    """Draw the comparison of the rows that the address names, if it names two or more."""
    keys = in_url("compare", rows)[:MOST_COMPARED]
    if len(keys) < 2:
        return
    found = read_cached("leaderboard_compared", compare_keys, version, keys)
    with st.container(border=True):
        head, close = st.columns([8, 1], vertical_alignment="center")
        head.subheader("Compared", anchor=False)
        close.button(
            "Close", icon=":material/close:", type="tertiary", on_click=put_keys, args=("compare", ())
        )
        _draw_names(found)
        choice, _ = st.columns([2, 5])
        with choice:
            shown = url_choice(
                "Columns compared", "compared", {"main": "the main ones", "all": "every column"}, usual="main"
            )
        names = MAIN_COLUMNS[version] if shown == "main" else tuple(columns_of(version))
        _draw_figures(found, names, version)
        _draw_deltas(found, names, version)


def _all_rows(found: Comparison) -> list[LeaderRow]:
    return [found.base, *(other.row for other in found.others)]


def _draw_names(found: Comparison) -> None:
    items = "".join(
        f"<li><span>{place} · <b>{text_html(row.model, 80)}</b></span>"
        f"<span>{text_html(source_text(row), 200)}</span></li>"
        for place, row in enumerate(_all_rows(found), 1)
    )
    st.html(f'<ul class="xs-list">{items}</ul>')


def _draw_figures(found: Comparison, names: Sequence[str], version: Version) -> None:
    rows = _all_rows(found)
    columns = columns_of(version)
    values = {name: comparable_values(rows, name) for name in names}
    some = [name for name in names if any(value is not None for value in values[name])]
    whole = [name for name in some if name != "overall" and None not in values[name]]
    if not some:
        draw_note("They have no column that can stand in a figure.")
        return
    left, right = st.columns([5, 6], gap="large")
    with left:
        if len(whole) >= _LEAST_AXES:
            titles = [columns[name].title for name in whole]
            draw_chart(score_radar(titles, _scored(rows, whole, values)), key="compared_radar")
        else:
            draw_note("A radar takes three columns that all of them have.")
    with right:
        titles = [columns[name].title for name in some]
        draw_chart(grouped_score_bars(titles, _scored(rows, some, values)), key="compared_bars")


def _scored(
    rows: Sequence[LeaderRow], names: Sequence[str], values: Mapping[str, Sequence[float | None]]
) -> list[ScoredModel]:
    return [
        ScoredModel(
            row.model,
            tuple(values[name][place] for name in names),
            tuple(row.intervals.get(name) if values[name][place] is not None else None for name in names),
        )
        for place, row in enumerate(rows)
    ]


def _draw_deltas(found: Comparison, names: Sequence[str], version: Version) -> None:
    columns = columns_of(version)
    heads = ("Column", "1", *(f"{place} minus 1" for place in range(2, len(found.others) + 2)))
    lines = [
        LinkRow(
            columns[name].title,
            (
                _value_words(found.base, name),
                *(_delta_words(other.deltas[name]) for other in found.others),
            ),
            words=columns[name].words,
        )
        for name in names
    ]
    st.html(table_html(heads, lines))
    draw_note(
        "Differences in percentage points, with their 95 % interval; ● marks those whose interval leaves "
        "zero out. Between own runs on the same questions the interval is that of pairs, with McNemar's "
        "mid-p. Where only some categories of a column were run by both, only these are compared."
    )


def _value_words(row: LeaderRow, name: str) -> str:
    value = row.values.get(name)
    if value is not None:
        return f"{value:.2f}"
    part = row.of_what_was_run.get(name)
    return "N/A" if part is None else f"N/A ({part:.2f} of what was run)"


def _delta_words(delta: Delta) -> str:
    if delta.value is None:
        return one_line(delta.because)
    words = f"{'● ' if delta.is_clear else ''}{delta.value:+.2f}"
    if delta.low is not None and delta.high is not None:
        words += f" ({delta.low:+.1f} to {delta.high:+.1f})"
    if delta.categories < delta.of_categories:
        words += f", {delta.categories} of {delta.of_categories} categories"
    if delta.test is not None:
        words += f"; won {delta.test.only_second:,}, lost {delta.test.only_first:,}"
        if delta.test.mid_p is not None:
            words += f", p = {delta.test.mid_p:.2g}"
    return words
