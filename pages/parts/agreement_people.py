"""One row a person: how much, how fast, how steady, how right."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from pages.parts.charts import draw_choosing
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.page_head import draw_note
from pages.parts.rate_chart import rate_mark
from pages.parts.safe_text import one_line
from pages.parts.url_view import put_in_url
from xlam_backend.charts.bars import ACCENT, IntervalMark, interval_plot
from xlam_backend.review.agreement import AgreementReport, PersonAgreement
from xlam_backend.statistics.estimate import show_estimate
from xlam_backend.statistics.intervals import Rate, show_rate, show_share

MOST_ROWS = 20
NARROW_ROOM = 0.6


def draw_people(report: AgreementReport) -> None:
    """Draw what each person did, and the table with every number."""
    st.subheader("By person", anchor=False)
    columns = st.columns(3, gap="large")
    with columns[0]:
        _draw_seconds(report)
    with columns[1]:
        _draw_rates(
            report,
            "Same answer when shown again",
            "No item was shown twice to anybody: a queue can repeat some.",
            lambda person: person.repeats.same,
            "repeats",
        )
    with columns[2]:
        _draw_rates(
            report,
            "Known answers given",
            "No item with a known answer was reviewed: decided items can become gold items.",
            lambda person: person.gold,
            "gold",
        )
    draw_as_table(
        (
            "Person",
            "Verdicts",
            "Seconds each",
            "Unsure",
            "Same as others",
            "Same when shown again",
            "Kappa",
            "Known answers",
        ),
        [
            LinkRow(person.person, _cells(person), _address(person.person, "differ"))
            for person in report.people
        ],
        label="Every number of every person, with links to where they differ from others",
    )


def _draw_seconds(report: AgreementReport) -> None:
    draw_note("Seconds per verdict: median, and where the middle half lies")
    marks = [
        IntervalMark(
            person.person,
            one_line(person.person, 40),
            person.seconds.median,
            person.seconds.low or 0.0,
            person.seconds.high or 0.0,
            f"{person.seconds.median:.1f} s ({person.seconds.low:.1f} to {person.seconds.high:.1f})",
            ACCENT,
            value=f"{person.seconds.median:.1f} s  of {person.seconds.n:,}",
        )
        for person in report.people[:MOST_ROWS]
        if person.seconds.median is not None
    ]
    figure = interval_plot(marks, room=NARROW_ROOM, is_share=False)
    draw_choosing(figure, key="seconds", choose=lambda name: _open(name, "differ"))


def _draw_rates(
    report: AgreementReport, title: str, none_yet: str, rate_of: Callable[[PersonAgreement], Rate], show: str
) -> None:
    draw_note(title)
    marks = [
        rate_mark(
            person.person,
            one_line(person.person, 40),
            rate_of(person),
            value=f"{show_share(rate_of(person))}  of {rate_of(person).total:,}",
            colour=ACCENT,
        )
        for person in report.people
        if rate_of(person).total
    ][:MOST_ROWS]
    if not marks:
        draw_note(none_yet)
        return
    figure = interval_plot(marks, room=NARROW_ROOM)
    draw_choosing(figure, key=f"people_{show}", choose=lambda name: _open(name, show))


def _cells(person: PersonAgreement) -> tuple[str, ...]:
    seconds = person.seconds
    pace = "" if seconds.median is None else f"{seconds.median:.1f} ({seconds.low:.1f} to {seconds.high:.1f})"
    return (
        f"{person.verdict_count:,}",
        pace,
        show_rate(person.unsure),
        show_rate(person.with_others),
        show_rate(person.repeats.same),
        show_estimate(person.repeats.kappa),
        show_rate(person.gold),
    )


def _open(name: str, show: str) -> None:
    put_in_url("person", name)
    put_in_url("other", "")
    put_in_url("show", show)


def _address(name: str, show: str) -> str:
    kept = {key: value for key, value in st.query_params.to_dict().items() if key != "other"}
    return "agreement?" + urlencode({**kept, "person": name, "show": show})
