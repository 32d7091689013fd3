"""The charts of the Overview: what is wrong by check, the way from raw to mended, error rates by source."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.charts import draw_chart, draw_clickable
from pages.parts.levels import level_chip
from pages.parts.link_table import LinkRow, draw_as_table, explore_address
from pages.parts.names import check_title, source_title
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.routes import IMPORT, link_to_explore, open_explore
from pages.parts.signed_in import current_person
from xlam_backend.charts.bars import Bar, IntervalMark, StackedRow, interval_plot, stacked_bars
from xlam_backend.charts.funnel import funnel
from xlam_backend.charts.levels import LEVEL_LOOKS, look_of
from xlam_backend.domain.person import may
from xlam_backend.explore.overview import CheckCount, Overview
from xlam_backend.owner.check_work import start_check
from xlam_backend.statistics.intervals import show_rate

MOST_BARS = 12
MOST_SOURCES = 15


def draw_charts(overview: Overview) -> None:
    """Draw everything below the numbers."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_errors(overview)
    with right:
        st.subheader("From raw to mended", anchor=False)
        stages, trajectories = overview.funnel, overview.totals.trajectory_count
        wholes = [stages[0].count, stages[0].count, trajectories, trajectories]
        draw_chart(
            funnel(
                [s.name for s in stages], [s.count for s in stages], [s.explanation for s in stages], wholes
            ),
            key="funnel",
        )
        draw_note(
            f"Read and kept count records, in % of the {stages[0].count:,} read (read = kept + rejected). "
            f"Flagged and fixed count trajectories, in % of all {trajectories:,}: equal records make one. "
            "Flagged falls and fixed rises with every fix."
        )
    _draw_sources(overview)


def _draw_errors(overview: Overview) -> None:
    st.subheader("What is wrong", anchor=False)
    errors = overview.checks_at("reject", "fix")
    if overview.totals.unchecked_count:
        draw_note(f"{overview.totals.unchecked_count:,} trajectories have not been checked yet.")
        if may(current_person(), "check") and st.button(
            "Check them", icon=":material/rule:", key="check_rest"
        ):
            start_check(person=current_person())
            st.switch_page(IMPORT)  # where background work shows how far it is
    if not errors:
        draw_empty("No check found an error.", "Import more data, or look at what was checked under Checks.")
        return
    draw_note("Trajectories with an error, by check. A click on a bar opens them.")
    draw_clickable(stacked_bars(_rows(errors), unit="trajectories"), key="errors", open_key=_open)
    legend = " &nbsp; ".join(
        f"{level_chip(level)} {LEVEL_LOOKS[level].meaning}" for level in ("reject", "fix")
    )
    st.html(f'<p class="xs-note">{legend}</p>')
    with st.expander("The same as a list"):
        for count in errors:
            _link(count)
    others = overview.checks_at("warn", "judge")
    if others:
        with st.expander(f"Worth a look: {len(others)} more checks that warn or select"):
            for count in others:
                _link(count)


def _rows(errors: Sequence[CheckCount]) -> list[StackedRow]:
    by_check: dict[str, list[CheckCount]] = {}
    for count in errors:
        by_check.setdefault(count.check, []).append(count)
    largest = sorted(by_check.items(), key=lambda item: -sum(count.trajectory_count for count in item[1]))
    return [
        StackedRow(check_title(check), tuple(_bar(count) for count in counts))
        for check, counts in largest[:MOST_BARS]
    ]


def _bar(count: CheckCount) -> Bar:
    look = look_of(count.level)
    return Bar(
        key=f"{count.check} {count.level}",
        label=look.word,
        count=count.trajectory_count,
        note=look.mark,
        colour=look.fill,
    )


def _open(key: str) -> None:
    check, level = key.split()
    open_explore(check=check, level=level)


def _link(count: CheckCount) -> None:
    look = look_of(count.level)
    link_to_explore(
        f"{look.mark} {check_title(count.check)}: {count.trajectory_count:,}",
        check=count.check,
        level=count.level,
    )


def _draw_sources(overview: Overview) -> None:
    st.subheader("Error rates by source", anchor=False)
    rows = [row for row in overview.by_source if row.flagged.share is not None]
    which = f" The {MOST_SOURCES} largest sources; the table has all." if len(rows) > MOST_SOURCES else ""
    draw_note(f"Share of trajectories with an error, with its 95 % interval. A click opens them.{which}")
    marks = [
        IntervalMark(
            key=row.source,
            label=source_title(row.source),
            share=row.flagged.share or 0.0,
            low=row.flagged.low or 0.0,
            high=row.flagged.high or 0.0,
            note=show_rate(row.flagged),
        )
        for row in rows[:MOST_SOURCES]
    ]
    draw_clickable(
        interval_plot(marks),
        key="sources",
        open_key=lambda source: open_explore(source=source, level="flagged"),
    )
    draw_as_table(
        ("Source", "Trajectories with an error", "Wrong calls"),
        [
            LinkRow(
                source_title(row.source),
                (show_rate(row.flagged), show_rate(row.wrong_calls)),
                explore_address(source=row.source, level="flagged"),
            )
            for row in rows
        ],
    )
