"""Imports, checks and exports, in the app or as runs: how far, how to stop, what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import streamlit as st

from pages.parts.counted import counted
from pages.parts.page_head import Fact, draw_facts
from pages.parts.routes import REJECTS, link_to_explore
from pages.parts.run_card import draw_run_card
from pages.parts.run_words import duration_words
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.activities.manager import list_runs
from xlam_backend.checks.run import CheckReport, count_pending
from xlam_backend.domain.person import may
from xlam_backend.flow import FlowProgress, FlowReport
from xlam_backend.importers.report import ImportReport
from xlam_backend.owner import app_store
from xlam_backend.owner.background import Kind, WorkStatus, background
from xlam_backend.owner.check_work import start_check
from xlam_backend.runs.state import RunStatus

POLL_SECONDS = 0.7

_STATES = {
    "waiting": ("xs-plain", "waiting for its turn"),
    "running": ("xs-warn", "▶ running"),
    "done": ("xs-good", "✔ done"),
    "stopped": ("xs-plain", "■ stopped: nothing of it was kept"),
    "failed": ("xs-reject", "✖ failed"),
}
_PART_CHECKED = ("xs-warn", "■ stopped while checking: the records stay, not all are checked")
_CHECKED_SINCE = ("xs-plain", "■ stopped while checking: the rest was checked since")
_STAGES = {"import": "Importing", "check": "Checking", "export": "Writing"}
_MOST_SKIPPED = 50
_RUN_KINDS = ("import", "check")  # those that are started where this list stands
_SHOWN_FOR = timedelta(hours=1)
_MOST_ENDED = 2
_DISMISSED = "dismissed_runs"


def draw_work(kind: Kind = "import") -> None:
    """Draw the background work of a kind; while some is open, the list is drawn again every moment."""
    if open_ids := _open_ids(kind):
        _draw_live(kind, open_ids)
    else:
        _draw_all(kind)


def _runs(kind: Kind) -> list[RunStatus]:
    """Return the runs that belong here: what moves, and the latest that have ended and were not dismissed."""
    if kind != "import":
        return []
    dismissed = st.session_state.get(_DISMISSED, [])
    lately = datetime.now(UTC) - _SHOWN_FOR
    own = [run for run in list_runs(app_store().folder) if run.kind in _RUN_KINDS]
    ended = [
        run
        for run in own
        if not run.is_moving and run.run_id not in dismissed and (run.ended_at or run.created_at) > lately
    ]
    return [run for run in own if run.is_moving] + ended[:_MOST_ENDED]


def _works(kind: Kind) -> list[WorkStatus]:
    return [status for status in background().statuses() if status.kind == kind]


def _open_ids(kind: Kind) -> str:
    works = [str(status.work_id) for status in _works(kind) if status.is_open]
    return ",".join(works + [run.run_id for run in _runs(kind) if run.is_moving])


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(kind: Kind, open_ids: str) -> None:
    if _open_ids(kind) != open_ids:
        st.rerun()  # something ended or began: the rest of the page has changed with it
    _draw_all(kind)


def _draw_all(kind: Kind) -> None:
    for run in _runs(kind):
        _draw_run(run)
    for status in _works(kind):
        with st.container(border=True, key=f"work_{status.work_id}"):
            _draw_one(status)


def _draw_run(run: RunStatus) -> None:
    with draw_run_card(run, dismiss=_dismiss):
        if run.what:
            st.html(
                f'<div class="xs-error"><b>{text_html(run.what, 600)}</b>{text_html(run.way_out, 600)}</div>'
            )
        if run.kind == "import" and run.outcome and not run.is_moving:
            _draw_report(msgspec.convert(run.outcome, ImportReport), None)


def _dismiss(run_id: str) -> None:
    st.session_state[_DISMISSED] = [*st.session_state.get(_DISMISSED, []), run_id]


def _draw_one(status: WorkStatus) -> None:
    checked = _checked(status)
    is_stopped = checked is not None and checked.is_stopped
    is_part_checked = is_stopped and read_cached("pending_checks", count_pending) > 0
    look, words = _STATES[status.state]
    if is_stopped:
        look, words = _PART_CHECKED if is_part_checked else _CHECKED_SINCE
    head, button = st.columns([6, 1], vertical_alignment="center")
    head.html(f'<b>{text_html(status.title, 200)}</b> <span class="xs-chip {look}">{words}</span>')
    with button:
        _draw_button(status)
    if status.state == "running":
        made = status.progress
        st.progress(made.done_share if made else 0.0, _progress_words(made) if made else "Starting …")
    if status.state == "failed":
        st.html(f'<div class="xs-error"><b>{text_html(status.what)}</b>{text_html(status.way_out)}</div>')
    if isinstance(status.outcome, FlowReport):
        _draw_report(status.outcome.imported, status.outcome.checked)
    elif checked is not None:
        draw_facts([Fact(f"{checked.version_count:,}", "checked", counted(checked.finding_count, "finding"))])
    if (
        is_part_checked
        and may(current_person(), "check")
        and st.button("Check the rest", key=f"check_{status.work_id}", icon=":material/rule:")
    ):
        start_check(person=current_person())
        st.rerun()


def _checked(status: WorkStatus) -> CheckReport | None:
    outcome = status.outcome
    return (
        outcome.checked
        if isinstance(outcome, FlowReport)
        else outcome
        if isinstance(outcome, CheckReport)
        else None
    )


def _draw_button(status: WorkStatus) -> None:
    if not may(current_person(), "run"):
        return
    if status.is_open:
        if st.button("Stop", key=f"stop_{status.work_id}", icon=":material/stop:"):
            background().stop(status.work_id, person=current_person())
    elif st.button("Dismiss", key=f"dismiss_{status.work_id}", type="tertiary"):
        background().forget(status.work_id, person=current_person())
        st.rerun()


def _progress_words(made: FlowProgress) -> str:
    left = made.seconds_left
    time_left = "" if left is None else f", about {duration_words(left)} left"
    return f"{_STAGES.get(made.stage, made.stage)}: {made.words}{time_left}"


def _draw_report(imported: ImportReport, checked: CheckReport | None) -> None:
    checks = (
        [Fact(f"{checked.version_count:,}", "checked", counted(checked.finding_count, "finding"))]
        if checked
        else []
    )
    draw_facts(
        [
            Fact(f"{imported.read_count:,}", "read", "= kept + rejected"),
            Fact(f"{imported.kept_count:,}", "kept", f"{imported.new_count:,} new, {_repeated(imported)}"),
            Fact(
                f"{imported.rejected_count:,}",
                "rejected",
                "each with its line and reason",
                "alarm" if imported.rejected_count else "fine",
            ),
            *checks,
            Fact(f"{imported.seconds + (checked.seconds if checked else 0):.1f} s", "in all"),
        ]
    )
    with st.container(horizontal=True):
        link_to_explore("Look at them in Explore", ":material/search:", dataset=imported.dataset)
        if imported.rejected_count:
            st.page_link(
                REJECTS,
                label=f"See the {imported.rejected_count:,} rejects",
                icon=":material/block:",
                query_params={"dataset": imported.dataset},
            )
    if imported.skipped:
        with st.expander(f"{len(imported.skipped):,} files were skipped"):
            items = "".join(
                f"<li><span>{text_html(one.name, 200)}</span><span>{text_html(one.reason, 300)}</span></li>"
                for one in imported.skipped[:_MOST_SKIPPED]
            )
            st.html(f'<ul class="xs-list">{items}</ul>')


def _repeated(imported: ImportReport) -> str:
    known = imported.kept_count - imported.new_count
    return f"{known:,} known already" if known else "none known before"
