"""One training run in full: how it goes, its curves, what the model writes, checkpoints, what can be done."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages.parts.page_head import Fact, draw_facts
from pages.parts.routes import RUNS, TRAINING
from pages.parts.run_card import POLL_SECONDS, draw_progress
from pages.parts.run_view import draw_end
from pages.parts.run_words import chip_html, device_words, duration_words, size_words
from pages.parts.safe_text import show_hidden, text_html
from pages.parts.training_acts import draw_acts
from pages.parts.training_charts import draw_training_charts
from pages.parts.training_checkpoints import draw_checkpoints
from pages.parts.training_samples import draw_samples
from pages.parts.training_settings import draw_settings, plan_words
from xlam_backend.owner import app_store
from xlam_backend.training.curve_panels import CurvesOfRun
from xlam_backend.training.watching import MEASURED_STEPS, TrainingView, read_training

_TABS = "training_tabs"
_LOG = "Log"
_DRAWN, _DRAWN_AT = "training_drawn", "training_drawn_at"
_HEAD_SECONDS = 2.0
# The curves of a long run look the same for longer; to draw them takes time from a training on the processor.
_SHORTEST_BEAT, _LONGEST_BEAT, _BEAT_SHARE = 5.0, 60.0, 0.01


def draw_training(run_id: str) -> None:
    """Draw the training run of this id; while it is open it is drawn again every moment."""
    st.page_link(TRAINING, label="All training runs", icon=":material/arrow_back:")
    view = _read(run_id)
    status = view.status
    when = status.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    devices = f" · {text_html(device_words(status), 400)}" if status.devices else ""
    attempt = f" · attempt {status.attempt}" if status.attempt > 1 else ""
    st.html(
        f"<h2>{text_html(status.title, 200)} {chip_html(status)}</h2>"
        f'<p class="xs-note">{text_html(plan_words(view.plan), 400)} · started by '
        f"{text_html(status.person, 80)} at {when}{devices}{attempt}</p>"
    )
    if status.is_open:
        _note_drawn(view)
        _draw_live_head(run_id, f"{status.state} {status.attempt}")
        _draw_live_body(run_id)
        return
    if status.is_moving:
        _draw_taking_in(run_id)
    draw_end(status)
    draw_acts(view)
    _draw_head(view)
    _draw_body(view, is_live=False)


def _read(run_id: str) -> TrainingView:
    return read_training(app_store().folder, run_id, now=datetime.now(UTC))


@st.fragment(run_every=_HEAD_SECONDS)
def _draw_live_head(run_id: str, known: str) -> None:
    view = _read(run_id)
    status = view.status
    if not status.is_open or known != f"{status.state} {status.attempt}":
        st.rerun()  # it began or ended: what can be done with it has changed
    _draw_progress(view)
    draw_acts(view)
    _draw_head(view)
    if _has_news(view):
        st.rerun()  # a fragment cannot have another one drawn, only the whole page


@st.fragment(run_every=POLL_SECONDS)
def _draw_taking_in(run_id: str) -> None:
    """Draw that its end is being taken in; no button: a press in a fragment goes with it when it goes."""
    status = _read(run_id).status
    if not status.is_moving:
        st.rerun()
    draw_progress(status)


@st.fragment
def _draw_live_body(run_id: str) -> None:
    _draw_body(_read(run_id), is_live=True)


def _has_news(view: TrainingView) -> bool:
    """Tell whether there is more to draw than what was drawn last, and that was long enough ago."""
    beat = min(_LONGEST_BEAT, max(_SHORTEST_BEAT, view.status.seconds * _BEAT_SHARE))
    is_due = time.monotonic() - float(st.session_state[_DRAWN_AT]) >= beat
    return is_due and str(st.session_state[_DRAWN]) != _told(view)


def _note_drawn(view: TrainingView) -> None:
    st.session_state[_DRAWN] = _told(view)
    st.session_state[_DRAWN_AT] = time.monotonic()


def _told(view: TrainingView) -> str:
    """Return what stands for all that the open tab shows."""
    return view.details.log if st.session_state.get(_TABS) == _LOG else str(view.curves.line_count)


def _draw_progress(view: TrainingView) -> None:
    """Draw how far it is; how long it will take stands among the figures, by the pace of its steps."""
    status = view.status
    if status.state == "queued" or not status.is_open or not view.total_steps:
        draw_progress(status)
        return
    st.progress(min(1.0, view.step / view.total_steps))
    words = "Writing a checkpoint, then it stops …" if status.state == "stopping" else "Learning"
    said = f"{words}: step {view.step:,} of {view.total_steps:,}"
    st.html(f'<p class="xs-note" role="status">{text_html(said)}</p>')


def _draw_head(view: TrainingView) -> None:
    for worry in view.worries:
        st.html(f'<p><span class="xs-chip xs-warn">! look at this</span> {text_html(worry, 400)}</p>')
    draw_facts(_facts(view))


def _draw_body(view: TrainingView, *, is_live: bool) -> None:
    """Draw the tabs; of a run at work only the one that is open, for it is drawn again and again."""
    draws: dict[str, Callable[[], None]] = {
        "Curves": lambda: draw_training_charts([CurvesOfRun("", view.curves)], key="live", is_live=is_live),
        "What it writes": lambda: draw_samples(view.curves.samples),
        "Checkpoints": lambda: draw_checkpoints(view),
        "Settings": lambda: draw_settings(view),
        _LOG: lambda: _draw_log(view),
    }
    tabs = st.tabs(list(draws), key=_TABS, on_change="rerun" if is_live else "ignore")
    for tab, draw in zip(tabs, draws.values()):
        if tab.open or not is_live:
            with tab:
                draw()


def _draw_log(view: TrainingView) -> None:
    st.code(show_hidden(view.details.log) or "Nothing was said.", language=None, wrap_lines=True, height=420)
    st.page_link(
        RUNS,
        label="Files and history of this run",
        icon=":material/folder_open:",
        query_params={"run": view.status.run_id},
    )


def _facts(view: TrainingView) -> list[Fact]:
    status, curves = view.status, view.curves
    total = f"of {view.total_steps:,}" if view.total_steps else ""
    facts = [Fact(f"{view.step:,}", "steps", total)]
    if view.loss is not None:
        held_out = curves.latest("eval_loss")
        beside = "" if held_out is None else f"{held_out:.4g} on held-out rows"
        facts.append(Fact(f"{view.loss:.4g}", "loss, running mean", beside))
    if (accuracy := curves.latest("rewards/accuracies")) is not None:
        facts.append(Fact(f"{accuracy:.0%}", "reward accuracy", "one half is chance"))
    if (speed := curves.latest("tokens_per_second")) is not None:
        facts.append(Fact(f"{speed:,.0f}", "tokens per second"))
    facts.append(_time_fact(view))
    if memory := curves.latest("device_memory_bytes") or status.peak_rss_bytes:
        load = curves.latest("device_load")
        facts.append(
            Fact(size_words(int(memory)), "memory at most", "" if load is None else f"load {load:.0%}")
        )
    return facts


def _time_fact(view: TrainingView) -> Fact:
    status = view.status
    took = duration_words(status.seconds) if status.started_at else "–"
    if not status.is_open or view.seconds_left is None:
        return Fact(took, "so far" if status.is_open else "took")
    how = f"{took} so far" if view.is_measured else f"{took} so far; rough before step {MEASURED_STEPS}"
    return Fact(duration_words(view.seconds_left), "left", how)
