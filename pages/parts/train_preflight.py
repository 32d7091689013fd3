"""The check before a training, drawn: the verdict, the figures, the points, and the rows behind them."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.safe_text import one_line, text_html
from xlam_backend.charts.histogram import histogram
from xlam_backend.explore.tool_dossier import bin_numbers
from xlam_backend.training.preflight import Preflight
from xlam_backend.training.preflight_data import DataFacts
from xlam_backend.training.preflight_machine import DEVICE_COUNTS
from xlam_backend.training.preflight_points import Point, PointLevel, duration_words, gigabytes

# Look of a point's chip, and its words with a shape that tells levels apart without colour.
_LEVELS: dict[PointLevel, tuple[str, str]] = {
    "stops": ("xs-reject", "✖ stops it"),
    "warns": ("xs-warn", "▲ look at this"),
    "fine": ("xs-good", "✔ fine"),
}
_MANY, _HEIGHT = 8, 400
_TUNINGS = {"full": "All weights", "lora": "LoRA", "qlora": "QLoRA (4 bits)"}


def draw_verdict(found: Preflight) -> None:
    """Draw in one line whether it may start."""
    stops, warns = len(found.of_level("stops")), len(found.of_level("warns"))
    if stops:
        words = "one thing stops it" if stops == 1 else f"{stops} things stop it"
        st.html(f'<p><span class="xs-chip xs-reject">✖ {words}</span></p>')
        return
    aside = ""
    if warns:
        aside = f' <span class="xs-chip xs-warn">▲ {warns} to look at</span>'
    st.html(f'<p><span class="xs-chip xs-good">✔ it can start</span>{aside}</p>')


def draw_figures(found: Preflight) -> None:
    """Draw the few numbers that matter: what is learnt, what it needs, how long it takes."""
    facts = []
    if found.work:
        held = f"{found.plan.eval_rows:,} held out" if found.plan.eval_rows else ""
        facts.append(Fact(f"{found.work.examples:,}", "examples", held))
        facts.append(Fact(_short(found.work.tokens), "tokens an epoch", f"longest {found.work.longest:,}"))
        facts.append(Fact(f"{found.work.steps:,}", "steps", found.step_words))
    if found.shape:
        share = f"{_short(found.trained_count)} trained" if found.plan.is_adapter else "all trained"
        facts.append(Fact(_short(found.shape.parameter_count), "parameters", share))
    if found.memory and found.placement:
        place = "on each GPU" if found.placement.kind == "cuda" else "of memory"
        facts.append(Fact(f"≈ {gigabytes(found.memory.total)}", place, "an estimate"))
    elif chosen := next((row for row in found.memory_rows if row.is_chosen), None):
        most = gigabytes(chosen.bytes_per_device[-1])
        facts.append(Fact(f"≈ {most}", f"on each of {DEVICE_COUNTS[-1]} GPUs", "an estimate, with FSDP"))
    if found.duration:
        low, high = found.duration.fastest_seconds, found.duration.slowest_seconds
        basis = "as an earlier run went" if found.pace_run else "rough; measured after 20 steps"
        facts.append(Fact(f"{duration_words(low)} to {duration_words(high)}", "time", basis))
    if facts:
        draw_facts(facts)


def draw_points(found: Preflight) -> None:
    """Draw what stops it and what to look at; what is fine is folded away."""
    for point in (*found.of_level("stops"), *found.of_level("warns")):
        st.html(_point_html(point))
    fine = found.of_level("fine")
    if fine:
        with st.expander(f"Looked at and fine ({len(fine)})"):
            st.html("".join(_point_html(point) for point in fine))


def draw_behind(found: Preflight) -> None:
    """Draw what stands behind the figures: rows, lengths, memory by devices."""
    if found.data:
        _draw_problems(found.data)
        _draw_lengths(found.data, found.plan.max_length)
    if found.memory_rows:
        with st.expander("Memory on several GPUs", icon=":material/memory:"):
            _draw_memory(found)


def _point_html(point: Point) -> str:
    look, words = _LEVELS[point.level]
    kind = {"stops": "xs-reject", "warns": "xs-warn", "fine": ""}[point.level]
    way_out = f'<p class="xs-note">{text_html(point.way_out, 600)}</p>' if point.way_out else ""
    return (
        f'<div class="xs-finding {kind}"><p><span class="xs-chip {look}">{words}</span> '
        f"{text_html(point.words, 600)}</p>{way_out}</div>"
    )


def _draw_problems(data: DataFacts) -> None:
    total = data.dropped_count + data.cut_count
    if not total:
        return
    with st.expander(f"Rows that are not learnt whole ({total:,})", icon=":material/content_cut:"):
        if total > len(data.problems):
            draw_note(f"The longest {len(data.problems):,} of them.")
        rows = [
            LinkRow(
                one_line(each.request, 100) or each.row_id[:12],
                (
                    f"{each.token_count:,}" if each.token_count else "",
                    each.outcome,
                    one_line(each.reason, 200),
                ),
                "trajectory?" + urlencode({"id": each.trajectory_id}) if each.trajectory_id else "",
            )
            for each in data.problems
        ]
        with st.container(height=_HEIGHT if len(rows) > _MANY else "content"):
            st.html(table_html(("Request", "Tokens", "What becomes of it", "Why"), rows))


def _draw_lengths(data: DataFacts, limit: int) -> None:
    if not data.lengths:
        return
    with st.expander("How long the examples are", icon=":material/bar_chart:"):
        draw_note(
            f"Half have up to {data.quantile(0.5):,} tokens, 95 % up to {data.quantile(0.95):,}, the longest "
            f"{data.longest:,}; the context holds {limit:,}. {data.target_count:,} of {data.token_count:,} "
            "tokens are learnt, the others are given."
        )
        bins = bin_numbers([float(length) for length in data.lengths])
        draw_chart(histogram(bins, unit="examples"), key="train_lengths")


def _draw_memory(found: Preflight) -> None:
    heads = ("Tuning", *(f"{count} GPU" if count == 1 else f"{count} GPUs" for count in DEVICE_COUNTS))
    rows = [
        LinkRow(
            _TUNINGS[row.tuning],
            tuple(gigabytes(size) for size in row.bytes_per_device),
            words="as chosen" if row.is_chosen else "",
        )
        for row in found.memory_rows
    ]
    st.html(table_html(heads, rows))
    draw_note(
        "On each GPU, divided by FSDP, with these settings: weights, gradients and optimiser, gathered "
        "blocks, activations, and what lies beside them. An estimate; a run says what it really takes."
    )


def _short(count: float) -> str:
    """Write a large number short.

    >>> _short(46_702_792_704), _short(168_256), _short(950)
    ('46.70B', '168K', '950')
    """
    if count >= 1e9:
        return f"{count / 1e9:,.2f}B"
    if count >= 1e6:
        return f"{count / 1e6:,.1f}M"
    return f"{count / 1e3:,.0f}K" if count >= 1e4 else f"{count:,.0f}"
