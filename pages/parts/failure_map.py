"""Failures as a map: categories against SpecTool's patterns, or against the scorer's own error types."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
import streamlit as st

from pages.parts.charts import draw_choosing
from pages.parts.counted import counted
from pages.parts.failure_choice import error_title
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.page_head import draw_note
from pages.parts.url_view import put_in_url
from pages.parts.url_widgets import url_choice
from xlam_backend.charts.matrix import Field, matrix
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.feedback.failures import CategoryFailures, FailureStatistics
from xlam_backend.statistics.intervals import rate, show_rate

_BY = {"code": "SpecTool's patterns", "error": "the scorer's error types"}
_MOST_TYPES = 14


def draw_map(found: FailureStatistics) -> None:
    """Draw the map, and the same as a table with links."""
    if not found.counts:
        draw_note("Every answer that was scored is right.")
        return
    choice, _ = st.columns([2, 5])
    with choice:
        by = url_choice("Categories against", "by", _BY, usual="code")
    lines = [line for line in found.categories if line.wrong.hits]
    columns = _columns(found, by)
    fields = [
        field
        for row, line in enumerate(lines)
        for column, name in enumerate(columns)
        if (field := _field(found, line, name, row, column, by)) is not None
    ]
    draw_choosing(
        matrix(
            [line.category for line in lines],
            [_short(name) if by == "error" else name for name in columns],
            fields,
        ),
        key=f"failure_map_{by}",
        choose=_choose,
    )
    if by == "code":
        shown = [f"{name}: {SPECTOOL_CODES[name]}" for name in columns if name in SPECTOOL_CODES]
        draw_note("The fuller the colour, the larger the share of a category's answers. " + " · ".join(shown))
    draw_as_table(
        ("Category", "What is wrong", "Pattern", "Failures"),
        [
            LinkRow(
                one.category,
                (error_title(one.error_type), one.code, _share_words(found, one.category, one.count)),
                _address(found, one.category, one.error_type),
            )
            for one in sorted(found.counts, key=lambda one: -one.count)
        ],
    )


def _short(error_type: str) -> str:
    """Return an error type as short as the head of a column.

    >>> _short("type_error:simple"), _short("simple_function_checker:wrong_count")
    ('type: simple', 'wrong count')
    """
    kind, _, detail = error_type.rpartition(":")
    if kind in ("type_error", "value_error"):
        return f"{kind.removesuffix('_error')}: {detail}"
    return detail.replace("_", " ")


def _columns(found: FailureStatistics, by: str) -> list[str]:
    if by == "code":
        return [code for code in SPECTOOL_CODES if found.count(code=code)]
    types = {one.error_type for one in found.counts}
    return sorted(types, key=lambda name: -found.count(error_type=name))[:_MOST_TYPES]


def _field(
    found: FailureStatistics, line: CategoryFailures, name: str, row: int, column: int, by: str
) -> Field | None:
    chosen = {"code": name} if by == "code" else {"error_type": name}
    count = found.count(category=line.category, **chosen)
    if not count:
        return None
    total = line.wrong.total
    title = SPECTOOL_CODES.get(name, "") if by == "code" else error_title(name)
    note = f"{line.category}, {name}: {title}. {counted(count, 'failure')} of {total:,} scored answers"
    key = msgspec.json.encode([line.category, by, name]).decode()
    return Field(row, column, key, f"{count:,}", note, count / total)


def _choose(key: str) -> None:
    category, by, name = msgspec.json.decode(key, type=tuple[str, str, str])
    put_in_url("category", category)
    put_in_url("code", name if by == "code" else "")
    put_in_url("error", name if by == "error" else "")
    put_in_url("item", "")


def _address(found: FailureStatistics, category: str, error_type: str) -> str:
    given = {"evaluation": str(found.evaluation.evaluation_no), "category": category, "error": error_type}
    return f"failures?{urlencode(given)}"


def _share_words(found: FailureStatistics, category: str, count: int) -> str:
    total = next(line.wrong.total for line in found.categories if line.category == category)
    return f"{count:,}: {show_rate(rate(count, total))}"
