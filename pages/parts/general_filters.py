"""What the filters of general-instruction data take out, and the list of words one of them uses."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.levels import level_chip
from pages.parts.link_table import LinkRow, explore_address, table_html
from pages.parts.names import check_title
from pages.parts.page_head import draw_note
from pages.parts.rate_chart import rate_cells
from pages.parts.routes import JUDGES, NEAR_DUPLICATES
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.checks.again import forget_content_findings
from xlam_backend.checks.content_rules import ContentRules, rules_in_force
from xlam_backend.curation.overview import FILTERS, GeneralData
from xlam_backend.domain.finding import LEVELS
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.flow import check_all
from xlam_backend.owner import app_store
from xlam_backend.statistics.intervals import rate

_HEADS = ("Filter", "Trajectories", "of", "Share", "95 % interval")


def draw_filters(found: GeneralData) -> None:
    """Draw how many records each filter flags, each row with the way to them."""
    st.subheader("Filters", anchor=False)
    rows = []
    counts = {(each.check, each.level): each.count for each in found.filters}
    for check, what in FILTERS:
        flagged = [level for level in LEVELS if (check, level) in counts]
        if not flagged:
            rows.append(LinkRow(check_title(check), rate_cells(rate(0, found.count)), words=what))
        rows += [
            LinkRow(
                f"{LEVEL_LOOKS[level].mark} {check_title(check)}",
                rate_cells(rate(counts[check, level], found.count)),
                explore_address(check=check, level=level, offers="no_tools"),
                f"{level}: {what}",
            )
            for level in flagged
        ]
    dropped = rate_cells(rate(found.dropped_count, found.count))
    rows.append(LinkRow("Near-duplicates", dropped, words="dropped on the page Near-duplicates"))
    judged = rate_cells(rate(found.judged_flagged_count, found.judged_count))
    rows.append(LinkRow("Judge of content", judged, words="of what the judge has looked at"))
    st.html(table_html(_HEADS, rows))
    st.html(
        f"<p class='xs-note'>{level_chip('reject')} stays out of training unless a person says otherwise.</p>"
    )
    with st.container(horizontal=True):
        st.page_link(
            JUDGES,
            label="Ask the judge of content",
            icon=":material/balance:",
            query_params={"new": "judge", "offers": "no_tools"},
        )
        st.page_link(NEAR_DUPLICATES, label="Near-duplicates", icon=":material/content_copy:")


def draw_words() -> None:
    """Draw the list of words and patterns in force, and the way to check again with it."""
    with st.expander("Words and patterns of inappropriate content", icon=":material/list:", key="words"):
        try:
            rules = rules_in_force()
        except XlamError as error:
            show_error(error)
            return
        _draw_rules(rules)


def _draw_rules(rules: ContentRules) -> None:
    draw_note(
        f"{counted(len(rules.rules), 'rule')} of the list {one_line(rules.name, 80)} "
        f"({rules.fingerprint}). To use your own, point XLAM_CONTENT_RULES at a file of the same form, "
        "start the app again and check again. The words offend; they are shown because they decide."
    )
    st.dataframe(
        {
            "line": [rule.line for rule in rules.rules],
            "category": [rule.category for rule in rules.rules],
            "level": [rule.level for rule in rules.rules],
            "rule": [rule.text for rule in rules.rules],
        },
        hide_index=True,
        height=280,
    )
    if may(current_person(), "check") and st.button(
        "Check again with this list",
        icon=":material/refresh:",
        key="check_again",
        help="Takes back what the list found before, and looks at all conversations anew.",
    ):
        _check_again()


def _check_again() -> None:
    try:
        gone = forget_content_findings(app_store(), person=current_person(), now=datetime.now(UTC))
        with st.spinner("Checking …"):
            report = check_all(app_store(), person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    looked = counted(report.version_count, "trajectory", "trajectories")
    found = counted(report.finding_count, "finding")
    draw_note(f"{counted(gone, 'finding')} taken back; {looked} checked again, {found}.")
