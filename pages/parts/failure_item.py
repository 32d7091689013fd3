"""One failed answer, and the way from it to the training samples nearest to its question."""

from __future__ import annotations

import streamlit as st

from pages.parts.json_html import json_text
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import one_line, text_html
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.bfcl.nearest_answer import ArgumentDifference
from xlam_backend.bfcl.question import Question
from xlam_backend.domain.evaluation import EvaluationItem
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.evaluation.item_view import ItemView, read_item_view
from xlam_backend.feedback.error_codes import code_of, error_words

_LONGEST = 4_000
_LONGEST_LINE = 160
_MOST_ERRORS = 10
_MOST_ALLOWED = 6


def output_line(item: EvaluationItem) -> str:
    """Return an answer on one line."""
    text = item.output if isinstance(item.output, str) else json_text(item.output)
    return one_line(text, _LONGEST_LINE)


def draw_item(evaluation_no: int, item_id: str) -> None:
    """Draw one failed answer beside what is allowed."""
    with st.container(horizontal=True):
        st.button(
            "All failures of the slice",
            icon=":material/arrow_back:",
            on_click=put_in_url,
            args=("item", ""),
            type="tertiary",
        )
        st.button(
            "Training samples nearest to it",
            icon=":material/data_exploration:",
            on_click=put_in_url,
            args=("show", "data"),
            type="tertiary",
        )
    found = read_cached("item_view", read_item_view, evaluation_no, item_id)
    st.html(f"<h3>{text_html(found.item.item_id, 120)}</h3>{_verdict_html(found.item)}")
    if found.set_words:
        draw_note(found.set_words)
    _draw_differences(found.differences)
    if found.question is not None:
        _draw_question(found.question)
    _draw_answer(found)


def _draw_differences(differences: tuple[ArgumentDifference, ...]) -> None:
    """Draw what sets the answer apart from the nearest allowed one."""
    if differences:
        heads = ("What differs", "In the call of", "Argument", "The model gave", "Allowed")
        st.html(table_html(heads, [_difference_row(one) for one in differences]))


def _difference_row(one: ArgumentDifference) -> LinkRow:
    allowed = [one_line(json_text(value), 60) for value in one.allowed[:_MOST_ALLOWED]]
    allowed += ["…"] if len(one.allowed) > _MOST_ALLOWED else []
    allowed += ["or nothing at all"] if one.may_be_left_out else []
    is_given = one.kind not in ("missing call", "missing argument")
    return LinkRow(
        one.kind,
        (
            one_line(one.name, 80),
            one_line(one.argument, 60),
            one_line(json_text(one.got), 120) if is_given else "",
            ", ".join(allowed),
        ),
    )


def _draw_question(question: Question) -> None:
    with st.container(border=True):
        for turn in question.turns:
            for message in turn:
                st.html(
                    f'<span class="xs-chip xs-plain">{text_html(str(message.get("role", "")), 40)}</span>'
                )
                st.text(_whole(message.get("content", "")))
    names = ", ".join(str(one.get("name", "")) for one in question.functions)
    with st.expander(f"The tools on offer ({len(question.functions)})"):
        st.text(one_line(names, 400))
        st.json(list(question.functions), expanded=False)


def _draw_answer(found: ItemView) -> None:
    item = found.item
    left, right = st.columns(2, gap="large")
    with left:
        st.html("<b>What the model answered</b>")
        st.code(_whole(item.output), language=None, wrap_lines=True)
        if item.decoded:
            draw_note("Read as these calls:")
            st.code(_whole(json_text(item.decoded)), language="json", wrap_lines=True)
        elif item.decode_error:
            draw_note("No call could be read in it.")
    with right:
        st.html("<b>What is allowed</b>")
        if found.question is None:
            draw_note("Not known: the question is not at hand.")
        elif found.question.possible_answer is None:
            draw_note("No call is right here, or any: see the category.")
        else:
            for call in found.question.possible_answer:
                st.code(_whole(json_text(call)), language="json", wrap_lines=True)


def _whole(value: object) -> str:
    text = value if isinstance(value, str) else json_text(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… {len(text) - _LONGEST:,} more characters"


def _verdict_html(item: EvaluationItem) -> str:
    if item.is_valid is None:
        return f'<p><span class="xs-chip xs-plain">not answered</span> {text_html(item.reason, 400)}</p>'
    if item.is_valid:
        return '<p><span class="xs-chip xs-good">✔ right</span></p>'
    code = code_of(item)
    errors = "".join(f"<li>{text_html(error, 600)}</li>" for error in item.errors[:_MOST_ERRORS])
    return (
        f'<p><span class="xs-chip xs-reject">✖ {text_html(error_words(item.error_type), 120)}</span> '
        f'<span class="xs-chip xs-plain">{code}: {SPECTOOL_CODES[code]}</span> '
        f'<span class="xs-note">{text_html(item.error_type, 120)}</span></p>'
        f"<ul>{errors}</ul>"
    )
