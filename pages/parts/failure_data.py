"""From a failing slice to the data: the nearest training samples, what is missing, and what to ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
import streamlit as st

from pages.parts.counted import counted
from pages.parts.failure_choice import Look
from pages.parts.failure_coverage import draw_coverage
from pages.parts.guard import show_error
from pages.parts.levels import level_counts
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import AUGMENT, DESK, EXPLORE, MIXTURE, QUEUES, open_trajectory
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, put_in_url, view_params
from pages.parts.url_widgets import url_select
from xlam_backend.domain.filters import Filters, join_ids
from xlam_backend.domain.finding import Level
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.feedback.analysis import SliceAnalysis, analyse_slice, learnt_release
from xlam_backend.feedback.failures import FailureStatistics, Slice
from xlam_backend.feedback.nearest import NearestSample
from xlam_backend.feedback.requests import SampleRequest, plan_review, send_to_review, write_data_request
from xlam_backend.feedback.row_shape import SHAPE_WORDS
from xlam_backend.owner import app_store
from xlam_backend.releases.reading import Release, list_releases

_MOST = 30
_MADE = "failure_queue_made"
_COLUMNS = (
    Column("Training sample", "32%"),
    Column("Findings", "11%", "marks"),
    Column("Why it is near", "29%", "names"),
    Column("Near", "6%", "number"),
    Column("Source", "12%"),
    Column("State", "10%"),
)


def draw_data(look: Look, found: FailureStatistics) -> None:
    """Draw what a release has to do with the slice."""
    release = _choose_release(found)
    if release is None:
        return
    wanted = look.wanted
    if wanted.item:
        _draw_one_alone(wanted.item)
        wanted = Slice(item=wanted.item)  # whatever else is chosen: it is this one
    elif not found.count(category=wanted.category, code=wanted.code, error_type=wanted.error_type):
        draw_empty("No answer failed so.", "Choose another category or pattern.")
        return
    with st.spinner("Looking through the release; the first time all of its rows are read …", show_time=True):
        analysis = read_cached(
            "failure_data",
            analyse_slice,
            look.evaluation_no,
            wanted,
            release_name=release.release_id,
            most=_MOST,
        )
    if analysis.question_words:
        draw_note(f"▲ {analysis.question_words}")
    _draw_numbers(analysis)
    _draw_requests(analysis)
    _draw_samples(analysis)
    draw_coverage(analysis.coverage, analysis.lack)


def _draw_one_alone(item_id: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"Of one failure alone: <b>{text_html(item_id, 80)}</b>", width="content")
        st.button(
            "Of all failures of the slice",
            icon=":material/unfold_more:",
            type="tertiary",
            on_click=put_in_url,
            args=("item", ""),
        )


def _choose_release(found: FailureStatistics) -> Release | None:
    store = app_store()
    known = {one.release_id: one for one in list_releases(store.folder, with_archived=True)}
    if not known:
        draw_empty("There is no release yet.", "Freeze a mixture; then what stands in it can be looked into.")
        st.page_link(MIXTURE, label="Mixture", icon=":material/blender:")
        return None
    own = read_cached("learnt_release", learnt_release, found.evaluation.evaluation_no)
    own = own if own in known else ""
    chosen = url_select(
        "Release",
        "release",
        list(known),
        show=lambda one: _release_words(known[one], own) if one in known else one,
        placeholder=_release_words(known[own], own)
        if own
        else "choose the one that the model was trained on",
        only_these=True,
    )
    if not (chosen or own):
        draw_note(
            "It is not known what this model was trained on. Choose a release to see what it holds of this."
        )
        return None
    return known[chosen or own]


def _release_words(release: Release, own: str) -> str:
    learnt = ", which this model learnt" if release.release_id == own else ""
    return one_line(
        f"{release.manifest.name} · {release.manifest.row_count:,} rows · {release.release_id[:12]}{learnt}",
        160,
    )


def _draw_numbers(analysis: SliceAnalysis) -> None:
    lack, coverage, samples = analysis.lack, analysis.coverage, analysis.samples
    flagged = sum(one.is_flagged for one in samples)
    in_store = sum(one.known is not None for one in samples)
    shapes = [one for one in coverage.shapes if one.is_rare]
    draw_facts(
        [
            Fact(
                f"{lack.failure_count:,}",
                "failure looked into" if lack.failure_count == 1 else "failures looked into",
                counted(len(lack.tools), "needed tool"),
            ),
            Fact(
                f"{flagged:,}",
                "of the nearest samples are flagged",
                f"of {in_store:,} that are in the store",
                "alarm" if flagged else "fine" if in_store else "",
            ),
            Fact(
                f"{coverage.missing_count:,}",
                "needed tools with nothing like them",
                f"{coverage.same_count:,} the same, {coverage.near_count:,} only alike",
                "alarm" if coverage.missing_count else "fine",
            ),
            Fact(
                f"{len(shapes):,}",
                "shapes of calls hardly practised",
                "; ".join(SHAPE_WORDS[name] for name in lack.shapes if name in {one.name for one in shapes}),
                "alarm" if shapes else "fine",
            ),
        ]
    )


def _draw_requests(analysis: SliceAnalysis) -> None:
    made = st.session_state.pop(_MADE, 0)
    if made:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="slice_queue_made"):
            st.html('<span class="xs-chip xs-good">✔ the queue is drawn</span>', width="content")
            st.page_link(
                DESK, label="Open it", icon=":material/rate_review:", query_params={"queue": str(made)}
            )
    st.subheader("What to do about it", anchor=False)
    for request in analysis.requests:
        _draw_request(request, analysis)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            "More data of this kind, collected or written: what is needed, as a document", width="content"
        )
        st.download_button(
            "Data request",
            msgspec.json.format(msgspec.json.encode(_document(analysis)), indent=2),
            file_name=f"data-request-{analysis.evaluation.evaluation_no}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )


def _document(analysis: SliceAnalysis) -> dict[str, object]:
    return write_data_request(
        analysis.evaluation, analysis.wanted, analysis.lack, analysis.coverage, analysis.release_id
    )


def _draw_request(request: SampleRequest, analysis: SliceAnalysis) -> None:
    given = view_params(View(request.filters))
    with st.container(horizontal=True, vertical_alignment="center", key=f"request_{request.kind}"):
        st.html(f"<b>{counted(request.count, 'sample')}</b> of the nearest {request.words}.", width="content")
        if request.kind == "review":
            if may(current_person(), "manage queue"):
                st.button(
                    "Send to review",
                    icon=":material/rate_review:",
                    key="send_slice",
                    on_click=_send,
                    args=(analysis,),
                )
            st.page_link(
                QUEUES,
                label="With other settings",
                icon=":material/inbox:",
                query_params={**given, "new": "finding"},
            )
        else:
            st.page_link(
                AUGMENT, label="Augment them", icon=":material/shuffle:", query_params={**given, "new": "1"}
            )
        st.page_link(EXPLORE, label="See them in Explore", icon=":material/search:", query_params=given)


def _send(analysis: SliceAnalysis) -> None:
    now = datetime.now(UTC)
    try:
        plan = plan_review(analysis.evaluation, analysis.wanted, analysis.samples, analysis.lack)
        named = msgspec.structs.replace(plan, name=f"{plan.name}, {now:%d %B %H:%M:%S}")
        st.session_state[_MADE] = send_to_review(app_store(), named, person=current_person(), now=now)
    except XlamError as error:
        show_error(error)


def _draw_samples(analysis: SliceAnalysis) -> None:
    st.subheader("The nearest training samples", anchor=False)
    if not analysis.samples:
        draw_note("No row of the release calls or offers anything like the needed tools.")
        return
    draw_note(
        "Nearness: how alike the tools are (1: the same), 0.25 more for the same shape of calls, 0.25 more "
        "where the checks find in it what the model does wrong. Findings are what the checks say today."
    )
    view = View(Filters(ids=join_ids(one.row.trajectory_id for one in analysis.samples if one.known)))
    opened = draw_table(_COLUMNS, [_row(one, view) for one in analysis.samples], key="nearest_samples")
    if opened and any(one.known and one.row.trajectory_id == opened for one in analysis.samples):
        open_trajectory(opened, view)


def _row(sample: NearestSample, view: View) -> Row:
    row = sample.row
    address = f"trajectory?{urlencode(view_params(view, id=row.trajectory_id))}" if sample.known else ""
    return Row(
        id=row.trajectory_id,
        href=address,
        cells=(
            one_line(row.query, 200) or "(no request)",
            level_counts(_levels(sample)),
            _reasons(sample),
            round(sample.score, 2),
            one_line(row.source, 60),
            _state(sample),
        ),
    )


def _levels(sample: NearestSample) -> dict[Level, int]:
    counts: dict[Level, int] = {}
    for one in sample.known.findings if sample.known else ():
        counts[one.level] = counts.get(one.level, 0) + one.times
    return counts


def _reasons(sample: NearestSample) -> tuple[str, ...]:
    act = "calls" if sample.is_called else "offers"
    alike = (
        "the same tool"
        if sample.likeness == 1
        else f"{sample.likeness:.0%} like {one_line(sample.needed, 40)}"
    )
    found = [f"{act} {one_line(sample.tool, 40)}: {alike}"]
    if sample.has_same_shape:
        found.append("same shape of calls")
    if sample.has_same_code:
        found.append("the same fault")
    if sample.copies > 1:
        found.append(f"{sample.copies} times in the release")
    return tuple(found)


def _state(sample: NearestSample) -> str:
    known = sample.known
    if known is None:
        return "not in the store"
    words = [{"": "", "keep": "kept", "fix": "to be fixed", "fixed": "fixed", "drop": "dropped"}[known.state]]
    words += ["in review"] if known.is_queued and not known.state else []
    words += [] if known.is_current else ["changed since"]
    return ", ".join(word for word in words if word)
