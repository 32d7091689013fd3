"""The proposed fix of a finding: what it would change, applied to one or to its family, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.diff_view import diff_html
from pages.parts.family_dialog import open_family_dialog
from pages.parts.finding_words import finding_html
from pages.parts.guard import show_error
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.explore.trajectory_page import HistoryEntry, StoredFinding, TrajectoryPage
from xlam_backend.owner import app_store
from xlam_backend.repair import FixPreview, apply_fix, preview_fix, undo


def draw_fix(page: TrajectoryPage, one: StoredFinding) -> None:
    """Draw the fix of a finding with its buttons, or why there is none."""
    if one.finding.fix is None:
        reason = one.finding.no_fix_reason or "there is no repair that loses nothing."
        st.html(f'<p class="xs-note">Not mended automatically: {text_html(reason, 600)}</p>')
        return
    preview = read_cached("preview", preview_fix, one.finding_no)
    st.html(_preview_html(preview))
    if page.is_current and may_or_say("fix"):
        _draw_buttons(one, preview)


def draw_last_act(page: TrajectoryPage) -> None:
    """Say what was mended last, with the way back."""
    entry = page.history[-1] if page.history else None
    if entry is None or entry.act.kind == "undo" or not page.is_current:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="last_act"):
        st.html(_act_html(entry))
        many = f" for all {entry.act.trajectory_count:,}" if entry.act.trajectory_count > 1 else ""
        if may(current_person(), "fix") and st.button(
            f"Undo{many}",
            key=f"undo_{entry.act.act_no}",
            icon=":material/undo:",
            disabled=not entry.act.can_be_undone,
            help=None if entry.act.can_be_undone else "A later act changed one of its trajectories.",
        ):
            _carry_out_undo(entry.act.act_no)


def _preview_html(preview: FixPreview) -> str:
    parts = [
        f'<p class="xs-note">Proposed: {text_html(preview.summary, 600)}</p>',
        diff_html(preview.changes),
    ]
    if preview.refused:
        parts.append(f'<p class="xs-note">Not possible: {text_html(preview.refused, 600)}</p>')
    more = [found for found in preview.introduced if found.level not in ("reject", "fix")]
    if more:
        parts.append('<p class="xs-note">It would bring these remarks:</p>')
        parts += [finding_html(found) for found in more]
    return "".join(parts)


def _draw_buttons(one: StoredFinding, preview: FixPreview) -> None:
    with st.container(horizontal=True):
        if st.button(
            "Apply",
            key=f"apply_{one.finding_no}",
            type="primary",
            icon=":material/check:",
            disabled=bool(preview.refused),
        ):
            _carry_out_fix(one.finding_no)
        others = preview.family_count - 1
        if others > 0 and st.button(
            f"Apply to this and {others:,} like it …",
            key=f"family_{one.finding_no}",
            icon=":material/dynamic_feed:",
        ):
            open_family_dialog(preview.family)


def _carry_out_fix(finding_no: int) -> None:
    try:
        apply_fix(app_store(), finding_no, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def _carry_out_undo(act_no: int) -> None:
    try:
        undo(app_store(), act_no, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def _act_html(entry: HistoryEntry) -> str:
    cleared, introduced = len(entry.change.cleared), len(entry.change.introduced)
    return (
        f'<span class="xs-chip xs-good">✔ mended</span> {text_html(entry.act.summary, 300)}'
        f'<p class="xs-note">Version {entry.to_version} counts now. Findings cleared: {cleared},'
        f" introduced: {introduced}.</p>"
    )
