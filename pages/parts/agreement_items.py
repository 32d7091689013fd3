"""The items behind the numbers of an agreement."""

from __future__ import annotations

import streamlit as st

from pages.parts.answer_words import DISPOSITION_WORDS, FLAG_WORDS, PREFERENCE_WORDS
from pages.parts.counted import counted
from pages.parts.item_links import desk_address, draw_item_links
from pages.parts.link_table import LinkRow
from pages.parts.names import item_title
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, show_hidden
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from pages.parts.url_widgets import url_choice, url_select
from xlam_backend.domain.person import Person
from xlam_backend.review.agreement import AgreementReport
from xlam_backend.review.agreement_items import ITEM_CHOICES, AgreementItem, read_agreement_items
from xlam_backend.review.questions import QuestionName

_WORDS = {
    str(key): words
    for known in (FLAG_WORDS, PREFERENCE_WORDS, DISPOSITION_WORDS)
    for key, words in known.items()
}


def draw_items(report: AgreementReport, person: Person) -> None:
    """Draw the choice of items, and the items with everybody's answers that this person may see."""
    st.subheader("Items", anchor=False)
    left, middle, right = st.columns(3)
    people = [each.person for each in report.people]
    with left:
        which = url_choice("Show items where", "show", ITEM_CHOICES, usual="differ")
    with middle:
        one = url_select("By", "person", people, show=show_hidden, placeholder="anybody")
    with right:
        other = url_select("And", "other", people, show=show_hidden, placeholder="anybody else")
    items = read_cached(
        "agreement_items",
        read_agreement_items,
        read_number("queue", 0),
        st.query_params.get("check", ""),
        report.question.name,
        which=which,
        people=tuple(name for name in (one, other) if name),
        viewer=person,
    )
    if not items.total:
        draw_note("There is none.")
        return
    visible = [item for item in items.shown if not item.is_withheld]
    draw_note(f"{counted(items.total, 'item')} where {ITEM_CHOICES[which]}. Each opens at the desk.")
    draw_item_links(
        ("Item", "About", "Queue", "Answers"),
        [_item_row(item, report.question.name) for item in visible],
        total=items.total,
        withheld=len(items.shown) - len(visible),
    )


def _item_row(item: AgreementItem, question: QuestionName) -> LinkRow:
    answers = [
        f"{one_line(given.person, 40)}{' (first time)' * given.is_first}: {_answer(question, given.answer)}"
        for given in item.answers
    ]
    if item.known:
        answers.append(f"known answer: {_answer(question, item.known)}")
    return LinkRow(
        f"Item {item.item_no:,}",
        (one_line(item_title(item.check), 60), one_line(item.queue, 40), " · ".join(answers)),
        desk_address(item.item_no),
    )


def _answer(question: QuestionName, answer: str) -> str:
    return f"{answer} of 5" if question == "rating" else _WORDS.get(answer, answer)
