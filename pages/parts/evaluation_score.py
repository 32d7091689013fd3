"""The score of an evaluation: few numbers, each category with its interval, and stricter readings."""

from __future__ import annotations

import streamlit as st

from pages.parts.charts import draw_choosing
from pages.parts.evaluation_list import evaluation_address
from pages.parts.link_table import LinkRow, draw_as_table, table_html
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.rate_chart import rate_cells, rate_mark
from pages.parts.safe_text import one_line
from pages.parts.url_view import put_in_url
from xlam_backend.bfcl.overall import Overall
from xlam_backend.charts.bars import ACCENT, interval_plot
from xlam_backend.evaluation.overview import CategoryResult, EvaluationView
from xlam_backend.evaluation.shown import percent
from xlam_backend.statistics.intervals import show_interval, show_share


def draw_numbers(view: EvaluationView) -> None:
    """Draw the page's few numbers."""
    overall = view.overall
    withheld = overall.value is None
    missing = len(overall.missing)
    interval = (
        "" if overall.low is None or overall.high is None else f"{overall.low:.1f} to {overall.high:.1f} %"
    )
    draw_facts(
        [
            Fact(
                percent(overall.value),
                "overall accuracy",
                f"withheld: {missing:,} categories have no score"
                if missing
                else "withheld"
                if withheld
                else interval,
            ),
            *(
                [Fact(percent(overall.mean_of_run), "the same sum over what was run", interval)]
                if withheld
                else []
            ),
            Fact(f"{view.right.hits:,}", f"right of {view.right.total:,} scored", _share(view)),
            Fact(
                f"{view.not_answered:,}",
                "not answered",
                "never scored",
                "alarm" if view.not_answered else "",
            ),
            Fact(f"{view.input_tokens + view.output_tokens:,}", "tokens", _cost(view)),
        ]
    )
    for reason, count in view.reasons[:5]:
        draw_note(f"Not answered, {count:,}: {one_line(reason, 300)}")


def _share(view: EvaluationView) -> str:
    return f"{show_share(view.right)}, {show_interval(view.right)}" if view.right.total else ""


def _cost(view: EvaluationView) -> str:
    return f"{view.output_tokens:,} of them out" + ("" if view.cost is None else f", cost {view.cost:,.2f}")


def draw_categories(view: EvaluationView) -> None:
    """Draw each category with its interval; a click shows its answers."""
    st.subheader("By category", anchor=False)
    marks = [
        rate_mark(one.category.name, one.category.name, one.right, colour=ACCENT) for one in view.categories
    ]
    draw_choosing(
        interval_plot(marks), key=f"categories_{view.evaluation.evaluation_no}", choose=_choose_category
    )
    heads = ("Category", "Right", "Scored", "Share", "95 % interval", "Not answered", "Official count")
    draw_as_table(heads, [_row(view, one) for one in view.categories])
    if view.not_run:
        names = ", ".join(one.name for one in view.not_run)
        draw_note(f"Not run, so without a score: {names}.")
    _draw_columns(view.overall)


def _choose_category(name: str) -> None:
    put_in_url("category", name)


def _row(view: EvaluationView, one: CategoryResult) -> LinkRow:
    return LinkRow(
        one.category.name,
        (*rate_cells(one.right), f"{one.not_answered:,}", f"{one.official_count:,}"),
        evaluation_address(view.evaluation.evaluation_no, category=one.category.name),
    )


def _draw_columns(overall: Overall) -> None:
    from_parts = {name: score for name, score in overall.columns.items() if score.total}
    if not from_parts:
        return
    with st.expander("As the leaderboard's columns"):
        rows = [
            LinkRow(
                name,
                (
                    percent(score.value),
                    percent(score.of_what_was_run),
                    ""
                    if score.low is None or score.high is None
                    else f"{score.low:.1f} to {score.high:.1f} %",
                    percent(score.official),
                ),
            )
            for name, score in from_parts.items()
        ]
        st.html(
            table_html(("Column", "Score", "Of what was run", "95 % interval", "With the rest as zero"), rows)
        )
        draw_note(
            "With the rest as zero: what the official tool would print, which counts what was not run as 0."
        )


def draw_readings(view: EvaluationView) -> None:
    """Draw the stricter readings beside the official score."""
    if view.strict is None or view.malformed is None:
        return
    with st.expander("Stricter readings"):
        draw_note(
            "Where no function helps, the official score counts an answer that cannot be read as right, even "
            "when it is a call that is written wrongly. And a model that always answers in words has a score "
            "too: what a real score should be held against."
        )
        rows = [
            _reading("Official", view.overall),
            _reading("Without malformed calls", view.strict),
            *([_reading("A constant answer in words", view.floor)] if view.floor else []),
        ]
        st.html(table_html(("Reading", "Overall", "Of what was run", "Right"), rows))
        heads = ("Category", "Right", "Of these malformed", "A constant answer would have")
        st.html(table_html(heads, [_reading_row(one) for one in view.categories]))


def _reading(name: str, overall: Overall) -> LinkRow:
    whole = overall.columns["overall"]
    return LinkRow(
        name,
        (percent(overall.value), percent(overall.mean_of_run), f"{whole.correct:,} of {whole.total:,}"),
    )


def _reading_row(one: CategoryResult) -> LinkRow:
    return LinkRow(
        one.category.name,
        (
            f"{one.right.hits:,}",
            "" if one.malformed is None else f"{one.malformed:,}",
            "" if one.floor is None else f"{one.floor.correct:,}",
        ),
    )
