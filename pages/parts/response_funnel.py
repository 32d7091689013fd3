"""How far the answers of each model came: a chart of what became of them, and the figures behind it."""

from __future__ import annotations

import streamlit as st

from pages.parts.charts import draw_chart
from pages.parts.link_table import LinkRow, draw_as_table, table_html
from pages.parts.page_head import Fact, draw_facts
from pages.parts.rating_words import scripted_chip
from pages.parts.safe_text import one_line
from xlam_backend.charts.bars import Bar, StackedRow, stacked_bars
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.domain.candidate import CLASSIFICATIONS, Classification
from xlam_backend.responses.funnel import ModelFunnel, ResponseFunnel
from xlam_backend.statistics.intervals import show_interval, show_share

_COLOURS: dict[Classification, str] = {
    "rejected": LEVEL_LOOKS["reject"].fill,
    "unclear": LEVEL_LOOKS["warn"].fill,
    "same": "#3d9a6c",
    "unusable": "#93a4bd",
}
_MEANINGS: dict[Classification, str] = {
    "same": "makes the same calls as the trajectory: no preference, never a pair",
    "rejected": "differs, and the rules or the judge say that it is worse: the rejected side of a pair",
    "unclear": "differs, and nothing says that it is worse",
    "unusable": "no reply, or one that cannot be read",
}


def draw_funnel(funnel: ResponseFunnel) -> None:
    """Draw the few numbers, the chart by model, and the tables."""
    counts = [one.count for one in funnel.models]
    asked, parsed = sum(one.asked_count for one in counts), sum(one.parsed_count for one in counts)
    draw_facts(
        [
            Fact(f"{asked:,}", "answers", f"of {len(counts):,} models"),
            Fact(f"{parsed:,}", "could be read", f"of {asked:,}"),
            Fact(f"{_classified(funnel, 'same'):,}", "no preference", "they make the same calls"),
            Fact(f"{_classified(funnel, 'rejected'):,}", "rejected", f"of {parsed:,} that could be read"),
            Fact(f"{sum(one.pair_count for one in counts):,}", "pairs", "equal answers count once"),
        ]
    )
    if funnel.is_scripted:
        st.html(f"<p>{scripted_chip()}</p>")
    draw_chart(stacked_bars([_row(one) for one in funnel.models], unit="answers"), key="funnel")
    heads = (
        "Model",
        "Asked",
        "Replied",
        "Read",
        "Flagged by rules",
        "Rated",
        "Rejected",
        "Share",
        "95 % interval",
        "Pairs",
        "Tokens",
        "Cost",
    )
    draw_as_table(heads, [_cells(one) for one in funnel.models], label="How far they came, by model")
    with st.expander("Why, by model"):
        for one in funnel.models:
            rows = [LinkRow(because, (f"{hits:,}",)) for because, hits in one.becauses.items()]
            st.html(table_html((_name(one), "Answers"), rows))
    with st.expander("What the words mean"):
        words = "".join(
            f"<li><span><b>{word}</b></span><span>{_MEANINGS[word]}</span></li>" for word in CLASSIFICATIONS
        )
        st.html(f'<ul class="xs-list">{words}</ul>')


def _classified(funnel: ResponseFunnel, word: Classification) -> int:
    return sum(one.count.classified[word] for one in funnel.models)


def _name(one: ModelFunnel) -> str:
    return one_line(one.count.model, 60)


def _row(one: ModelFunnel) -> StackedRow:
    parts = [
        Bar(word, word, one.count.classified[word], note=word, colour=_COLOURS[word]) for word in _COLOURS
    ]
    return StackedRow(_name(one), tuple(part for part in parts if part.count))


def _cells(one: ModelFunnel) -> LinkRow:
    count = one.count
    figures = (
        count.asked_count,
        count.generated_count,
        count.parsed_count,
        count.flagged_count,
        count.rated_count,
        one.rejected.hits,
    )
    return LinkRow(
        count.model,
        (
            *(f"{figure:,}" for figure in figures),
            show_share(one.rejected),
            show_interval(one.rejected),
            f"{count.pair_count:,}",
            f"{count.tokens:,}",
            "no prices" if count.cost is None else f"{count.cost:,.2f}",
        ),
        words="scripted model" if count.is_scripted else "",
    )
