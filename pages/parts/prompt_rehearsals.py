"""Trying a version of a judge's prompt on places whose right answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.counted import counted
from pages.parts.endpoint_panel import draw_endpoint
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import RUNS
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_select
from xlam_backend.activities.rehearse_run import start_rehearsal
from xlam_backend.domain.labelled import LABEL_ORIGINS, RehearsedItem
from xlam_backend.errors import XlamError
from xlam_backend.judges.base import Judge
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.owner import app_store
from xlam_backend.prompts.rehearsal import (
    RehearsalReport,
    RehearsalRow,
    VersionResult,
    list_rehearsals,
    report_rehearsal,
    trajectory_ids,
)
from xlam_backend.prompts.versions import PromptSummary
from xlam_backend.review.labelled_sets import LabelledSet, count_labels, freeze_set, list_sets
from xlam_backend.statistics.intervals import show_rate

_STARTED = "rehearsal_started"
_MOST_SHOWN = 200
_ORIGIN_WORDS = {
    "gold": "gold items and examples",
    "reviewed": "settled by reviewers",
    "planted": "planted in the demo data",
}


def draw_rehearsals(judge: Judge, summary: PromptSummary) -> None:
    """Draw the labelled sets, the form of a rehearsal, and what rehearsals showed."""
    st.subheader("Rehearsal", anchor=False)
    sets = read_cached("labelled_sets", list_sets, judge.name)
    if run_id := st.session_state.pop(_STARTED, ""):
        st.html(
            '<p><span class="xs-chip xs-good">✔ the rehearsal is started</span> Its result appears here.</p>'
        )
        st.page_link(RUNS, label="Watch it", icon=":material/play_circle:", query_params={"run": run_id})
    if may_or_say("prompt"):
        _draw_sets(judge, sets)
        if sets:
            _draw_form(judge, summary, sets)
    found = read_cached("rehearsals", list_rehearsals, summary.form.name)
    if found:
        _draw_result(_choose(found))
    elif not sets:
        draw_empty("No labelled set yet.", "Freeze one from reviewed items, gold items or the demo data.")
    else:
        draw_note("No version was rehearsed yet.")


def _draw_sets(judge: Judge, sets: Sequence[LabelledSet]) -> None:
    with st.expander("Labelled sets", icon=":material/fact_check:", expanded=not sets):
        if sets:
            rows = [
                LinkRow(
                    f"{one.set_no} {one.name}",
                    (f"{one.bad_count:,}", f"{one.good_count:,}", f"{one.made_at:%Y-%m-%d}", one.person),
                )
                for one in reversed(sets)
            ]
            st.html(table_html(("Set", "bad places", "good places", "made", "by"), rows))
        counts = read_cached("label_counts", count_labels, judge.name)
        draw_note(
            "To draw from: "
            + "; ".join(f"{_ORIGIN_WORDS[one.origin]}: {one.bad:,} bad, {one.good:,} good" for one in counts)
            + "."
        )
        if any(one.bad or one.good for one in counts):
            _draw_freeze(judge)
        else:
            draw_note("Send ratings of this judge to a queue, and review them: what is settled can be drawn.")


def _draw_freeze(judge: Judge) -> None:
    first, second, third = st.columns([3, 3, 1])
    name = first.text_input("Name", key="set_name", placeholder="January")
    origins = second.multiselect(
        "From", LABEL_ORIGINS, LABEL_ORIGINS, format_func=_ORIGIN_WORDS.__getitem__, key="set_origins"
    )
    size = third.number_input("Places", 1, 5_000, value=100, key="set_size")
    if st.button("Freeze a set", icon=":material/ac_unit:", key="freeze_set"):
        try:
            freeze_set(
                app_store(),
                name,
                judge.name,
                origins=origins,
                size=int(size),
                person=current_person(),
                now=datetime.now(UTC),
            )
        except XlamError as error:
            show_error(error)
            return
        st.rerun()


def _draw_form(judge: Judge, summary: PromptSummary, sets: Sequence[LabelledSet]) -> None:
    with st.expander("Rehearse a version", icon=":material/play_circle:"):
        versions = [
            number for number in range(1, summary.version_count + 1) if number != summary.current_version
        ]
        if not versions:
            draw_note("There is only the version that counts. Write a new one first.")
            return
        left, right = st.columns(2)
        wanted = st.query_params.get("version", "")
        numbers = [str(number) for number in versions]
        at = numbers.index(wanted) if wanted in numbers else len(numbers) - 1
        version = left.selectbox("Version", versions, at, key=f"rehearse_version_{judge.name}_{at}")
        by_number = {one.set_no: one for one in reversed(sets)}
        set_no = right.selectbox(
            "Labelled set",
            list(by_number),
            format_func=lambda number: _set_label(by_number[number]),
            key=f"rehearse_set_{judge.name}",
        )
        endpoint, models = draw_endpoint("rehearse_", picks="Model")
        st.html('<h4 class="xs-part">Budget</h4>')
        budget = draw_budget("rehearse_")
        places = by_number[set_no].bad_count + by_number[set_no].good_count
        draw_note(
            f"{2 * places:,} questions: each of {places:,} places under version {version} and under version "
            f"{summary.current_version}, which counts. What was asked before is not paid again."
        )
        can_start = endpoint is not None and len(models) == 1
        if st.button("Rehearse", type="primary", disabled=not can_start, key="rehearse") and endpoint:
            settings = JudgeSettings(
                judges=(judge.name,), endpoint=endpoint.name, models=models, budget=budget
            )
            _start(set_no, version, settings)


def _set_label(found: LabelledSet) -> str:
    return f"Set {found.set_no} · {found.bad_count} bad, {found.good_count} good"


def _start(set_no: int, version: int, settings: JudgeSettings) -> None:
    try:
        st.session_state[_STARTED] = start_rehearsal(
            app_store(), set_no, version, settings, person=current_person(), now=datetime.now(UTC)
        )
    except XlamError as error:
        show_error(error)
        return
    st.rerun()


def _choose(found: Sequence[RehearsalRow]) -> RehearsalRow:
    by_number = {str(one.rehearsal_no): one for one in found}
    if len(found) == 1:
        return found[0]
    number = url_select(
        "Rehearsal",
        "rehearsal",
        list(by_number),
        show=lambda number: _rehearsal_label(by_number[number]),
        only_these=True,
        placeholder=_rehearsal_label(found[0]),
    )
    return by_number.get(number, found[0])


def _rehearsal_label(row: RehearsalRow) -> str:
    done = row.rehearsal
    return (
        f"{row.rehearsal_no}: version {done.draft_version} against {done.current_version}, "
        f"set {done.set_no}, {done.rehearsed_at:%Y-%m-%d %H:%M}"
    )


def _draw_result(row: RehearsalRow) -> None:
    done = row.rehearsal
    report = report_rehearsal(done.items)
    st.html(
        f'<h4 class="xs-part">Version {done.draft_version} against version {done.current_version}</h4>'
        f"<p>On labelled set {done.set_no}, {len(done.items):,} places, by {text_html(done.model, 80)}, "
        f"{done.rehearsed_at:%Y-%m-%d %H:%M} {scripted_chip() if done.is_scripted else ''}</p>"
    )
    rows = [
        _result_row(f"version {done.current_version} (counted)", report.current),
        _result_row(f"version {done.draft_version} (draft)", report.draft),
    ]
    heads = ("", "right", "precision", "recall", "not judged", "tokens in", "tokens out", "cost")
    st.html(table_html(heads, rows))
    draw_note(_test_words(report))
    ids = read_cached("rehearsed_ids", lambda store, _: trajectory_ids(store, done.items), row.rehearsal_no)
    for items, words in (
        (report.gains, "only the draft gets right"),
        (report.losses, "only the draft gets wrong"),
    ):
        with st.expander(f"{counted(len(items), 'place')} that {words}"):
            _draw_items(items, ids)


def _result_row(name: str, result: VersionResult) -> LinkRow:
    cost = "no prices" if result.cost is None else f"{result.cost:,.4f}"
    return LinkRow(
        name,
        (
            show_rate(result.right),
            show_rate(result.precision),
            show_rate(result.recall),
            f"{result.not_judged:,}",
            f"{result.input_tokens:,}",
            f"{result.output_tokens:,}",
            cost,
        ),
    )


def _test_words(report: RehearsalReport) -> str:
    counts = (
        f"{len(report.gains):,} gained, {len(report.losses):,} lost of {report.compared:,} that both judged."
    )
    test = report.test
    if test.exact_p is None:
        return f"{counts} {test.undefined_because}"
    verdict = "more than chance explains" if test.exact_p < 0.05 else "which chance alone may explain"
    return f"{counts} McNemar's exact test: p = {test.exact_p:.3g}, {verdict}."


def _draw_items(items: Sequence[RehearsedItem], ids: dict[int, str]) -> None:
    rows = [
        LinkRow(
            f"step {item.labelled.step + 1}, call {item.labelled.call + 1} {item.labelled.pointer}",
            (
                "bad" if item.labelled.is_bad else "good",
                item.current.said,
                item.draft.said,
                item.draft.rationale[:200],
            ),
            f"trajectory?{urlencode({'id': ids[item.labelled.version_no]})}"
            if item.labelled.version_no in ids
            else "",
        )
        for item in items[:_MOST_SHOWN]
    ]
    if rows:
        st.html(table_html(("Place", "right answer", "counted version", "draft", "the draft's reason"), rows))
    if len(items) > _MOST_SHOWN:
        draw_note(f"The first {_MOST_SHOWN} are shown; the command prompts rehearsals --json has all.")
