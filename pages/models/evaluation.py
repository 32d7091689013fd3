"""Evaluation: one model's answers to one question set: the score, what it is made of, and every answer."""

from __future__ import annotations

import streamlit as st

from pages.parts.evaluation_acts import draw_acts
from pages.parts.evaluation_item import draw_item
from pages.parts.evaluation_items import draw_items
from pages.parts.evaluation_list import set_title, source_words
from pages.parts.evaluation_score import draw_categories, draw_numbers, draw_readings
from pages.parts.page_head import draw_empty, draw_head, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import EVALUATE
from pages.parts.safe_text import text_html
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from xlam_backend.evaluation.overview import EvaluationView, read_view


def draw_whole(view: EvaluationView) -> None:
    """Draw the score, the categories, the stricter readings and the items."""
    draw_numbers(view)
    draw_acts(view)
    draw_categories(view)
    draw_readings(view)
    draw_items(view)


def draw_title(view: EvaluationView) -> None:
    """Draw whose answers these are."""
    one = view.evaluation
    chip = f" {scripted_chip()}" if one.is_scripted else ""
    st.html(
        f"<h3>{text_html(one.model, 160)}{chip}</h3>"
        f'<p class="xs-note">{text_html(set_title(one.question_set))}, edition {text_html(one.version, 10)}, '
        f"{text_html(one.mode, 20)} mode, {text_html(source_words(one), 200)}, "
        f"{one.made_at:%Y-%m-%d %H:%M} UTC, by {text_html(one.person, 80)}</p>"
    )
    if view.is_removed:
        draw_note("It was removed: nothing counts it until it is put back.")
    if view.set_words:
        draw_note(view.set_words)


draw_head("Evaluation", "The score of one model on one question set, and every answer behind it.")
number = read_number("evaluation", 0)
if not number:
    draw_empty("No evaluation is chosen.", "Choose one on the Evaluate page.")
    st.page_link(EVALUATE, label="Evaluate", icon=":material/quiz:")
else:
    shown = read_cached("evaluation_view", read_view, number)
    draw_title(shown)
    if item_id := st.query_params.get("item", ""):
        draw_item(shown, item_id)
    else:
        draw_whole(shown)
