"""The categories of requests: how large they are, examples, and changing names and borders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from pages.parts.charts import draw_clickable
from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, draw_as_table, explore_address
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.rate_chart import rate_cells
from pages.parts.routes import open_explore
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.activities.category_run import start_sorting
from xlam_backend.charts.bars import Bar, count_bars
from xlam_backend.curation.categories import CategoryCount, Scheme, merge, read_examples, rename
from xlam_backend.domain.category import KINDS, LONGEST_NAME, MOST_CATEGORIES, CategorySettings
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.statistics.intervals import rate

_MOST_BARS = 30


def draw_categories(scheme: Scheme | None) -> None:
    """Draw the categories that count, or the way to the first."""
    st.subheader("Categories", anchor=False)
    if scheme is None:
        draw_empty("Nothing was sorted yet.", "Sort the requests into groups that are alike.")
    else:
        _draw_chart(scheme)
        _draw_editing(scheme)
    _draw_form(is_first=scheme is None)


def _draw_chart(scheme: Scheme) -> None:
    shown = scheme.categories[:_MOST_BARS]
    by_key = {str(each.category_no): each.name for each in shown}
    bars = [Bar(str(each.category_no), one_line(each.name, 60), each.count) for each in shown]
    draw_clickable(
        count_bars(bars, unit="trajectories"),
        key=f"categories_{scheme.scheme_no}",
        open_key=lambda key: open_explore(category=by_key[key]),
    )
    rows = [
        LinkRow(
            each.name,
            rate_cells(rate(each.count, scheme.trajectory_count)),
            explore_address(category=each.name),
            ", ".join(each.words),
        )
        for each in scheme.categories
    ]
    draw_as_table(("Category", "Trajectories", "of", "Share", "95 % interval"), rows)
    hidden = len(scheme.categories) - len(shown)
    more = f" The chart shows the {len(shown)} largest, the table all." if hidden > 0 else ""
    new = (
        f" {scheme.not_sorted_count:,} general-instruction records have none: sort again."
        if scheme.not_sorted_count
        else ""
    )
    draw_note(f"Groups of like embeddings, named after words that are frequent in them.{more}{new}")


def _draw_editing(scheme: Scheme) -> None:
    with st.expander("Change names, merge", icon=":material/edit:", key="edit_categories"):
        if not may_or_say("curate"):
            return
        by_number = {each.category_no: each for each in scheme.categories}
        number = st.selectbox(
            "Category",
            list(by_number),
            format_func=lambda chosen: one_line(by_number[chosen].name, 80),
            key="edited_category",
        )
        if number is not None:
            _draw_one(by_number[number], by_number)


def _draw_one(chosen: CategoryCount, by_number: dict[int, CategoryCount]) -> None:
    for example in read_cached("category_examples", read_examples, chosen.category_no):
        st.html(
            f'<p class="xs-note"><a href="trajectory?id={text_html(example.trajectory_id)}">'
            f"{text_html(one_line(example.query, 160))}</a></p>"
        )
    left, right = st.columns(2, gap="large", vertical_alignment="bottom")
    name = left.text_input(
        "Name", value=chosen.name[:LONGEST_NAME], max_chars=LONGEST_NAME, key=f"name_{chosen.category_no}"
    )
    if left.button("Rename", key="rename_category", disabled=not name.strip() or name == chosen.name):
        _change(partial(rename, app_store(), chosen.category_no, name))
    others = [number for number in by_number if number != chosen.category_no]
    into = right.selectbox(
        "Make it a part of",
        others,
        index=None,
        format_func=lambda number: one_line(by_number[number].name, 80),
        key=f"into_{chosen.category_no}",
    )
    if right.button("Merge", key="merge_category", disabled=into is None) and into is not None:
        _change(partial(merge, app_store(), chosen.category_no, into))
    for part in chosen.merged:
        if st.button(f"Let category {part} stand alone again", key=f"apart_{part}", icon=":material/undo:"):
            _change(partial(merge, app_store(), part, part))


def _change(act: Callable[..., None]) -> None:
    try:
        act(person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    st.rerun()


def _draw_form(*, is_first: bool) -> None:
    with st.expander("Sort into categories", icon=":material/category:", expanded=is_first, key="sort"):
        if not may_or_say("run"):
            return
        left, right = st.columns(2, gap="large")
        default = CategorySettings()
        count = left.number_input("How many", 1, MOST_CATEGORIES, default.count, key="category_count")
        kind = right.radio(
            "What",
            KINDS,
            horizontal=True,
            key="category_kind",
            help="General instruction: no tools, no calls.",
        )
        seed = left.number_input("Seed", 0, 2**31, default.seed, key="category_seed")
        model = right.text_input(
            "Embedding model", key="category_model", placeholder="the one that comes with the product"
        )
        if st.button("Sort", type="primary", icon=":material/category:", key="start_sorting"):
            settings = CategorySettings(count, kind, "", seed, model.strip())
            try:
                start_sorting(app_store(), settings, person=current_person(), now=datetime.now(UTC))
            except XlamError as error:
                show_error(error)
                return
            st.rerun()
