"""Errors: how often each check finds something, where, what goes together, and what fixing changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.parts.charts import draw_clickable
from pages.parts.error_together import draw_together
from pages.parts.error_tool_checks import draw_tool_checks
from pages.parts.link_table import LinkRow, check_address, draw_as_table, explore_address
from pages.parts.names import check_title, source_title
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.rate_chart import rate_cells, rate_mark
from pages.parts.routes import EXPLORE, IMPORT, TOOLS, open_explore
from pages.parts.safe_text import name_text, show_hidden
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_select
from xlam_backend.charts.bars import interval_plot
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.charts.paired_bars import PairedBar, paired_bars
from xlam_backend.domain.finding import ERROR_LEVELS
from xlam_backend.explore.error_statistics import (
    CheckRate,
    ErrorReport,
    GroupRate,
    read_error_report,
    write_csv,
)
from xlam_backend.statistics.intervals import show_rate, show_share
from xlam_backend.explore.search import read_filter_choices

NARROW_ROOM = 0.85  # of the longest interval, for the numbers behind it
MOST_BARS = 12  # longer lists go on in the table under the chart


def draw_report(report: ErrorReport) -> None:
    """Draw a report that holds something."""
    draw_facts(_facts(report))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_checks(report)
        _draw_tools(report)
    with right:
        _draw_datasets(report)
        _draw_steps(report)
    with left if _is_right_longer(report) else right:
        _draw_before_after(report)
    draw_together(report.pairs)
    draw_tool_checks(report)
    _draw_not_checked(report)


def _is_right_longer(report: ErrorReport) -> bool:
    beside = (report.by_dataset, report.by_source, report.by_step)
    errors = [found for found in report.by_check if found.level in ERROR_LEVELS]
    return sum(len(groups[:MOST_BARS]) for groups in beside) > sum(
        len(groups[:MOST_BARS]) for groups in (errors, report.by_tool)
    )


def _facts(report: ErrorReport) -> list[Fact]:
    errors = [found for found in report.by_check if found.level in ERROR_LEVELS]
    findings = sum(found.finding_count for found in errors)
    speaking = len({found.check for found in errors})
    looked = max((found.trajectories.total for found in report.by_check), default=0)
    facts = [
        Fact(f"{looked:,}", "trajectories checked", "current versions"),
        Fact(
            f"{findings:,}",
            "errors found",
            f"by {speaking} checks, level reject or fix",
            "alarm" if findings else "fine",
        ),
    ]
    if errors:
        worst = errors[0]
        facts.append(
            Fact(
                show_share(worst.trajectories),
                "of trajectories have the most frequent error",
                f"{check_title(worst.check)}, level {worst.level}",
            )
        )
    return facts


def _draw_checks(report: ErrorReport) -> None:
    st.subheader("By check", anchor=False)
    errors = [found for found in report.by_check if found.level in ERROR_LEVELS]
    others = [found for found in report.by_check if found.level not in ERROR_LEVELS]
    if errors:
        draw_note(
            "Trajectories with an error, and their share of those that were checked, with its 95 % interval. "
            "A click on a row opens them."
        )
        _draw_check_chart(errors[:MOST_BARS], report.dataset, key="by_check")
        _draw_check_table(errors, report.dataset)
    else:
        draw_note("No check found an error (level reject or fix).")
    if others:
        with st.expander(
            f"Worth a look: {len(others)} more rows of checks that warn or select", expanded=not errors
        ):
            _draw_check_chart(others[:MOST_BARS], report.dataset, key="by_other_check")
            _draw_check_table(others, report.dataset)


def _draw_check_chart(rates: Sequence[CheckRate], dataset: str, *, key: str) -> None:
    marks = [
        rate_mark(
            f"{found.check} {found.level}",
            f"{check_title(found.check)} {LEVEL_LOOKS[found.level].mark}",
            found.trajectories,
            level=found.level,
            value=f"{found.trajectories.hits:,}  ({show_share(found.trajectories)})",
        )
        for found in rates
    ]

    def open_check(key: str) -> None:
        check, level = key.split()
        open_explore(check=check, level=level, dataset=dataset)

    draw_clickable(interval_plot(marks), key=key, open_key=open_check)


def _draw_check_table(rates: Sequence[CheckRate], dataset: str) -> None:
    draw_as_table(
        ("Check", "Level", "Trajectories", "of", "Share", "95 % interval", "Findings"),
        [
            LinkRow(
                check_title(found.check),
                (
                    f"{LEVEL_LOOKS[found.level].mark} {found.level}",
                    *rate_cells(found.trajectories),
                    f"{found.finding_count:,}",
                ),
                explore_address(check=found.check, level=found.level, dataset=dataset),
            )
            for found in rates
        ],
    )


def _draw_datasets(report: ErrorReport) -> None:
    if report.dataset:
        return
    _draw_trajectory_groups("dataset", report.by_dataset, show=show_hidden, filter_name="dataset")
    if len(report.by_source) > 1:
        _draw_trajectory_groups("source", report.by_source, show=source_title, filter_name="source")


def _draw_trajectory_groups(
    what: str, groups: Sequence[GroupRate], *, show: Callable[[str], str], filter_name: str
) -> None:
    st.subheader(f"By {what}", anchor=False)
    draw_note("Trajectories with an error.")
    marks = [
        rate_mark(
            group.name, show(group.name), group.rate, value=f"{group.rate.hits:,}  ({show_share(group.rate)})"
        )
        for group in groups[:MOST_BARS]
    ]
    draw_clickable(
        interval_plot(marks, room=NARROW_ROOM),
        key=f"by_{what}",
        open_key=lambda name: open_explore(**{filter_name: name}, level="flagged"),
    )
    draw_as_table(
        (what.capitalize(), "Trajectories", "of", "Share", "95 % interval"),
        [
            LinkRow(
                show(group.name),
                rate_cells(group.rate),
                explore_address(**{filter_name: group.name}, level="flagged"),
            )
            for group in groups
        ],
    )


def _draw_tools(report: ErrorReport) -> None:
    st.subheader("By tool", anchor=False)
    if not report.by_tool:
        draw_note("No call is wrong.")
        return
    draw_note("Share of a tool's calls that are wrong, for the tools with most of them. A click opens them.")
    _draw_call_chart(
        report.by_tool, "tool", lambda name: open_explore(tool=name, level="flagged", dataset=report.dataset)
    )
    _draw_call_table(
        "Tool",
        report.by_tool,
        lambda name: explore_address(tool=name, level="flagged", dataset=report.dataset) if name else "",
    )
    st.page_link(TOOLS, label="All tools", icon=":material/build:", query_params={"sort": "wrong"})


def _draw_steps(report: ErrorReport) -> None:
    st.subheader("By step", anchor=False)
    if not report.by_step:
        draw_note("There are no calls to count.")
        return
    draw_note("Share of the calls at each step that are wrong. A click opens the trajectories.")
    _draw_call_chart(
        report.by_step,
        "step",
        lambda name: open_explore(step=int(name) - 1, level="flagged", dataset=report.dataset),
        prefix="step ",
    )
    _draw_call_table(
        "Step",
        report.by_step,
        lambda name: explore_address(step=int(name) - 1, level="flagged", dataset=report.dataset),
    )


def _draw_call_chart(
    groups: Sequence[GroupRate], what: str, open_name: Callable[[str], None], *, prefix: str = ""
) -> None:
    marks = [
        rate_mark(
            str(index),
            prefix + name_text(group.name),
            group.rate,
            value=show_share(group.rate),
            note=f"{show_rate(group.rate)} calls, in {group.trajectory_count:,} trajectories",
        )
        for index, group in enumerate(groups[:MOST_BARS])
    ]

    def open_group(key: str) -> None:
        # Explore takes an empty name for any: there is nothing to open.
        if name := groups[int(key)].name:
            open_name(name)

    draw_clickable(interval_plot(marks), key=f"by_{what}", open_key=open_group)


def _draw_call_table(head: str, groups: Sequence[GroupRate], address: Callable[[str], str]) -> None:
    draw_as_table(
        (head, "Trajectories", "Wrong calls", "of", "Share", "95 % interval"),
        [
            LinkRow(group.name, (f"{group.trajectory_count:,}", *rate_cells(group.rate)), address(group.name))
            for group in groups
        ],
    )


def _draw_before_after(report: ErrorReport) -> None:
    st.subheader("Before and after fixes", anchor=False)
    if not report.fixed_count:
        draw_note("Nothing has been fixed yet. Open a flagged trajectory to see the repair it proposes.")
        st.page_link(
            EXPLORE,
            label="Trajectories with a safe fix",
            icon=":material/build_circle:",
            query_params={"fixed": "fixable", **({"dataset": report.dataset} if report.dataset else {})},
        )
        return
    draw_note(
        f"Errors of the {report.fixed_count:,} fixed trajectories, as imported and today. A click opens them."
    )
    bars = [
        PairedBar(row.check, check_title(row.check), row.before, row.after) for row in report.before_after
    ]
    draw_clickable(
        paired_bars(bars, before="as imported", after="today"),
        key="before_after",
        open_key=lambda _: open_explore(fixed="fixed", dataset=report.dataset),
    )
    draw_as_table(
        ("Check", "As imported", "Today"),
        [LinkRow(bar.label, (f"{bar.before:,}", f"{bar.after:,}"), check_address(bar.key)) for bar in bars],
        label="As a table",
    )
    st.page_link(
        EXPLORE,
        label=f"The {report.fixed_count:,} fixed trajectories",
        icon=":material/search:",
        query_params={"fixed": "fixed", **({"dataset": report.dataset} if report.dataset else {})},
    )


def _draw_not_checked(report: ErrorReport) -> None:
    if not report.not_checked:
        return
    count = len({check for check, _, _ in report.not_checked})
    with st.expander(f"Not checked: {count} checks could not look at everything"):
        st.dataframe(
            {
                "check": [check_title(check) for check, _, _ in report.not_checked],
                "trajectories": [count for _, _, count in report.not_checked],
                "reason": [show_hidden(reason) for _, reason, _ in report.not_checked],
            },
            hide_index=True,
        )


draw_head("Errors", "How often each check finds something, where it happens, and what fixing has changed.")
choices = read_cached("choices", read_filter_choices)
if not choices.datasets:
    draw_empty("The store is empty.", "Import a file, a folder or a public data set first.")
    st.page_link(IMPORT, label="Import data", icon=":material/upload:")
else:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        chosen = url_select(
            "Dataset", "dataset", choices.datasets, show=show_hidden, placeholder="the whole store"
        )
    shown = read_cached("errors", read_error_report, chosen)
    with right:
        st.download_button(
            "Download CSV",
            data=lambda: write_csv(shown),
            file_name="xlam-studio-errors.csv",
            mime="text/csv",
            icon=":material/download:",
            disabled=shown.is_empty,
        )
    if shown.is_empty:
        draw_empty("No check found anything.", "Either the data is clean, or it has not been checked yet.")
    else:
        draw_report(shown)
