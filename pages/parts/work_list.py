"""The app's background work: what it does, how far it is, how to stop it, what came of it."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import Fact, draw_facts
from pages.parts.routes import REJECTS, link_to_explore
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from xlam_backend.checks.run import CheckReport
from xlam_backend.domain.person import may
from xlam_backend.flow import FlowProgress, FlowReport
from xlam_backend.importers.report import ImportReport
from xlam_backend.owner.background import Kind, WorkStatus, background
from xlam_backend.owner.check_work import start_check

POLL_SECONDS = 0.7

_STATES = {
    "waiting": ("xs-plain", "waiting for its turn"),
    "running": ("xs-warn", "▶ running"),
    "done": ("xs-good", "✔ done"),
    "stopped": ("xs-plain", "■ stopped: nothing of it was kept"),
    "failed": ("xs-reject", "✖ failed"),
}
_PART_CHECKED = ("xs-warn", "■ stopped while checking: the records stay, not all are checked")
_STAGES = {"import": "Importing", "check": "Checking", "export": "Writing"}
_MOST_SKIPPED = 50


def draw_work(kind: Kind = "import") -> None:
    """Draw the background work of a kind; while some is open, the list is drawn again every moment."""
    if open_ids := _open_ids(kind):
        _draw_live(kind, open_ids)
    else:
        _draw_all(kind)


def _works(kind: Kind) -> list[WorkStatus]:
    return [status for status in background().statuses() if status.kind == kind]


def _open_ids(kind: Kind) -> str:
    return ",".join(str(status.work_id) for status in _works(kind) if status.is_open)


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(kind: Kind, open_ids: str) -> None:
    if _open_ids(kind) != open_ids:
        st.rerun()  # something ended or began: the rest of the page has changed with it
    _draw_all(kind)


def _draw_all(kind: Kind) -> None:
    for status in _works(kind):
        with st.container(border=True, key=f"work_{status.work_id}"):
            _draw_one(status)


def _draw_one(status: WorkStatus) -> None:
    checked = _checked(status)
    is_part_checked = checked is not None and checked.is_stopped
    look, words = _PART_CHECKED if is_part_checked else _STATES[status.state]
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
        draw_facts([Fact(f"{checked.version_count:,}", "checked", f"{checked.finding_count:,} findings")])
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
    time_left = "" if left is None else f", about {_duration(left)} left"
    return f"{_STAGES.get(made.stage, made.stage)}: {made.words}{time_left}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _draw_report(imported: ImportReport, checked: CheckReport) -> None:
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
            Fact(f"{checked.version_count:,}", "checked", f"{checked.finding_count:,} findings"),
            Fact(f"{imported.seconds + checked.seconds:.1f} s", "in all"),
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
