"""The figures of the pairs: how many count and why the others do not, origins, margins, reasons, samples."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pages.parts.answer_words import ORIGIN_WORDS
from pages.parts.charts import draw_chart, draw_choosing
from pages.parts.link_table import LinkRow, draw_as_table, table_html
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.url_view import put_in_url
from xlam_backend.charts.bars import Bar, StackedRow, count_bars, stacked_bars
from xlam_backend.charts.histogram import histogram
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.domain.pair import PairOrigin
from xlam_backend.preference.counting import Outcome
from xlam_backend.preference.figures import OriginFigures, PreferenceFigures
from xlam_backend.statistics.intervals import show_interval, show_share

_GOOD = "#3d9a6c"
_QUIET = "#93a4bd"
_BY_PEOPLE = ("people dropped it", "people see no better side", "people disagree")
_ORIGIN_COLOURS: dict[PairOrigin, str] = {"generated": "#4f7be0", "corruption": "#c7822b"}


def draw_numbers(figures: PreferenceFigures) -> None:
    """Draw the page's few numbers."""
    settled = {"confirmed": 0, "flipped": 0}
    for one in figures.origins:
        for standing in settled:
            settled[standing] += one.standings.get(standing, 0)  # type: ignore[call-overload]
    alarms = sum(figures.alarms.values())
    draw_facts(
        [
            Fact(f"{figures.counting:,}", "pairs count", f"of {figures.total:,}", "fine"),
            Fact(f"{settled['confirmed']:,}", "confirmed by people"),
            Fact(f"{settled['flipped']:,}", "turned round by people"),
            Fact(
                f"{alarms:,}",
                "alarms: sides may stand the wrong way round",
                "",
                "alarm" if alarms else "fine",
            ),
        ]
    )
    if any(one.scripted for one in figures.origins):
        st.html(f"<p>{scripted_chip()}</p>")


def draw_ways(figures: PreferenceFigures) -> None:
    """Draw which pairs count and why the others do not; a bar opens the pairs behind it."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html('<h4 class="xs-part">What becomes of the pairs</h4>')
        bars = [
            Bar(outcome, outcome, count, colour=_colour(outcome))
            for outcome, count in figures.outcomes.items()
        ]
        draw_choosing(
            count_bars(bars, unit="pairs"),
            key="preference_outcomes",
            choose=lambda outcome: put_in_url("outcome", outcome),
        )
        rows = [
            LinkRow(outcome, (f"{count:,}",), preference_address(outcome=outcome))
            for outcome, count in figures.outcomes.items()
        ]
        draw_as_table(("What becomes of them", "Pairs"), rows)
    with right:
        st.html('<h4 class="xs-part">Where they come from</h4>')
        heads = ("Rejected side", "Pairs", "Count", "Confirmed", "Turned round")
        st.html(table_html(heads, [_origin_row(one) for one in figures.origins]))
        _draw_samples(figures)


def draw_margins_and_reasons(figures: PreferenceFigures) -> None:
    """Draw how the margins are spread, and what is wrong with the rejected sides of those that count."""
    left, right = st.columns(2, gap="large")
    with left:
        st.html('<h4 class="xs-part">Margins: how much higher the chosen side is rated</h4>')
        if figures.margins:
            bins = [(each.low, each.high, each.total) for each in figures.margins]
            draw_chart(histogram(bins, unit="pairs"), key="preference_margins")
            rows = [
                LinkRow(f"{each.low:g} to {each.high:g}", (f"{each.total:,}", f"{each.counting:,}"))
                for each in figures.margins
            ]
            draw_as_table(("Margin", "Pairs", "Count"), rows, label="As a table")
        draw_note(f"{figures.unrated:,} pairs have no margin: a rule or the calls themselves decide them.")
    with right:
        st.html('<h4 class="xs-part">What is wrong with the rejected side</h4>')
        draw_chart(
            stacked_bars([_reason_row(*item) for item in figures.reasons.items()], unit="pairs"),
            key="preference_reasons",
        )
        rows = [
            LinkRow(reason, (f"{sum(by.values()):,}",), preference_address(reason=reason, outcome="counts"))
            for reason, by in figures.reasons.items()
        ]
        draw_as_table(("Reason", "Pairs that count"), rows)


def preference_address(**more: str) -> str:
    """Return the address of the page as it is, with these parameters in place of its own."""
    kept = {name: text for name, text in st.query_params.to_dict().items() if name not in ("page", "pair")}
    return "preferences?" + urlencode({**kept, **more})


def _colour(outcome: Outcome) -> str:
    if outcome == "counts":
        return _GOOD
    return LEVEL_LOOKS["warn"].fill if outcome in _BY_PEOPLE else _QUIET


def _origin_row(one: OriginFigures) -> LinkRow:
    cells = (one.total, one.counting, one.standings.get("confirmed", 0), one.standings.get("flipped", 0))
    words = f"{one.scripted:,} by the scripted model" if one.scripted else ""
    return LinkRow(
        ORIGIN_WORDS[one.origin],
        tuple(f"{count:,}" for count in cells),
        preference_address(**{"from": one.origin}),
        words,
    )


def _reason_row(reason: str, by_origin: Mapping[PairOrigin, int]) -> StackedRow:
    parts = [
        Bar(reason, ORIGIN_WORDS[origin], count, note=_ORIGIN_NOTES[origin], colour=_ORIGIN_COLOURS[origin])
        for origin, count in by_origin.items()
    ]
    return StackedRow(reason, tuple(parts))


_ORIGIN_NOTES: dict[PairOrigin, str] = {"generated": "answered", "corruption": "planted"}


def _draw_samples(figures: PreferenceFigures) -> None:
    """Draw how often people confirmed the pairs of each kind that they have settled."""
    if not figures.confirmed:
        draw_note("Nobody has settled a pair yet: send a sample to a review queue.")
        return
    rows = [
        LinkRow(
            f"{_ORIGIN_NOTES[kind.origin]}, {kind.reason}",
            (
                f"{kind.rate.hits:,} of {kind.rate.total:,}",
                show_share(kind.rate),
                show_interval(kind.rate),
            ),
        )
        for kind in figures.confirmed
    ]
    draw_as_table(
        ("Kind", "Confirmed", "Share", "95 % interval"), rows, label="How often people confirmed each kind"
    )
