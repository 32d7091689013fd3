"""One run in full: live progress, curves, log, files, what it was started with, and what can be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import RUNS
from pages.parts.run_card import (
    POLL_SECONDS,
    STOPPED_WORDS,
    draw_progress,
    draw_repeat_button,
    draw_resume_button,
    draw_stop_button,
)
from pages.parts.run_ways import draw_ways_on
from pages.parts.run_words import FAILURES, chip_html, device_words, duration_words, size_words
from pages.parts.safe_text import one_line, show_hidden, text_html
from pages.parts.signed_in import current_person
from pages.parts.url_view import put_in_url
from xlam_backend.activities.manager import delete_run
from xlam_backend.charts.curve import curve
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.runs.details import FileFacts, RunDetails, read_details
from xlam_backend.runs.state import RunStatus

_MOST_FILES = 100
_MOST_CURVES = 4
_SCRIPTED = "scripted"  # told by every run that asks a model


def draw_run(run_id: str) -> None:
    """Draw the run of this id; while it is open it is drawn again every moment."""
    st.page_link(RUNS, label="All runs", icon=":material/arrow_back:")
    details = read_details(app_store().folder, run_id)
    status = details.status
    scripted = f"<p>{scripted_chip()}</p>" if (status.outcome or {}).get(_SCRIPTED) else ""
    st.html(
        f"<h2>{text_html(status.title, 200)} {chip_html(status)}</h2>"
        f'<p class="xs-note">{text_html(_started_words(status), 300)}</p>{scripted}'
    )
    if status.is_moving:
        _draw_live(run_id, f"{status.state} {status.attempt}")
    else:
        draw_end(status)
        draw_ways_on(status)
        _draw_buttons(status)
        _draw_body(details)
    _draw_records(details)


@st.fragment(run_every=POLL_SECONDS)
def _draw_live(run_id: str, known: str) -> None:
    details = read_details(app_store().folder, run_id)
    status = details.status
    if not status.is_moving or known != f"{status.state} {status.attempt}":
        st.rerun()
    draw_progress(status)
    if status.is_open:
        draw_stop_button(status)
    _draw_body(details)


def _started_words(status: RunStatus) -> str:
    when = status.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    words = f"{status.kind} · started by {status.person} at {when}"
    if status.input_words:
        words += f" · {status.input_words}"
    if status.devices:
        words += f" · {device_words(status)}"
    return f"{words} · attempt {status.attempt}" if status.attempt > 1 else words


def draw_end(status: RunStatus) -> None:
    """Say why a run did not get to its end; nothing where it did."""
    if status.what:
        name = FAILURES[status.failure_class]
        st.html(
            f'<div class="xs-error" role="alert"><b>{name}: {text_html(status.what, 600)}</b>'
            f"{text_html(status.way_out, 2_000)}</div>"
        )
    elif status.state == "stopped":
        draw_note(STOPPED_WORDS)


def _draw_buttons(status: RunStatus) -> None:
    if not may(current_person(), "run"):
        return
    with st.container(horizontal=True):
        if status.state != "succeeded":
            draw_resume_button(status, key="resume_run")
        draw_repeat_button(status.run_id, key="repeat_run", label="Repeat", what="The same work anew")
        with st.popover("Delete …", icon=":material/delete:"):
            _draw_delete(status)


def _draw_delete(status: RunStatus) -> None:
    draw_note("The folder of this run goes: input, output and log. What the store took in of it stays.")
    if not status.intake.is_complete:
        draw_note("Not everything it made is in the store: that is lost with it.")
    if st.button("Delete this run", type="primary", key="delete_run"):
        try:
            delete_run(app_store(), status.run_id, person=current_person(), now=datetime.now(UTC))
        except XlamError as error:
            show_error(error)
        else:
            put_in_url("run", None)
            st.rerun()


def _draw_body(details: RunDetails) -> None:
    """Draw what changes while a run goes on."""
    _draw_numbers(details)
    _draw_failed_parts(details.status)
    _draw_curves(details)
    if details.status.outcome and not details.status.is_open:
        _draw_outcome(details.status.outcome)
    with st.expander("Log", expanded=details.status.state in ("failed", "lost")):
        st.code(show_hidden(details.log) or "Nothing was said.", language=None, wrap_lines=True)


def _draw_outcome(outcome: dict[str, Any]) -> None:
    """Draw single values as a list, and whatever has parts as JSON."""
    told = {name: value for name, value in outcome.items() if name != _SCRIPTED}
    single = {name: value for name, value in told.items() if not isinstance(value, dict | list)}
    items = "".join(
        f"<li><span>{text_html(_in_words(name), 60)}</span><span>{_value_html(value)}</span></li>"
        for name, value in single.items()
    )
    with st.expander("What came of it", expanded=True):
        st.html(f'<ul class="xs-list">{items}</ul>')
        more = {name: value for name, value in told.items() if name not in single and value}
        if more:
            draw_note("In detail:")
            st.json(more, expanded=1)


def _in_words(name: str) -> str:
    return name.removesuffix("_count").replace("_", " ")


def _value_html(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return text_html(f"{value:,.3g}" if isinstance(value, float) else str(value), 400)


def _draw_records(details: RunDetails) -> None:
    """Draw what the run was started with, its files and its past, folded away."""
    with st.expander("Files"):
        _draw_files("Input", details.inputs)
        _draw_files("Output", details.outputs)
        st.code(details.folder, language=None)
    with st.expander("Started with"):
        st.json({"parameters": details.status.params, "seeds": details.seeds})
        st.json({"input sha256": details.input_sha256, "versions": details.versions}, expanded=False)
    with st.expander("What happened"):
        st.dataframe(
            [
                {
                    "when": event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
                    "attempt": event.attempt,
                    "what": event.kind,
                    "words": one_line(event.words),
                }
                for event in reversed(details.events)
            ],
            hide_index=True,
        )


def _draw_numbers(details: RunDetails) -> None:
    status = details.status
    took = duration_words(status.seconds) if status.started_at else "–"
    facts = [Fact(took, "so far" if status.is_open else "took")]
    if status.progress and status.progress.total:
        facts.append(Fact(f"{status.progress.share:.0%}", "done"))
    if status.peak_rss_bytes:
        facts.append(Fact(size_words(status.peak_rss_bytes), "memory at most"))
    if status.intake.taken or details.outputs:
        count = len(status.intake.taken)
        parts = f"{counted(count, 'part')} taken in"
        facts.append(Fact(f"{status.intake.row_count:,}", "rows in the store", parts))
    draw_facts(facts)


def _draw_failed_parts(status: RunStatus) -> None:
    for part, why in list(status.intake.failed.items())[:10]:
        st.html(
            f'<div class="xs-error" role="alert"><b>Not taken in: {text_html(part or "this run", 200)}</b>'
            f"{text_html(why, 400)}</div>"
        )


def _draw_curves(details: RunDetails) -> None:
    """Draw each further number that the worker told, and that was not always 0, as a line over time."""
    points = details.points
    told_of = dict.fromkeys(name for point in points for name, number in point.numbers.items() if number)
    names = list(told_of)[:_MOST_CURVES]
    if len(points) < 2 or not names:
        return
    began = points[0].at
    for name, column in zip(names, st.columns(len(names))):
        told = [point for point in points if name in point.numbers]
        figure = curve(
            [(point.at - began).total_seconds() / 60 for point in told],
            [point.numbers[name] for point in told],
            name=name,
        )
        with column:
            st.html(f'<p class="xs-note">{text_html(name.replace("_", " "), 60)}</p>')
            draw_chart(figure, key=f"curve_{name}")


def _draw_files(title: str, files: tuple[FileFacts, ...]) -> None:
    total = size_words(sum(file.byte_count for file in files))
    count = counted(len(files), "file")
    st.html(f'<p class="xs-note"><b>{title}</b>: {count}, {total}</p>')
    if files:
        rows = [
            {"file": one_line(file.name), "size": size_words(file.byte_count), "in the store": _taken(file)}
            for file in files[:_MOST_FILES]
        ]
        st.dataframe(rows, hide_index=True)
    if len(files) > _MOST_FILES:
        draw_note(f"The first {_MOST_FILES} of {len(files):,}.")


def _taken(file: FileFacts) -> str:
    if file.failure:
        return "not taken in"
    return "" if file.row_count is None else counted(file.row_count, "row")
