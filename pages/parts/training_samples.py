"""What a model in training writes for held-out rows, step by step, beside what was to be written."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.parts.page_head import draw_note
from pages.parts.safe_text import show_hidden
from pages.parts.url_widgets import url_select
from xlam_backend.training.curves import SampledStep
from xlam_backend.training.metrics_file import SamplePrediction

_LONGEST = 6_000


def draw_samples(steps: tuple[SampledStep, ...]) -> None:
    """Draw the samples of one step, the latest one unless the URL names another."""
    if not steps:
        draw_note(
            "Nothing has been written for held-out rows. They are asked for each time the held-out rows are "
            "measured: the settings eval_rows, eval_steps and sample_count say how many, and how often."
        )
        return
    by_step = {str(one.step): one for one in reversed(steps)}
    latest = next(iter(by_step))
    chosen = url_select(
        "After step",
        "at",
        list(by_step),
        show=lambda step: f"{int(step):,}",
        placeholder=f"{int(latest):,}, the latest",
        only_these=True,
    )
    shown = by_step[chosen or latest]
    right = sum(_is_right(sample) for sample in shown.samples)
    draw_note(f"Word for word what was wanted: {right} of {len(shown.samples)}.")
    for number, sample in enumerate(shown.samples, 1):
        _draw_sample(number, sample)


def _is_right(sample: SamplePrediction) -> bool:
    return sample.written.strip() == sample.wanted.strip()


def _draw_sample(number: int, sample: SamplePrediction) -> None:
    look, words = ("xs-good", "✔ as wanted") if _is_right(sample) else ("xs-plain", "≠ other words")
    with st.container(border=True):
        st.html(f'<b>Held-out row {number}</b> <span class="xs-chip {look}">{escape(words)}</span>')
        with st.expander("What the model was given"):
            _draw_text(sample.prompt)
        wanted, written = st.columns(2)
        with wanted:
            draw_note("To be written")
            _draw_text(sample.wanted)
        with written:
            draw_note("Written by the model")
            _draw_text(sample.written)


def _draw_text(text: str) -> None:
    cut = f"\n… {len(text) - _LONGEST:,} more characters not shown" if len(text) > _LONGEST else ""
    st.code(show_hidden(text[:_LONGEST]) + cut or " ", language=None, wrap_lines=True)
