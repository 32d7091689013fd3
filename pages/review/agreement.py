"""Agreement: how far reviewers agree with each other, with themselves, and with known answers."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.agreement_items import draw_items
from pages.parts.agreement_people import draw_people
from pages.parts.charts import draw_choosing
from pages.parts.estimates import axis_start, estimate_cells, estimate_mark
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.names import item_title, machine_title
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.routes import QUEUES
from pages.parts.safe_text import one_line, show_hidden
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url, read_number
from pages.parts.url_widgets import url_select
from xlam_backend.charts.bars import interval_plot
from xlam_backend.charts.matrix import Field, matrix
from xlam_backend.domain.person import Person
from xlam_backend.review.agreement import (
    AgreementChoices,
    AgreementReport,
    GroupAgreement,
    read_agreement,
    read_agreement_choices,
)
from xlam_backend.review.questions import QUESTIONS
from xlam_backend.review.statistics_csv import write_agreement_csv
from xlam_backend.statistics.estimate import show_bounds, show_estimate, show_value
from xlam_backend.statistics.intervals import show_interval, show_rate, show_share

MOST_ROWS = 20  # of a chart; longer lists go on in the table under it
MOST_IN_MATRIX = 14


def draw_filters(choices: AgreementChoices) -> AgreementReport:
    """Draw what can be chosen, and return the report on it."""
    names = {
        str(queue.queue_no): f"{show_hidden(queue.name)} ({queue.verdict_count:,})"
        for queue in choices.queues
    }
    columns = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    with columns[0]:
        url_select(
            "Queue", "queue", list(names), show=lambda key: names.get(key, key), placeholder="all queues"
        )
    with columns[1]:
        check = url_select(
            "Check or judge", "check", choices.checks, show=machine_title, placeholder="all of them"
        )
    with columns[2]:
        question = url_select(
            "Question",
            "question",
            list(QUESTIONS),
            show=_question_title,
            placeholder="the one answered most often",
            only_these=True,
        )
    report = read_cached("agreement", read_agreement, read_number("queue", 0), check, question)
    with columns[3]:
        st.download_button(
            "Download CSV",
            data=lambda: write_agreement_csv(report),
            file_name="xlam-studio-agreement.csv",
            mime="text/csv",
            icon=":material/download:",
        )
    return report


def draw_report(report: AgreementReport, person: Person) -> None:
    """Draw a report that holds answers."""
    overall = report.overall
    draw_note(f"Question: {report.question.title}")
    draw_facts(_facts(report))
    if not overall.shared_count:
        draw_empty(
            "Nobody has answered an item that somebody else answered too.",
            "Agreement needs an overlap of 2 or more: choose it when you draw a queue.",
        )
        st.page_link(QUEUES, label="Queues", icon=":material/inbox:")
    else:
        left, right = st.columns(2, gap="large")
        with left:
            _draw_groups(report)
        with right:
            _draw_pairs(report)
    draw_people(report)
    draw_items(report, person)


def _question_title(name: str) -> str:
    return QUESTIONS[name].title if name in QUESTIONS else name


def _facts(report: AgreementReport) -> list[Fact]:
    overall = report.overall
    alpha = overall.alpha
    return [
        Fact(f"{overall.verdict_count:,}", "answers to this question", f"on {overall.item_count:,} items"),
        Fact(f"{overall.shared_count:,}", "items with two answers or more"),
        Fact(show_share(overall.same), "of them answered alike by all", show_interval(overall.same)),
        Fact(show_value(alpha), "Krippendorff's alpha", show_bounds(alpha) or alpha.undefined_because),
        Fact(
            show_value(overall.fleiss.kappa),
            "Fleiss' kappa",
            _fleiss_words(overall),
        ),
    ]


def _fleiss_words(group: GroupAgreement) -> str:
    kappa = group.fleiss.kappa
    if kappa.value is None:
        return kappa.undefined_because
    left_out = f", {group.fleiss.left_out:,} others left out" if group.fleiss.left_out else ""
    return f"{show_bounds(kappa)}, items with {group.fleiss.rater_count} answers{left_out}"


def _group_title(group: GroupAgreement) -> str:
    return f"{one_line(item_title(group.check), 40)} · {one_line(group.queue, 30)}"


def _draw_groups(report: AgreementReport) -> None:
    st.subheader("By queue and check", anchor=False)
    shared = [group for group in report.groups if group.shared_count]
    shared.sort(key=lambda group: -group.shared_count)
    defined = [group for group in shared if group.alpha.value is not None]
    draw_note(
        "Krippendorff's alpha with its 95 % interval: 1 is full agreement, 0 what chance would give; below "
        "0.67 conclusions are shaky. A click shows the items that were answered differently."
    )
    if defined:
        marks = [
            estimate_mark(f"{group.queue_no} {group.check}", _group_title(group), group.alpha)
            for group in defined[:MOST_ROWS]
        ]

        def open_group(key: str) -> None:
            queue, _, check = key.partition(" ")
            _open(queue=queue, check=check, show="differ")

        figure = interval_plot(marks, room=0.32, lowest=axis_start(marks), is_share=False)
        draw_choosing(figure, key="by_group", choose=open_group)
    if len(defined) < len(shared):
        draw_note(
            f"{len(shared) - len(defined):,} more are undefined, most often because everyone gave the same "
            "answer: the table names them."
        )
    draw_as_table(
        ("Check and queue", "Alpha", "95 % interval", "Items", "Alike", "For ±0.10"),
        [
            LinkRow(
                _group_title(group),
                (*estimate_cells(group.alpha), show_rate(group.same), _wanted(group)),
                _address(queue=str(group.queue_no), check=group.check, show="differ"),
            )
            for group in shared
        ],
    )


def _wanted(group: GroupAgreement) -> str:
    if group.wanted_count is None:
        return ""
    more = group.wanted_count - group.shared_count
    return f"{more:,} more" if more > 0 else "enough"


def _draw_pairs(report: AgreementReport) -> None:
    st.subheader("By pair of people", anchor=False)
    if not report.pairs:
        draw_note("No two people have answered the same item.")
        return
    draw_note(
        "Cohen's kappa of the items both answered"
        + (", weighted by distance" if report.question.weights != "none" else "")
        + ". A click shows where the two differ."
    )
    busiest = sorted(report.people, key=lambda person: (-person.with_others.total, person.person))
    people = sorted(person.person for person in busiest[:MOST_IN_MATRIX])
    place = {name: index for index, name in enumerate(people)}
    fields = []
    for number, pair in enumerate(report.pairs):
        if pair.first in place and pair.second in place:
            note = (
                f"{pair.first} and {pair.second}: {show_estimate(pair.kappa)}; alike {show_rate(pair.same)}"
            )
            for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
                fields.append(
                    Field(
                        place[one],
                        place[other],
                        str(number),
                        "undef." if pair.kappa.value is None else show_value(pair.kappa),
                        note,
                        pair.kappa.value,
                    )
                )

    def open_pair(key: str) -> None:
        pair = report.pairs[int(key)]
        _open(person=pair.first, other=pair.second, show="differ")

    draw_choosing(matrix(people, people, fields, is_scale=True), key="by_pair", choose=open_pair)
    if len(report.people) > len(people):
        draw_note(f"The {len(people)} people with the most shared items; the table has all.")
    draw_as_table(
        ("Pair", "Kappa", "95 % interval", "Items", "Alike"),
        [
            LinkRow(
                f"{pair.first} · {pair.second}",
                (*estimate_cells(pair.kappa), show_rate(pair.same)),
                _address(person=pair.first, other=pair.second, show="differ"),
            )
            for pair in report.pairs
        ],
    )


def _open(**params: str) -> None:
    for name, value in params.items():
        put_in_url(name, value)


def _address(**params: str) -> str:
    kept = {name: value for name, value in st.query_params.to_dict().items() if name not in params}
    return "agreement?" + urlencode({**kept, **{name: value for name, value in params.items() if value}})


draw_head(
    "Agreement",
    "How far reviewers agree with each other, with themselves, and with known answers.",
)
found = read_cached("agreement_choices", read_agreement_choices)
if not found.queues:
    draw_empty("Nobody has answered anything yet.", "Draw a queue and review some of its items first.")
    st.page_link(QUEUES, label="Queues", icon=":material/inbox:")
else:
    answered = draw_filters(found)
    if answered.verdict_count:
        draw_report(answered, current_person())
    else:
        draw_empty("Nobody has answered any of these.", "Choose another queue or check.")
