"""Planting errors: which steps, which kinds; what would be planted is shown before, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.chosen_records import draw_chosen_records
from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.pair_view import sides_html
from pages.parts.routes import RUNS
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_view
from xlam_backend.activities.corrupt_run import start_corruptions
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.checks.sound_steps import STEP_CHOICES, StepChoice
from xlam_backend.domain.call_alignment import align_calls
from xlam_backend.domain.corruption import CORRUPTION_KINDS, CorruptedPair
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.preference.kinds import KINDS, kind_by_name
from xlam_backend.preference.plan import MOST_PER_STEP, CorruptionPlan
from xlam_backend.preference.previewing import CorruptionPreview, preview_corruptions
from xlam_backend.preference.removing import CorruptionRun, list_corruption_runs, take_back

_KEY = "corrupt_"
_STEP_WORDS: dict[StepChoice, str] = {
    "first call": "the first step that calls a tool",
    "each call": "each step that calls a tool",
}
_CHECK_TITLES = {check.name: check.title for check in ALL_CHECKS}


def draw_new_errors(*, is_first: bool) -> None:
    """Draw the form; folded away it costs nothing."""
    is_wanted = is_first or "new" in st.query_params
    box = st.expander(
        "Plant errors in correct steps",
        icon=":material/add:",
        expanded=is_wanted,
        key=f"new_errors_{is_wanted}",
        on_change="rerun",
    )
    if box.open:
        with box:
            if may_or_say("run"):
                _draw_form()


def draw_planted_runs() -> None:
    """Draw the runs whose planted errors are in the store, each with the way to take them back."""
    runs = read_cached("corruption_runs", list_corruption_runs)
    if not runs:
        return
    with st.expander(f"Planted so far: {counted(len(runs), 'run')}"):
        for run in runs:
            _draw_run(run)


def _draw_form() -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        plan = _draw_plan()
    with right:
        preview = _draw_preview(plan)
    can_start = preview is not None and preview.pair_count > 0
    if left.button(
        "Plant errors",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not can_start,
        key="plant_errors",
    ):
        _start(plan)


def _draw_plan() -> CorruptionPlan:
    filters = read_view().filters
    draw_chosen_records(filters)
    kinds = st.multiselect(
        "Kinds of errors",
        CORRUPTION_KINDS,
        format_func=lambda name: kind_by_name(name).title,
        placeholder="all of them",
        key=f"{_KEY}kinds",
    )
    first, second = st.columns(2)
    size = first.number_input("Trajectories to draw (0: all)", 0, 1_000_000, 1_000, 100, key=f"{_KEY}size")
    per_step = second.number_input("Pairs of each step, at most", 1, MOST_PER_STEP, 1, key=f"{_KEY}per_step")
    with st.popover("More settings", icon=":material/tune:"):
        steps = st.radio(
            "In which steps?",
            STEP_CHOICES,
            index=STEP_CHOICES.index("each call"),
            format_func=_STEP_WORDS.__getitem__,
            key=f"{_KEY}steps",
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key=f"{_KEY}seed")
    rows = "".join(
        f"<li><span><b>{kind.title}</b> {kind.does}</span><span>{_shown_by(kind.check)}</span></li>"
        for kind in KINDS
    )
    with st.expander("What each kind does, and what shows it"):
        st.html(f'<ul class="xs-list">{rows}</ul>')
    return CorruptionPlan(
        filters=filters,
        size=int(size),
        steps=steps,
        kinds=tuple(kinds),
        per_step=int(per_step),
        seed=int(seed),
    )


def _draw_preview(plan: CorruptionPlan) -> CorruptionPreview | None:
    try:
        made = read_cached("corruption_preview", preview_corruptions, plan)
    except XlamError as error:
        show_error(error)
        return None
    about = "" if made.looked_at == made.trajectory_count else f"of the {made.looked_at:,} looked at here"
    draw_facts(
        [
            Fact(f"{made.trajectory_count:,}", "trajectories are drawn"),
            Fact(f"{made.step_count:,}", "correct steps", about),
            Fact(f"{made.pair_count:,}", "pairs", about),
        ]
    )
    for reason, count in made.left_out.items():
        draw_note(f"Left out, {count:,}: {reason}.")
    if made.barren_count:
        draw_note(f"{counted(made.barren_count, 'step')} can bear none of these errors.")
    if not made.trajectory_count:
        draw_note("No trajectory matches these filters. Take one away.")
    elif not made.pair_count:
        draw_note("No error of these kinds can be planted here. Choose other kinds, or other trajectories.")
    for at, (example, query) in enumerate(zip(made.examples, made.queries, strict=True)):
        with st.expander(_example_title(example), expanded=at == 0):
            _draw_example(example, query)
    return made


def _example_title(example: CorruptedPair) -> str:
    return f"Example: {kind_by_name(example.corruption.kind).title.lower()}"


def _draw_example(example: CorruptedPair, query: str) -> None:
    planted, pair = example.corruption, example.pair
    st.html(
        f'<p class="xs-user">{text_html(query, 600)}</p>'
        f'<p class="xs-note">{text_html(planted.words, 400)}; {_shown_by(planted.flagged_by)}</p>'
    )
    alignment = align_calls(pair.chosen.tool_calls, pair.rejected.tool_calls)
    st.html(sides_html(alignment, pair.chosen, pair.rejected, "Before: chosen", "After: rejected"))


def _shown_by(check: str) -> str:
    title = _CHECK_TITLES.get(check, check)
    return f"shown by the check {text_html(title)}" if check else "shown by the calls themselves"


def _draw_run(run: CorruptionRun) -> None:
    words, button = st.columns([5, 2], vertical_alignment="center")
    kinds = ", ".join(f"{count:,} {kind_by_name(kind).title.lower()}" for kind, count in run.kinds.items())
    queued = f" · {run.queued_count:,} in review queues" if run.queued_count else ""
    words.html(
        f"<b>{run.made_at:%Y-%m-%d %H:%M} UTC: {counted(run.pair_count, 'pair')}</b>"
        f'<p class="xs-note">seed {run.seed}{queued} · {text_html(kinds, 600)}</p>'
    )
    with button, st.container(horizontal=True, horizontal_alignment="right"):
        st.page_link(RUNS, label="The run", icon=":material/hourglass_top:", query_params={"run": run.run_id})
        if may(current_person(), "run"):
            with st.popover("Take back …", icon=":material/undo:"):
                _draw_take_back(run)


def _draw_take_back(run: CorruptionRun) -> None:
    words = f"{counted(run.pair_count, 'pair')} of this run go."
    if run.queued_count:
        words += f" {run.queued_count:,} of them are taken out of review queues; answers stay on record."
    draw_note(words)
    if st.button("Take them back", key=f"take_back_{run.run_id}", type="primary"):
        try:
            take_back(app_store(), run.run_id, person=current_person(), now=datetime.now(UTC))
        except XlamError as error:
            show_error(error)
        else:
            st.rerun()


def _start(plan: CorruptionPlan) -> None:
    try:
        start_corruptions(app_store(), plan, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
