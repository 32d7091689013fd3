"""What a recipe would give: what stands against it, counts, lengths, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.counted import counted
from pages.parts.link_table import LinkRow, table_html
from pages.parts.names import format_title
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.routes import CONTAMINATION, NEAR_DUPLICATES
from pages.parts.safe_text import text_html
from xlam_backend.charts.histogram import histogram
from xlam_backend.mixture.preview import Count, Preview, Problem, SourcePreview

_MOST_ROWS = 12


def draw_summary(found: Preview) -> None:
    """Draw the few numbers, and whatever stands against freezing."""
    over = found.over_context_count
    left_out = sum(count.row_count for count in found.left_out)
    draw_facts(
        [
            Fact(f"{found.row_count:,}", "rows", f"{found.distinct_count:,} different"),
            Fact(
                _short(found.token_count), "tokens", "an estimate" if "estimate" in found.token_rule else ""
            ),
            Fact(f"{over:,}", f"longer than {found.context:,} tokens", look="alarm" if over else ""),
            Fact(f"{left_out:,}", "rows left out", "each with its reason, below"),
        ]
    )
    for problem in found.problems:
        _draw_problem(problem)
    for note in found.notes:
        st.html(f'<p class="xs-note">{text_html(note, 400)}</p>')


def draw_preview(found: Preview) -> None:
    """Draw what the mixture is made of."""
    st.html(
        table_html(
            ("Source", "Rows", "Share", "Asked for", "Can give", "Tokens"),
            [_source_row(one, found.row_count) for one in found.sources],
        )
    )
    if not found.row_count:
        return
    st.subheader("Lengths", anchor=False)
    _draw_lengths(found)
    first, second = st.columns(2)
    with first:
        _draw_counts("Tools per prompt", found.tools, found.row_count, of="rows")
        _draw_counts("Datasets", found.datasets, found.row_count)
        _draw_counts("Categories", found.categories, found.row_count)
    with second:
        answers = sum(count.row_count for count in found.calls)
        _draw_counts("Calls per answer", found.calls, answers, of="answers")
        formats = [Count(format_title(count.name), count.row_count) for count in found.formats]
        _draw_counts("Output formats", formats, found.row_count)
        _draw_licences(found)
    _draw_still_there(found)


def _source_row(one: SourcePreview, total: int) -> LinkRow:
    share = f"{100 * one.taken / total:.1f} %" if total else ""
    words = f"{one.matched:,} match, {one.distinct:,} of them fit"
    cells = (f"{one.taken:,}", share, f"{one.wanted:,}", f"{one.available:,}", _short(one.token_count))
    return LinkRow(one.name, cells, words=words)


def _draw_lengths(found: Preview) -> None:
    bars = [(bar.least, bar.below, bar.row_count) for bar in found.lengths[:-1]]
    draw_chart(
        histogram(bars, unit="rows").add_vline(x=found.context, line={"dash": "dash", "color": "#b3263d"}),
        key="mixture_lengths",
    )
    beyond = found.lengths[-1]
    more = (
        f" {counted(beyond.row_count, 'row')} beyond {beyond.least:,} are not drawn."
        if beyond.row_count
        else ""
    )
    draw_note(
        f"Rows by tokens; the dashed line is the context. The longest has {found.longest_tokens:,}. "
        f"Tokens are {found.token_rule}.{more}"
    )


def _draw_counts(title: str, counts: Sequence[Count], total: int, *, of: str = "rows") -> None:
    shown = list(counts[:_MOST_ROWS])
    rest = sum(count.row_count for count in counts[_MOST_ROWS:])
    if rest:
        shown.append(Count(f"{len(counts) - _MOST_ROWS:,} others", rest))
    most = max((count.row_count for count in shown), default=1)
    rows = "".join(
        f"<code>{text_html(count.name, 120)}</code>"
        f'<i style="width:{100 * count.row_count / most:.1f}%"></i>'
        f"<b>{count.row_count:,} ({100 * count.row_count / max(1, total):.1f} %)</b>"
        for count in shown
    )
    head = f"{title} · of {total:,} {of}"
    st.html(f'<h4 class="xs-part">{escape(head)}</h4><div class="xs-values">{rows}</div>')


def _draw_licences(found: Preview) -> None:
    words = {"yes": "commercial use allowed", "no": "no commercial use", "unknown": "not known"}
    counts = [Count(f"{one.name}: {words[one.commercial]}", one.row_count) for one in found.licences]
    _draw_counts("Licences", counts, found.row_count)


def _draw_still_there(found: Preview) -> None:
    still = found.still_there
    near = f"{counted(still.near_duplicates, 'row')} beside a near-duplicate"
    near += f"; {still.not_searched:,} were never searched" if still.not_searched else ""
    parts = [
        near,
        f"{still.contaminated:,} contaminated; {still.not_compared:,} never held against an evaluation set",
        f"{still.rejected_by_checks:,} rejected by a check",
        f"{still.flagged_by_judges:,} flagged by a judge",
    ]
    items = "".join(f"<li><span>{escape(part)}</span></li>" for part in parts)
    st.html(f'<h4 class="xs-part">Still in it</h4><ul class="xs-list">{items}</ul>')
    with st.container(horizontal=True):
        st.page_link(NEAR_DUPLICATES, label="Near-duplicates", icon=":material/content_copy:")
        st.page_link(CONTAMINATION, label="Contamination", icon=":material/shield:")


def _draw_problem(problem: Problem) -> None:
    st.html(
        f'<div class="xs-error" role="alert"><b>{text_html(problem.words, 400)}</b>'
        f"{text_html(problem.way_out, 400)}</div>"
    )


def _short(count: int) -> str:
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k")):
        if count >= size:
            return f"{count / (1_000 if letter == 'k' else size):,.1f} {letter}"
    return f"{count:,}"
