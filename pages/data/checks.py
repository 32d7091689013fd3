"""Checks: what each rule sees, why it hurts, a bad and a good example, and what it has found here."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.parts.levels import level_chip
from pages.parts.link_table import LinkRow, explore_address, table_html
from pages.parts.page_head import Fact, draw_facts, draw_head, draw_note
from pages.parts.rate_chart import rate_cells
from pages.parts.routes import TOOLS
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.checks.base import Check
from xlam_backend.checks.explanation import explain
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.explore.error_statistics import ErrorReport, read_error_report

_SCOPES = {
    "tool": "looks at each tool's description",
    "toolset": "looks at the tools a trajectory offers",
    "call": "looks at each tool call",
    "trajectory": "looks at the whole trajectory",
}
_BY_NAME = {check.name: check for check in ALL_CHECKS}


def draw_checks(report: ErrorReport) -> None:
    """Draw the list of checks, and beside it the one that the URL names."""
    wanted = st.query_params.get("check", "")
    st.session_state["chosen_check"] = wanted if wanted in _BY_NAME else ALL_CHECKS[0].name
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.radio(
            "Check",
            list(_BY_NAME),
            format_func=lambda name: _list_label(_BY_NAME[name], report),
            key="chosen_check",
            on_change=_take_over,
            label_visibility="collapsed",
        )
    with right:
        chosen = _BY_NAME[st.session_state["chosen_check"]]
        _draw_check(chosen)
        _draw_found(chosen, report)
    _draw_reference()


def _take_over() -> None:
    put_in_url("check", st.session_state["chosen_check"])


def _list_label(check: Check, report: ErrorReport) -> str:
    # Our own words and numbers only: labels are read as Markdown.
    found = sum(one.finding_count for one in report.by_check if one.check == check.name)
    found += sum(one.tools.hits for one in report.tool_checks if one.check == check.name)
    count = f" · {found:,}" if found else ""
    return f"{LEVEL_LOOKS[check.level].mark} {check.rule_id} {check.title}{count}"


def _draw_check(check: Check) -> None:
    words = explain(check)
    mends = '<span class="xs-chip xs-good">✔ offers safe fixes</span>' if check.offers_fix else ""
    st.html(
        '<div class="xs-card xs-trace"><h2 class="xs-tool-name">'
        f"{escape(check.rule_id)} {escape(check.title)}</h2>"
        f"<p>{level_chip(check.level)} {mends} "
        f'<span class="xs-chip xs-plain">SpecTool {escape(check.code)}: '
        f"{escape(SPECTOOL_CODES[check.code])}</span></p>"
        f'<p class="xs-text">{escape(words.summary)}</p>'
        f"{_part('What it sees', words.sees)}{_part('Why it hurts', words.hurts)}"
        f"{_example('Bad', 'minus', words.bad)}{_example('Good', 'plus', words.good)}"
        f"{_part('Way out', words.way_out)}"
        f'<p class="xs-note">{escape(_SCOPES[check.scope])} · version {check.version} · stored as '
        f"{escape(check.name)}</p></div>"
    )


def _part(heading: str, text: str) -> str:
    if not text:
        return ""
    return f'<h4 class="xs-part">{escape(heading)}</h4><p>{escape(text[0].upper() + text[1:])}</p>'


def _example(heading: str, look: str, text: str) -> str:
    if not text:
        return ""
    return (
        f'<div class="xs-diff"><div class="xs-place">{heading}</div>'
        f'<div class="xs-{look}">{escape(text)}</div></div>'
    )


def _draw_found(check: Check, report: ErrorReport) -> None:
    st.subheader("Found here", anchor=False)
    trajectories = [found for found in report.by_check if found.check == check.name]
    tools = [
        (found, found.level) for found in report.tool_checks if found.check == check.name and found.level
    ]
    if not trajectories and not tools:
        draw_note("It has found nothing in this store.")
    if trajectories:
        rows = [
            LinkRow(
                f"{LEVEL_LOOKS[found.level].mark} {found.level}",
                (*rate_cells(found.trajectories), f"{found.finding_count:,}"),
                explore_address(check=check.name, level=found.level),
            )
            for found in trajectories
        ]
        st.html(table_html(("Level", "Trajectories", "of", "Share", "95 % interval", "Findings"), rows))
    if tools:
        rows = [
            LinkRow(
                f"{LEVEL_LOOKS[level].mark} {level}",
                rate_cells(found.tools),
                explore_address(check=check.name, level=level),
            )
            for found, level in tools
        ]
        st.html(table_html(("Level", "Tool descriptions", "of", "Share", "95 % interval"), rows))
        draw_note("A level leads to the trajectories that offer these tools.")
        st.page_link(
            TOOLS,
            label="The tools, those with most faults first",
            icon=":material/build:",
            query_params={"sort": "faults"},
        )


def _draw_reference() -> None:
    with st.expander("What the levels mean"):
        rows = "".join(
            f"<li><span>{level_chip(level)}</span><span>{escape(look.meaning)}</span></li>"
            for level, look in LEVEL_LOOKS.items()
        )
        st.html(f'<ul class="xs-list">{rows}</ul>')
        draw_note(
            "A finding may have another level than is usual for its check: a wrong type that can be "
            "written right without loss is a fix, any other a reject."
        )
    with st.expander("The codes of SpecTool"):
        rows = "".join(
            f'<li><span><span class="xs-chip xs-plain">{escape(code)}</span></span>'
            f"<span>{escape(meaning)}</span></li>"
            for code, meaning in SPECTOOL_CODES.items()
        )
        st.html(f'<ul class="xs-list">{rows}</ul>')


draw_head("Checks", "The rules every trajectory is held against: what they see, why it matters, what to do.")
found_here = read_cached("errors", read_error_report, "")
speaking = {one.check for one in found_here.by_check}
speaking |= {one.check for one in found_here.tool_checks if one.level}
draw_facts(
    [
        Fact(str(len(ALL_CHECKS)), "checks", "none of them asks a language model"),
        Fact(str(len(speaking)), "have found something", "in current versions, or in tools"),
        Fact(
            str(sum(check.offers_fix for check in ALL_CHECKS)), "offer safe fixes", "with a preview, and undo"
        ),
    ]
)
draw_checks(found_here)
