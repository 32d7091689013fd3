"""The rows of the leaderboard: sorted, filtered, pinned, chosen for a comparison, downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from pages.parts.counted import counted
from pages.parts.leaderboard_address import in_url, put_keys
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import EVALUATION, FAILURES
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from pages.parts.url_widgets import url_choice, url_select, url_text
from xlam_backend.bfcl.categories import Version
from xlam_backend.bfcl.columns import MAIN_COLUMNS, columns_of
from xlam_backend.domain.person import may
from xlam_backend.leaderboard.compare import MOST_COMPARED
from xlam_backend.leaderboard.rows import ORIGIN_WORDS, LeaderRow
from xlam_backend.leaderboard.view import (
    LeaderView,
    arrange,
    render_rows,
    source_text,
    sources_of,
)
from xlam_backend.owner import app_store

_LONGEST = 80
_COLUMNS = {"main": "the main ones", "all": "every column"}


def draw_rows(rows: tuple[LeaderRow, ...], version: Version) -> None:
    """Draw what is wanted of the rows."""
    view = _read_view(rows, version)
    shown = arrange(rows, view)
    if not shown:
        draw_empty("No row is like that.", "Take a word out of the filter.")
        return
    chosen = st.dataframe(
        _table(shown, view, version, is_whole=st.query_params.get("columns") == "all"),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"leaderboard_{version}",
        column_config=_column_config(version, view.sort),
        height=min(620, 36 * len(shown) + 40),
        placeholder="N/A",
    )
    picked = [shown[place] for place in chosen["selection"]["rows"] if place < len(shown)]
    _draw_acts(picked, shown, version)
    for row in picked[:MOST_COMPARED]:
        _draw_details(row, version)


def _read_view(rows: tuple[LeaderRow, ...], version: Version) -> LeaderView:
    titles = {name: column.title for name, column in columns_of(version).items()}
    text, sort, origin, source, columns = st.columns([3, 3, 2, 4, 2], vertical_alignment="bottom")
    with text:
        words = url_text("Filter", "text", "a model, an organization, a licence")
    with sort:
        by = url_choice(
            "Sort by", "sort", {**titles, "model": "Model", "date": "Date, newest first"}, usual="overall"
        )
    with origin:
        kind = url_select("Rows", "origin", list(ORIGIN_WORDS), placeholder="all", only_these=True)
    with source:
        chosen = url_select(
            "Source",
            "source",
            sources_of(rows),
            show=partial(one_line, longest=60),
            only_these=True,
            placeholder="every source",
        )
    with columns:
        url_choice("Columns", "columns", _COLUMNS, usual="main")
    return LeaderView(sort=by, text=words, origin=kind, source=chosen, pinned=in_url("pin", rows))


def _table(
    rows: Sequence[LeaderRow], view: LeaderView, version: Version, *, is_whole: bool
) -> dict[str, list[object]]:
    names = list(columns_of(version)) if is_whole else list(MAIN_COLUMNS[version])
    table: dict[str, list[object]] = {
        "pin": ["📌" if row.key in view.pinned else "" for row in rows],
        "model": [_model_words(row) for row in rows],
        "rows": [row.origin for row in rows],
    }
    if any("overall" in row.of_what_was_run for row in rows):
        table["of what was run"] = [row.of_what_was_run.get("overall") for row in rows]
    for name in names:
        table[name] = [row.values.get(name) for row in rows]
        if name == view.sort:
            table["95 %"] = [_interval_words(row, name) for row in rows]
    table["source"] = [one_line(row.source, _LONGEST) for row in rows]
    table["date"] = [row.date for row in rows]
    table["parameters"] = [None if row.size is None else row.size.billions for row in rows]
    table["licence"] = [one_line(row.licence, 40) for row in rows]
    table["notes"] = [one_line("; ".join(row.notes), 300) for row in rows]
    return table


def _model_words(row: LeaderRow) -> str:
    name = one_line(row.model, _LONGEST)
    return f"{name} (scripted model)" if row.is_scripted else name


def _interval_words(row: LeaderRow, column: str) -> str:
    bounds = row.intervals.get(column)
    return "" if bounds is None else f"{bounds[0]:.1f} to {bounds[1]:.1f}"


def _column_config(version: Version, sort: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(column.title, help=column.words, format="%.2f")
        for name, column in columns_of(version).items()
    }
    config |= {
        "pin": st.column_config.TextColumn("", width=30, help="Pinned rows stay on top."),
        "model": st.column_config.TextColumn("Model", pinned=True),
        "rows": st.column_config.TextColumn(
            "Whose", help="; ".join(f"{name}: {words}" for name, words in ORIGIN_WORDS.items())
        ),
        "of what was run": st.column_config.NumberColumn(
            "Of what was run",
            help="The overall formula over the categories that were run, where the overall is withheld.",
            format="%.2f",
        ),
        "95 %": st.column_config.TextColumn(
            "95 %",
            help=f"The interval of {columns_of(version)[sort].title}." if sort in columns_of(version) else "",
        ),
        "source": st.column_config.TextColumn("Source"),
        "date": st.column_config.TextColumn("Date", help="Of publication, or of the evaluation."),
        "parameters": st.column_config.NumberColumn(
            "Billion parameters",
            help="Counted, from the paper's Table 1, or told by the name.",
            format="%.4g",
        ),
        "licence": st.column_config.TextColumn("Licence"),
        "notes": st.column_config.TextColumn("Notes"),
    }
    return config


def _draw_acts(picked: Sequence[LeaderRow], shown: Sequence[LeaderRow], version: Version) -> None:
    pinned = in_url("pin", shown)
    keys = tuple(row.key for row in picked)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Compare {len(picked)}" if len(picked) > 1 else "Compare",
            type="primary",
            icon=":material/compare_arrows:",
            disabled=not 2 <= len(picked) <= MOST_COMPARED,
            help=f"Tick 2 to {MOST_COMPARED} rows; the first of them is what the others are held against.",
            on_click=put_keys,
            args=("compare", keys),
        )
        st.button(
            "Pin on top",
            icon=":material/keep:",
            disabled=not picked or set(keys) <= set(pinned),
            on_click=put_keys,
            args=("pin", tuple(dict.fromkeys((*pinned, *keys)))),
        )
        if pinned:
            left = tuple(key for key in pinned if key not in keys) if picked else ()
            st.button("Unpin", icon=":material/keep_off:", on_click=put_keys, args=("pin", left))
        _draw_download(shown, version)
        draw_note(
            f"{counted(len(shown), 'row')}. Tick rows to see their source and notes, and to compare them."
        )


def _draw_download(shown: Sequence[LeaderRow], version: Version) -> None:
    person = current_person()
    if not may(person, "export"):
        return
    st.download_button(
        "Download as CSV",
        partial(render_rows, app_store(), shown, version, person=person, now=datetime.now(UTC)),
        file_name=f"leaderboard_{version}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download_leaderboard",
    )


def _draw_details(row: LeaderRow, version: Version) -> None:
    columns = columns_of(version)
    parts = [f"{text_html(source_text(row), 300)} · {ORIGIN_WORDS[row.origin]}"]
    if row.link:
        parts.append(text_html(row.link, 200))
    parts += [text_html(note, 300) for note in row.notes]
    if row.missing:
        titles = ", ".join(columns[name].title for name in row.missing if name in columns)
        parts.append(f"not run: {titles}")
    chip = f" {scripted_chip()}" if row.is_scripted else ""
    lines = "".join(f'<p class="xs-note">{part}</p>' for part in parts)
    with st.container(border=True):
        st.html(f"<b>{text_html(row.model, 200)}</b>{chip}{lines}")
        if row.evaluation_no:
            number = {"evaluation": str(row.evaluation_no)}
            with st.container(horizontal=True):
                st.page_link(
                    EVALUATION, label="Its answers", icon=":material/fact_check:", query_params=number
                )
                st.page_link(
                    FAILURES, label="Its failures", icon=":material/troubleshoot:", query_params=number
                )
