"""One answer in full: what was asked, what came, what was read in it, and what sets it apart."""

from __future__ import annotations

import streamlit as st

from pages.parts.evaluation_items import read_selection
from pages.parts.json_html import json_text, value_html
from pages.parts.page_head import draw_note
from pages.parts.routes import FAILURES
from pages.parts.safe_text import one_line, text_html
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.bfcl.nearest_answer import ArgumentDifference
from xlam_backend.evaluation.item_view import ItemView, read_item_view
from xlam_backend.evaluation.overview import EvaluationView
from xlam_backend.feedback.error_codes import error_words

_LONGEST = 20_000
_MOST_DIFFERENCES = 100


def draw_item(view: EvaluationView, item_id: str) -> None:
    """Draw one answer, with the ways to its neighbours."""
    number = view.evaluation.evaluation_no
    shown = read_cached("evaluation_item", read_item_view, number, item_id, read_selection())
    _draw_ways(shown)
    draw_answer_in_full(shown)


def draw_answer_in_full(shown: ItemView) -> None:
    """Draw the verdict on an answer, the answer beside what is allowed, and what was asked."""
    st.html(f"<h4>{text_html(shown.item.item_id, 160)}</h4>{_verdict_html(shown)}")
    left, right = st.columns(2, gap="large")
    with left:
        _draw_answer(shown)
    with right:
        _draw_allowed(shown)
    _draw_asked(shown)


def _draw_ways(shown: ItemView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "All answers",
            icon=":material/arrow_back:",
            on_click=put_in_url,
            args=("item", ""),
            type="tertiary",
        )
        st.button(
            "Before",
            icon=":material/chevron_left:",
            on_click=put_in_url,
            args=("item", shown.before),
            disabled=not shown.before,
        )
        st.button(
            "Next",
            icon=":material/chevron_right:",
            on_click=put_in_url,
            args=("item", shown.after),
            disabled=not shown.after,
        )
        if shown.item.is_valid is False:
            st.page_link(
                FAILURES,
                label="Training samples nearest to it",
                icon=":material/data_exploration:",
                query_params={
                    "evaluation": str(shown.evaluation.evaluation_no),
                    "item": shown.item.item_id,
                    "show": "data",
                },
            )


def _verdict_html(shown: ItemView) -> str:
    item = shown.item
    if item.is_valid is None:
        return f'<p><span class="xs-chip xs-plain">not answered</span> {text_html(item.reason, 600)}</p>'
    notes = []
    if shown.is_malformed:
        notes.append("right only because the call in it cannot be read: a stricter reading does not count it")
    if shown.is_floor:
        notes.append("a constant answer in words would be right here too")
    note = "".join(f'<p class="xs-note">{text_html(words)}</p>' for words in notes)
    if item.is_valid:
        return f'<p><span class="xs-chip xs-good">✔ right</span></p>{note}'
    errors = "".join(f"<li>{text_html(error, 1_000)}</li>" for error in item.errors[:20])
    return (
        f'<p><span class="xs-chip xs-reject">✖ {text_html(error_words(item.error_type), 160)}</span> '
        f'<span class="xs-note">{text_html(item.error_type, 160)}</span></p><ul>{errors}</ul>{note}'
    )


def _draw_answer(shown: ItemView) -> None:
    item = shown.item
    st.html("<b>What the model answered</b>")
    if item.is_valid is None:
        draw_note("Nothing came back.")
        return
    text = item.output if isinstance(item.output, str) else json_text(item.output)
    st.code(_cut(text) or "(nothing)", language=None, wrap_lines=True)
    figures = [f"{item.input_tokens:,} tokens in", f"{item.output_tokens:,} out"]
    if item.seconds is not None:
        figures.append(f"{item.seconds:.2f} s")
    if item.cost is not None:
        figures.append(f"cost {item.cost:.5f}")
    draw_note(", ".join(figures))
    st.html("<b>Read as these calls</b>")
    if item.decoded:
        st.code(_cut(json_text(item.decoded)), language="json", wrap_lines=True)
    else:
        draw_note(item.decode_error or "No call.")


def _draw_allowed(shown: ItemView) -> None:
    if shown.differences:
        st.html(
            f"<b>What sets it apart from the nearest allowed answer</b>{_differences_html(shown.differences)}"
        )
    st.html("<b>What is allowed</b>")
    question = shown.question
    if question is None:
        draw_note(shown.set_words)
    elif question.possible_answer is None:
        kind = question.its_category.kind
        draw_note("Any call." if kind == "relevance" else "No call: none of the functions helps.")
    else:
        for call in question.possible_answer:
            st.code(_cut(json_text(call)), language="json", wrap_lines=True)
        draw_note(
            "Each argument lists the values that are right; an empty text among them: it may be left out."
        )


def _differences_html(differences: tuple[ArgumentDifference, ...]) -> str:
    rows = "".join(_difference_html(one) for one in differences[:_MOST_DIFFERENCES])
    more = len(differences) - _MOST_DIFFERENCES
    rest = f'<p class="xs-note">… and {more:,} more</p>' if more > 0 else ""
    return f'<div class="xs-diff">{rows}</div>{rest}'


def _difference_html(one: ArgumentDifference) -> str:
    place = [] if one.call_no is None else [f"call {one.call_no + 1}"]
    place += [part for part in (one.name, one.argument) if part]
    lines = [f'<div class="xs-place">{text_html(", ".join(place), 400)}: {one.kind}</div>']
    if one.got is not None:
        lines.append(f'<div class="xs-minus">− {text_html(json_text(one.got), 4_000)}</div>')
    allowed = " or ".join(json_text(value) for value in one.allowed)
    if allowed or one.may_be_left_out:
        left_out = " (or left out)" if one.may_be_left_out else ""
        lines.append(f'<div class="xs-plus">+ {text_html(allowed, 4_000)}{left_out}</div>')
    if one.words:
        lines.append(f'<div class="xs-note">{text_html(one.words, 600)}</div>')
    return "".join(lines)


def _draw_asked(shown: ItemView) -> None:
    st.html('<h4 class="xs-part">What was asked</h4>')
    asked, question = shown.asked, shown.question
    if shown.asked_words:
        draw_note(shown.asked_words)
    messages = [(one.role, one.content) for one in asked.messages] if asked else []
    if not asked and question is not None:
        messages = [
            (str(one.get("role", "")), str(one.get("content", ""))) for turn in question.turns for one in turn
        ]
    for role, text in messages:
        st.html(f'<span class="xs-chip xs-plain">{text_html(role, 40)}</span>')
        st.code(_cut(text), language=None, wrap_lines=True)
    tools = list(asked.tools) if asked and asked.tools is not None else []
    if not asked and question is not None:
        tools = list(question.functions)
    if tools:
        names = ", ".join(str(tool.get("name", "")) for tool in tools)
        with st.expander(f"The functions on offer ({len(tools):,})"):
            st.text(one_line(names, 400))
            st.html(f"<pre>{value_html(tools)}</pre>")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… {len(text) - _LONGEST:,} more characters"
