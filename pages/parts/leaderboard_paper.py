"""What the leaderboard's columns mean, and the tables of the xLAM paper."""

from __future__ import annotations

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from xlam_backend.bfcl.categories import Version, category_by_name
from xlam_backend.bfcl.columns import Column, categories_in, columns_of
from xlam_backend.leaderboard.paper import Cell, CellKind, PaperTable, read_paper

_LEFT_OPEN = "–"


def draw_column_words(version: Version) -> None:
    """Draw every column of a version: what it asks, what it is made of, how many questions."""
    rows = [
        LinkRow(column.title, (_made_of(column), _question_count(column, version)), words=column.words)
        for column in columns_of(version).values()
    ]
    st.html(table_html(("Column", "Made of", "Questions"), rows))
    draw_note(
        "A column of which a category was not run is N/A here, and so is the overall; the official tool "
        "counts it as zero. Intervals are of 95 %: Wilson's for a category, and for what is made of several "
        "categories, theirs joined."
    )


def _made_of(column: Column) -> str:
    if not column.parts:
        return "its own questions"
    titles = [part.title for part in column.parts]
    if column.how == "weights":
        titles = [f"{100 * weight:g} % {title}" for weight, title in zip(column.weights, titles, strict=True)]
    return f"{column.how}: {', '.join(titles)}"


def _question_count(column: Column, version: Version) -> str:
    return f"{sum(category_by_name(name).count(version) for name in categories_in(column)):,}"


def draw_paper() -> None:
    """Draw Tables 1 to 4; Table 5 stands among the scores of v2."""
    paper = read_paper()
    draw_note(f"{paper.source}, {paper.date}. Table 5 stands among the scores of v2.")
    for table in paper.tables:
        if table.number < 5:
            _draw_table(table)


def _draw_table(table: PaperTable) -> None:
    st.html(f"<h4>Table {table.number}: {table.title}</h4>")
    rows = [
        LinkRow(
            str(row[0]), tuple(_cell(cell, kind) for cell, kind in zip(row[1:], table.kinds[1:], strict=True))
        )
        for row in table.rows
    ]
    st.html(table_html(table.heads, rows))
    if table.note:
        draw_note(table.note)


def _cell(cell: Cell, kind: CellKind) -> str:
    if cell is None:
        return _LEFT_OPEN
    return f"{100 * cell:.1f} %" if kind == "share" and isinstance(cell, float) else str(cell)
