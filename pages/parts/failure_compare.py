"""Two models on the same questions: what was won and lost, category by category and one by one."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.counted import counted
from pages.parts.failure_choice import Look, evaluation_words
from pages.parts.failure_item import output_line
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from pages.parts.url_widgets import url_choice, url_page, url_select
from xlam_backend.feedback.comparing import (
    OUTCOME_WORDS,
    ComparedCategory,
    ComparedItem,
    ModelComparison,
    compare_models,
)
from xlam_backend.feedback.failures import FailureStatistics, list_evaluations
from xlam_backend.statistics.mcnemar import McNemar

_PAGE_SIZE = 25
_COLUMNS = (
    Column("Question", "18%"),
    Column("Category", "14%"),
    Column("Outcome", "14%"),
    Column("The other answered", "27%"),
    Column("This one answered", "27%"),
)


def draw_comparison(look: Look, statistics: FailureStatistics) -> None:
    """Draw the choice of the other model, and what this one wins and loses against it."""
    others = [
        one for one in read_cached("evaluations", list_evaluations) if one.evaluation_no != look.evaluation_no
    ]
    if not others:
        draw_empty("There is no other evaluation.", "Evaluate another model on the same questions.")
        return
    by_number = {str(one.evaluation_no): one for one in others}
    chosen = url_select(
        "Compare with (as what was before)",
        "beside",
        list(by_number),
        show=lambda number: evaluation_words(by_number[number]) if number in by_number else number,
        placeholder=evaluation_words(others[0]),
        only_these=True,
    )
    other = by_number.get(chosen, others[0])
    found = read_cached("models_compared", compare_models, other.evaluation_no, look.evaluation_no)
    for words in found.warnings:
        draw_note(f"▲ {words}")
    if not found.items:
        draw_empty("No question was answered by both.", "Choose an evaluation of the same questions.")
        return
    _draw_numbers(found)
    st.html(
        table_html(
            ("Category", "Won", "Lost", "Both wrong", "Both right", "Gain in points", "McNemar, exact p"),
            [_line(one) for one in (found.overall, *found.categories)],
        )
    )
    draw_note(
        "Won: the other was wrong, this one is right. The gain is of the questions that both answered, with "
        "its 95 % interval; p is of the questions they differ on, for each line by itself."
    )
    first, second, _ = st.columns([2, 2, 3])
    with first:
        outcome = url_choice("Questions", "outcome", OUTCOME_WORDS, usual="lost")
    with second:
        url_select("Category", "category", [line.category for line in statistics.categories])
    _draw_items(found, outcome, look)


def _draw_numbers(found: ModelComparison) -> None:
    test = found.overall.test
    left_out = found.only_first_count + found.only_second_count
    draw_facts(
        [
            Fact(
                f"{test.only_second:,}", "won", "wrong before, right now", "fine" if test.only_second else ""
            ),
            Fact(
                f"{test.only_first:,}", "lost", "right before, wrong now", "alarm" if test.only_first else ""
            ),
            Fact(_gain(test), "points gained", _p_words(test)),
            Fact(
                f"{len(found.items):,}",
                "questions that both answered",
                f"{counted(left_out, 'other')} left out" if left_out else "",
            ),
        ]
    )


def _line(one: ComparedCategory) -> LinkRow:
    counts = one.counts
    return LinkRow(
        one.category or "all",
        (
            f"{counts['won']:,}",
            f"{counts['lost']:,}",
            f"{counts['both wrong']:,}",
            f"{counts['both right']:,}",
            _gain(one.test),
            _p(one.test.exact_p),
        ),
    )


def _gain(test: McNemar) -> str:
    gain = test.gain
    if gain.value is None or gain.low is None or gain.high is None:
        return "none"
    return f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"


def _p(value: float | None) -> str:
    return "" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _p_words(test: McNemar) -> str:
    return test.undefined_because if test.exact_p is None else f"McNemar, exact p {_p(test.exact_p)}"


def _draw_items(found: ModelComparison, outcome: str, look: Look) -> None:
    chosen = found.of(outcome=outcome, category=look.wanted.category)
    if not chosen:
        draw_empty("There is no such question.", "Choose another outcome or category.")
        return
    pages = -(-len(chosen) // _PAGE_SIZE)
    page = min(look.page, pages)
    shown = chosen[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
    opened = draw_table(_COLUMNS, [_row(one, look) for one in shown], key="compared_items")
    if opened:
        put_in_url("item", opened)
        put_in_url("show", "items")
        st.rerun()
    if pages > 1:
        url_page(page, pages)


def _row(one: ComparedItem, look: Look) -> Row:
    given = {"evaluation": str(look.evaluation_no), "item": one.second.item_id}
    return Row(
        id=one.second.item_id,
        href=f"failures?{urlencode(given)}",
        cells=(
            one_line(one.second.item_id, 60),
            one_line(one.second.category, 40),
            OUTCOME_WORDS[one.outcome],
            output_line(one.first) or "(nothing)",
            output_line(one.second) or "(nothing)",
        ),
    )
