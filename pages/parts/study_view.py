"""One study: how far it is, cell by cell, what it shows so far, and the paper's figures beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.run_words import progress_words
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.study_words import CELL_STATES, gain_words, measure_words, score_words, study_chip
from pages.parts.url_widgets import url_select
from xlam_backend.activities.manager import read_run
from xlam_backend.activities.studies import (
    CellProgress,
    StudyProgress,
    read_progress,
    remove_study,
    stop_study,
    take_up_study,
)
from xlam_backend.activities.study_results import (
    CALLS,
    ArmResult,
    StudyResults,
    read_results,
    render_results,
)
from xlam_backend.charts.bars import ACCENT, IntervalMark, interval_plot
from xlam_backend.domain.person import may
from xlam_backend.domain.published_ablation import PUBLISHED_EFFECTS, SOURCE, SOURCE_DATE, SOURCE_URL
from xlam_backend.domain.study import Study, StudyArm
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.statistics.intervals import show_rate

_POLL_SECONDS = 2.0
_SEED_COLOUR = "rgba(79,123,224,.45)"


def draw_study(study: Study) -> None:
    """Draw a study: its head and cells (again every moment while it is open), then its results."""
    if study.is_open:
        _draw_live(study.study_no)
    else:
        _draw_state(read_progress(app_store(), study.study_no))
    _draw_results(study)
    draw_paper()
    _draw_plan(study)


@st.fragment(run_every=_POLL_SECONDS)
def _draw_live(study_no: int) -> None:
    progress = read_progress(app_store(), study_no)
    done = f"{progress.count('done')} {progress.study.event}"
    known = st.session_state.setdefault(f"study_done_{study_no}", done)
    if known != done:
        st.session_state[f"study_done_{study_no}"] = done
        st.rerun()  # there are new scores: the rest of the page has changed with them
    _draw_state(progress)


def _draw_state(progress: StudyProgress) -> None:
    study = progress.study
    head, buttons = st.columns([5, 3], vertical_alignment="center")
    head.html(
        f"<b>{text_html(study.plan.name, 100)}</b> {study_chip(progress)}"
        f'<p class="xs-note">Study {study.study_no} · {text_html(study.person, 80)}, '
        f"{study.made_at:%Y-%m-%d %H:%M} UTC</p>"
    )
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        _draw_acts(progress)
    if study.note:
        why = text_html(study.note, 600)
        st.html(f'<div class="xs-error" role="alert"><b>It stopped by itself.</b>{why}</div>')
    st.html(_cells_html(progress))
    if study.is_open:
        _draw_running(progress)
        draw_note(
            "What comes next is started while the app is open; closed, it goes on when it is opened again."
        )


def _draw_acts(progress: StudyProgress) -> None:
    study = progress.study
    if not may(current_person(), "train"):
        return
    if study.is_open:
        st.button(
            "Stop", key="study_stop", icon=":material/stop:", on_click=_act, args=("stop", study.study_no)
        )
        return
    if progress.count("done") < len(progress.cells):
        st.button(
            "Go on",
            key="study_go_on",
            type="primary",
            icon=":material/play_arrow:",
            help="Resumes what failed or was stopped, and starts what is missing.",
            on_click=_act,
            args=("go on", study.study_no),
        )
    st.button(
        "Take off the list",
        key="study_remove",
        type="tertiary",
        help="Its models and evaluations stay.",
        on_click=_act,
        args=("remove", study.study_no),
    )


def _act(act: str, study_no: int) -> None:
    acts = {"stop": stop_study, "go on": take_up_study, "remove": remove_study}
    try:
        acts[act](app_store(), study_no, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)


def _cells_html(progress: StudyProgress) -> str:
    seeds = progress.study.plan.seeds
    by_cell = {(cell.arm, cell.seed): cell for cell in progress.cells}
    head = "".join(f'<th scope="col">seed {seed}</th>' for seed in seeds)
    rows = "".join(
        f'<tr><th scope="row">{text_html(arm.name, 100)}{_source_html(arm)}</th>'
        + "".join(f"<td>{_cell_html(by_cell[arm.name, seed])}</td>" for seed in seeds)
        + "</tr>"
        for arm in progress.study.plan.arms
    )
    return (
        f'<table class="xs-table"><thead><tr><th scope="col">Set of data</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _source_html(arm: StudyArm) -> str:
    source = arm.mixture or arm.release[:12]
    return "" if source == arm.name else f'<br><span class="xs-note">{text_html(source, 120)}</span>'


def _cell_html(cell: CellProgress) -> str:
    look, words = CELL_STATES[cell.state]
    chip = f'<span class="xs-chip {look}">{words}</span>'
    if cell.state == "done":
        chip = f'<a href="evaluation?{urlencode({"evaluation": cell.evaluation_no})}">{chip}</a>'
    elif cell.run_id:
        chip = f'<a href="runs?{escape(urlencode({"run": cell.run_id}))}">{chip}</a>'
    why = f'<br><span class="xs-note">{text_html(cell.why, 120)}</span>' if cell.why else ""
    return chip + why


def _draw_running(progress: StudyProgress) -> None:
    for cell in progress.cells:
        if cell.state in ("training", "evaluating"):
            status = read_run(app_store().folder, cell.run_id)
            if status.state == "running":
                words = f"{cell.arm}, seed {cell.seed}: {progress_words(status)}"
                st.html(f'<p class="xs-note" role="status">{text_html(words, 300)}</p>')


def _draw_results(study: Study) -> None:
    st.subheader("What it shows", anchor=False)
    everything = read_cached("study_results", read_results, study.study_no)
    if not any(arm.seeds for arm in everything.arms):
        draw_empty("No model is evaluated yet.", "Scores stand here as soon as the first one is.")
        return
    chosen = url_select(
        "Counted over",
        "measure",
        everything.measures,
        show=measure_words,
        only_these=True,
        placeholder=measure_words(CALLS),
    )
    found = everything
    if chosen in everything.measures:
        found = read_cached("study_results", read_results, study.study_no, chosen)
    left, right = st.columns(2, gap="large")
    with left:
        st.html("<b>Score</b>")
        draw_chart(interval_plot(_score_marks(found), room=0.5), key="study_scores")
    with right:
        st.html(f"<b>Gain on {text_html(found.arms[0].arm, 100)}, in points</b>")
        _draw_gains(found)
    st.html(_results_html(found))
    left_out = f"; {counted(found.left_out_count, 'question')} not answered by all count for nobody"
    draw_note(
        f"{counted(found.question_count, 'question')}{left_out if found.left_out_count else ''}. Intervals: "
        "95 %, of a seed's score by Wilson, of means and gains by drawing seeds and questions anew. Few "
        "seeds cannot show all that chance may do."
    )
    st.download_button(
        "Data of these plots (CSV)",
        lambda: render_results(app_store(), study.study_no),
        file_name=f"study-{study.study_no}.csv",
        mime="text/csv",
        icon=":material/download:",
    )


def _score_marks(found: StudyResults) -> list[IntervalMark]:
    marks = []
    for arm in found.arms:
        if arm.mean.value is not None:
            marks.append(_mark(arm.arm, arm.mean.value, arm.mean.low, arm.mean.high, score_words(arm.mean)))
        for score in arm.seeds if len(arm.seeds) > 1 else ():
            one = score.rate
            marks.append(
                IntervalMark(
                    f"{arm.arm} {score.seed}",
                    f"seed {score.seed}",
                    one.share or 0.0,
                    one.low or 0.0,
                    one.high or 0.0,
                    show_rate(one),
                    _SEED_COLOUR,
                    "circle-open",
                )
            )
    return marks


def _mark(label: str, value: float, low: float | None, high: float | None, words: str) -> IntervalMark:
    low, high = (value if low is None else low), (value if high is None else high)
    return IntervalMark(label, label, value, low, high, words, ACCENT, "circle", f"{value * 100:.1f} %")


def _draw_gains(found: StudyResults) -> None:
    marks = []
    for arm in found.arms:
        gain = arm.gain
        if gain is not None and gain.value is not None:
            low = gain.value if gain.low is None else gain.low
            high = gain.value if gain.high is None else gain.high
            marks.append(
                IntervalMark(
                    arm.arm,
                    arm.arm,
                    gain.value * 100,
                    low * 100,
                    high * 100,
                    gain_words(gain),
                    ACCENT,
                    "diamond",
                    f"{gain.value * 100:+.1f}",
                )
            )
    if not marks:
        draw_note("Nothing to compare yet: it takes the same seed in two sets of data.")
        return
    lowest = min(0.0, *(mark.low for mark in marks))
    draw_chart(interval_plot(marks, lowest=lowest, is_share=False), key="study_gains")


def _results_html(found: StudyResults) -> str:
    rows = [_result_row(arm) for arm in found.arms]
    return table_html(("Set of data", "Mean", f"Gain on {found.arms[0].arm}", "Seeds"), rows)


def _result_row(arm: ArmResult) -> LinkRow:
    seeds = ", ".join(f"{score.seed}: {score.rate.hits:,} of {score.rate.total:,}" for score in arm.seeds)
    return LinkRow(arm.arm, (score_words(arm.mean), gain_words(arm.gain), seeds or "none yet"))


def draw_paper() -> None:
    """Draw what the paper published, with its source and date."""
    st.subheader("As the paper published it", anchor=False)
    rows = [
        LinkRow(f"{each.after}, over {each.before}", (f"{each.benchmark}: {each.measure}", f"+{each.points}"))
        for each in PUBLISHED_EFFECTS
    ]
    st.html(table_html(("Compared", "Measured by", "Gain in points"), rows))
    st.html(
        f'<p class="xs-note">Models of 7B parameters, one of each, no intervals given. Source: '
        f'<a href="{SOURCE_URL}" target="_blank" rel="noopener">{escape(SOURCE)}</a>, {SOURCE_DATE}. Other '
        "benchmarks than the ones here: compare signs and sizes, not scores.</p>"
    )


def _draw_plan(study: Study) -> None:
    with st.expander("What was launched"):
        if study.plan.note:
            st.text(study.plan.note)
        draw_note(f"Every model answers {study.plan.question_set}. All trainings have in common:")
        st.json(study.plan.training)
