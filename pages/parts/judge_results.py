"""What the judges have said so far, by judge, model and prompt version; each leads to its records."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.parts.link_table import LinkRow, explore_address, table_html
from pages.parts.names import judge_title
from pages.parts.page_head import draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.safe_text import text_html
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.judges.overview import RatingCount
from xlam_backend.statistics.intervals import rate, show_interval, show_share

_HEADS = ("Judge and model", "Judged", "Flagged", "Share", "95 % interval", "Mean score", "Not judged")
_MOST_REASONS = 12
_FEW = 3  # so many are unfolded at first: people would rather look than read


def draw_results(counts: Sequence[RatingCount]) -> None:
    """Draw the table, and below it the spread of what each said."""
    st.html(table_html(_HEADS, [_row(count) for count in counts]))
    draw_note("A name leads to the records in which that judge flagged something, through whichever model.")
    for at, count in enumerate(counts):
        with st.expander(
            f"{judge_title(count.judge)}, {_version(count)}: how it spreads",
            expanded=len(counts) <= _FEW,
            key=f"spread_{at}",
        ):
            _draw_spread(count)


def _row(count: RatingCount) -> LinkRow:
    flagged = rate(count.flagged_count, count.judged_count)
    scripted = f" · {SCRIPTED_LABEL}" if count.is_scripted else ""
    return LinkRow(
        judge_title(count.judge),
        (
            f"{count.judged_count:,}",
            f"{count.flagged_count:,}",
            show_share(flagged),
            show_interval(flagged),
            "" if count.mean_score is None else f"{count.mean_score:.2f} of {count.scale_high:g}",
            f"{count.not_judged_count:,}",
        ),
        explore_address(judge=count.judge),
        f"{count.model[:120]} · {_version(count)}{scripted}",
    )


def _version(count: RatingCount) -> str:
    return f"prompt version {count.prompt_version} ({count.prompt_hash[:6]})"


def _draw_spread(count: RatingCount) -> None:
    scripted = f"{scripted_chip()} " if count.is_scripted else ""
    cost = "" if count.cost is None else f", cost {count.cost:,.4f}"
    st.html(
        f'<p class="xs-note">{scripted}{text_html(count.model, 200)} at {text_html(count.endpoint, 80)} · '
        f"{count.tokens:,} tokens{cost}</p>"
    )
    spread = [(f"{score:g}", hits) for score, hits in count.scores] or list(count.verdicts)
    if spread:
        st.html(_bars_html("Score" if count.scores else "Verdict", spread, count.judged_count))
    if count.reasons:
        shown = list(count.reasons[:_MOST_REASONS])
        st.html(_bars_html("Not judged, because", shown, count.not_judged_count))


def _bars_html(head: str, spread: Sequence[tuple[str, int]], total: int) -> str:
    """Return counts as rows with bars; the words may quote an endpoint."""
    most = max(hits for _, hits in spread)
    rows = "".join(
        f'<code title="{text_html(word, 400)}">{text_html(word, 200)}</code>'
        f'<i style="width:{100 * hits / most:.1f}%"></i>'
        f"<b>{hits:,} ({escape(show_share(rate(hits, total)))})</b>"
        for word, hits in spread
    )
    return f'<h4 class="xs-part">{escape(head)} · of {total:,}</h4><div class="xs-values">{rows}</div>'
