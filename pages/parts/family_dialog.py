"""A whole family of findings: a sample to look at first, then one act for all of them."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.diff_view import diff_html
from pages.parts.guard import show_error
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.repair import (
    FamilyPreview,
    FamilyProgress,
    FamilyReport,
    apply_family,
    preview_family,
    undo,
)

SAMPLE = 5

# What this session's dialog has just done: the act's number, and the report in words, one line each.
_ACT = "family_act"
_WORDS = "family_words"


def open_family_dialog(family: str) -> None:
    """Show what mending a family would do to a sample of it, and mend all of it on a click."""
    st.session_state.pop(_ACT, None)
    _dialog(family)


@st.dialog("Mend a whole family", width="large", on_dismiss="rerun")
def _dialog(family: str) -> None:
    try:
        if _ACT in st.session_state:
            _draw_done()
        else:
            _draw_choice(family)
    except XlamError as error:
        show_error(error)


def _draw_choice(family: str) -> None:
    preview = read_cached("family", preview_family, family, sample=SAMPLE)
    _draw_sample(preview)
    if st.button(
        f"Apply to {counted(preview.trajectory_count, 'trajectory', 'trajectories')}",
        type="primary",
        icon=":material/done_all:",
        key="apply_family",
    ):
        _keep(_apply(family))
        st.rerun(scope="fragment")


def _draw_sample(preview: FamilyPreview) -> None:
    count = len(preview.samples)
    st.html(
        f"<p><b>{preview.finding_count:,} findings</b> in <b>{preview.trajectory_count:,} trajectories</b> "
        "have the same check, tool, argument and kind of repair. Look at a sample of "
        f"{count} first; everything is one act, which can be undone at once.</p>"
    )
    for sample in preview.samples:
        refused = (
            f'<p class="xs-note">Left as it is: {text_html(sample.refused, 400)}</p>'
            if sample.refused
            else ""
        )
        link = (
            f'<a href="trajectory?id={text_html(sample.trajectory_id)}" target="_blank">open in a new tab</a>'
        )
        st.html(
            f'<p class="xs-note">{text_html(sample.summary, 300)} · {link}</p>'
            f"{diff_html(sample.changes)}{refused}"
        )


def _apply(family: str) -> FamilyReport:
    bar = st.progress(0.0, "Mending …")

    def show(made: FamilyProgress) -> None:
        share = made.done_count / max(made.total_count, 1)
        bar.progress(share, f"{made.done_count:,} of {made.total_count:,}")

    report = apply_family(
        app_store(),
        family,
        person=current_person(),
        now=datetime.now(UTC),
        progress=show,
    )
    bar.empty()
    return report


def _keep(report: FamilyReport) -> None:
    st.session_state[_ACT] = report.act_no
    lines = [
        f"{counted(report.fixed_count, 'trajectory', 'trajectories')}: "
        f"{counted(report.cleared_count, 'finding')} cleared, "
        f"{report.introduced_count:,} introduced."
    ]
    lines += [f"{left.count:,} left as they were: {left.reason}" for left in report.left_out]
    st.session_state[_WORDS] = "\n".join(lines)


def _draw_done() -> None:
    first, *others = str(st.session_state[_WORDS]).split("\n")
    st.html(f'<p><span class="xs-chip xs-good">✔ mended</span> {text_html(first)}</p>')
    for line in others:
        st.html(f'<p class="xs-note">{text_html(line, 400)}</p>')
    act_no = int(st.session_state[_ACT])
    with st.container(horizontal=True):
        if st.button("Done", type="primary", key="family_done"):
            st.rerun()
        if act_no and st.button("Undo all", icon=":material/undo:", key=f"undo_family_{act_no}"):
            undo(app_store(), act_no, person=current_person(), now=datetime.now(UTC))
            st.rerun()
