"""Every check and judge with its precision and recall: which can be trusted, at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.parts.charts import draw_choosing
from pages.parts.estimates import axis_start, estimate_cells, estimate_mark, share_words
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.names import machine_title
from pages.parts.page_head import draw_note
from pages.parts.rate_chart import rate_mark
from pages.parts.rating_words import scripted_chip
from pages.parts.safe_text import one_line
from pages.parts.url_view import put_in_url
from xlam_backend.charts.bars import ACCENT, interval_plot
from xlam_backend.review.calibration import Calibration, Voice
from xlam_backend.review.settled import PREFERENCE
from xlam_backend.statistics.estimate import Estimate, show_reasons
from xlam_backend.statistics.intervals import show_rate, show_share

MOST_ROWS = 14
NARROW_ROOM = 0.5


def voice_key(voice: Voice) -> str:
    """Return a text that names a voice and no other."""
    return f"{voice.name}\n{voice.model}\n{voice.prompt_version}"


def voice_title(voice: Voice) -> str:
    """Return what people call a voice, on one line."""
    if not voice.name:
        return "All checks together"
    if voice.name == PREFERENCE:
        return "Chosen side of pairs"
    title = one_line(machine_title(voice.name), 60)
    if not voice.model and not voice.prompt_version:
        return title
    return f"{title} · prompt {voice.prompt_version} · {one_line(voice.model, 40)}"


def open_voice(voice: Voice | None) -> None:
    """Show one voice in detail, or all."""
    for name in ("model", "prompt", "show", "score", "human", "line", "first", "second"):
        put_in_url(name, "")
    if voice is None:
        put_in_url("check", "")
        return
    st.query_params["check"] = voice.name  # "" stands for all checks together
    put_in_url("model", voice.model)
    put_in_url("prompt", voice.prompt_version or "")


def voice_address(voice: Voice) -> str:
    """Return the address of a voice in detail."""
    params = {"check": voice.name, "model": voice.model, "prompt": voice.prompt_version or ""}
    if queue := st.query_params.get("queue", ""):
        params["queue"] = queue
    return "calibration?" + urlencode(
        {key: value for key, value in params.items() if value or key == "check"}
    )


def draw_list(calibrations: Sequence[Calibration]) -> None:
    """Draw precision and recall of every voice, those with most labels first."""
    ordered = sorted(calibrations, key=lambda each: -each.settled_count)
    if any(each.is_scripted for each in ordered):
        st.html(f"<p>Among these: {scripted_chip()}</p>")
    left, right = st.columns(2, gap="large")
    with left:
        _draw_precision(ordered)
    with right:
        _draw_estimates(
            ordered,
            "Recall",
            "Of all there is to flag, how much is flagged; weighted by how items were drawn. Queues without "
            "unflagged items cannot tell.",
            [each.quality.recall for each in ordered],
            is_share=True,
        )
        _draw_estimates(
            ordered,
            "Kappa with people",
            "Agreement of the flag with people beyond chance.",
            [each.quality.kappa for each in ordered],
        )
    _draw_table(ordered)


def _draw_precision(ordered: Sequence[Calibration]) -> None:
    st.subheader("Precision", anchor=False)
    draw_note(
        "Of what is flagged and settled, how much people call bad. A click opens it; the table has all."
    )
    shown = [(place, each) for place, each in enumerate(ordered) if each.quality.precision.total][:MOST_ROWS]
    marks = [
        rate_mark(
            str(place),
            voice_title(each.voice),
            each.quality.precision,
            value=f"{show_share(each.quality.precision)}  of {each.quality.precision.total:,}",
            colour=ACCENT,
        )
        for place, each in shown
    ]
    if marks:
        draw_choosing(
            interval_plot(marks, room=NARROW_ROOM),
            key="precision",
            choose=lambda key: _open(ordered[int(key)]),
        )
    else:
        draw_note("Nothing flagged is settled yet.")


def _draw_estimates(
    ordered: Sequence[Calibration],
    title: str,
    note: str,
    estimates: Sequence[Estimate],
    *,
    is_share: bool = False,
) -> None:
    st.subheader(title, anchor=False)
    draw_note(note)
    marks = [
        estimate_mark(str(place), voice_title(each.voice), shown, is_share=is_share)
        for place, (each, shown) in enumerate(zip(ordered, estimates))
        if shown.value is not None
    ][:MOST_ROWS]
    if marks:
        draw_choosing(
            interval_plot(marks, room=NARROW_ROOM, lowest=axis_start(marks), is_share=is_share),
            key=title,
            choose=lambda key: _open(ordered[int(key)]),
        )
    else:
        draw_note(f"Undefined for all: {show_reasons(estimates)}.")


def _draw_table(ordered: Sequence[Calibration]) -> None:
    draw_as_table(
        ("Check or judge", "Settled", "Precision", "Recall", "interval", "of", "Kappa", "interval", "of"),
        [
            LinkRow(
                voice_title(each.voice),
                (
                    f"{each.settled_count:,} of {each.answered_count:,}",
                    show_rate(each.quality.precision),
                    *share_words(each.quality.recall),
                    f"{each.quality.recall.n:,}",
                    *estimate_cells(each.quality.kappa),
                ),
                voice_address(each.voice),
                "scripted model" if each.is_scripted else "",
            )
            for each in ordered
        ],
        label="All numbers as a table, with links",
    )


def _open(calibration: Calibration) -> None:
    open_voice(calibration.voice)
